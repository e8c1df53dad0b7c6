"""What is on air and what remains of it."""

from streams.models.archive import Archive
from streams.models.catalogue_links import (
    PerformerCategory,
    PerformerTag,
    StreamCategory,
    StreamLabel,
    StreamTag,
)
from streams.models.category import Category, CategoryAlias
from streams.models.content_label import ContentLabel, ViewerLabelPreference
from streams.models.recording import Recording
from streams.models.stream import Stream
from streams.models.tag import Tag, TagAlias, TagMerge, TagMergeReversal

__all__ = [
    "Archive",
    "Category",
    "CategoryAlias",
    "ContentLabel",
    "PerformerCategory",
    "PerformerTag",
    "Recording",
    "Stream",
    "StreamCategory",
    "StreamLabel",
    "StreamTag",
    "Tag",
    "TagAlias",
    "TagMerge",
    "TagMergeReversal",
    "ViewerLabelPreference",
]
