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
