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
from streams.admin import (
    categories,
    content_labels,
    tags,
)

__all__ = [
    "categories",
    "content_labels",
    "tags",
]
from streams.admin import people_in_streams, performer_page, streams

__all__ = ["people_in_streams", "performer_page", "streams"]
