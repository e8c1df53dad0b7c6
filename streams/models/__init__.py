"""What is on air and what remains of it."""

from streams.models.archive import Archive
from streams.models.catalogue import Category, ContentLabel, Tag
from streams.models.recording import Recording
from streams.models.stream import Stream

__all__ = [
    "Archive",
    "Category",
    "ContentLabel",
    "Recording",
    "Stream",
    "Tag",
]
