"""The rooms of streams in the back office."""

from streams.admin import (
    access,
    archives,
    categories,
    content_labels,
    may_watch,
    people_in_streams,
    performer_page,
    recordings,
    search,
    streams,
    tags,
)

__all__ = [
    "access",
    "archives",
    "categories",
    "content_labels",
    "may_watch",
    "people_in_streams",
    "performer_page",
    "recordings",
    "search",
    "streams",
    "tags",
]
