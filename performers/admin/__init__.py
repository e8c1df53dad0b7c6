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
