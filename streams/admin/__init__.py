"""The rooms of streams in the back office."""

from streams.admin import (
    archives,
    recordings,
)

__all__ = [
    "archives",
    "recordings",
]
