"""Rooms of the back office for performers."""

from performers.admin import (
    attributes,
    home,
    identity,
    names,
    panels,
    profiles,
    schedule,
    schedule_panels,
    search,
    settings_of_performer,
    studios,
)

__all__ = [
    "attributes",
    "home",
    "identity",
    "names",
    "panels",
    "profiles",
    "schedule",
    "schedule_panels",
    "search",
    "settings_of_performer",
    "studios",
]
