"""The rooms of streams in the back office."""

from streams.admin import (
    categories,
    content_labels,
    people_in_streams,
    performer_page,
    streams,
    tags,
)

__all__ = [
    "categories",
    "content_labels",
    "people_in_streams",
    "performer_page",
    "streams",
    "tags",
    archives,
    recordings,
)

__all__ = [
    "archives",
    "recordings",
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
