"""Rooms of the back office for performers."""

from performers.admin import (  # noqa: F401  (each registers its rooms, panels, cards and searches)
    attributes,
    home,
    identity,
    names,
    profiles,
    search,
)
"""The rooms of performers in the back office."""

from performers.admin import (
    schedule,
    schedule_panels,
    settings_of_performer,
    studios,
)

__all__ = [
    "schedule",
    "schedule_panels",
    "settings_of_performer",
    "studios",
]
