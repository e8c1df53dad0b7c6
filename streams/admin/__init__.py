"""The rooms of streams in the back office."""

from streams.admin import (
    access,
    may_watch,
    search,
)

__all__ = [
    "access",
    "may_watch",
    "search",
]
