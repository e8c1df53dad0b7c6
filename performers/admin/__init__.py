"""Rooms of the back office for performers."""

from performers.admin import (  # noqa: F401  (each registers its rooms, panels, cards and searches)
    attributes,
    home,
    identity,
    names,
    profiles,
    search,
)
