"""What is on air and what remains of it."""

from streams.models.access_grant import AccessGrant
from streams.models.access_rule import AccessRule
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
from streams.models.ingest_key import IngestKey
from streams.models.live_listing import LiveListing, LiveListingSnapshot
from streams.models.participant import Participant, Release
from streams.models.private_show import PrivateShow
from streams.models.recording import Recording
from streams.models.search_document import SearchDocument
from streams.models.stream import Stream
from streams.models.stream_configuration import StreamConfiguration
from streams.models.stream_record import StreamMetadataVersion, StreamTransition
from streams.models.tag import Tag, TagAlias, TagMerge, TagMergeReversal
from streams.models.viewer_count_sample import ViewerCountSample

__all__ = [
    "AccessGrant",
    "AccessRule",
    "Archive",
    "Category",
    "CategoryAlias",
    "ContentLabel",
    "IngestKey",
    "LiveListing",
    "LiveListingSnapshot",
    "Participant",
    "PerformerCategory",
    "PerformerTag",
    "PrivateShow",
    "Recording",
    "Release",
    "SearchDocument",
    "Stream",
    "StreamCategory",
    "StreamConfiguration",
    "StreamLabel",
    "StreamMetadataVersion",
    "StreamTag",
    "StreamTransition",
    "Tag",
    "TagAlias",
    "TagMerge",
    "TagMergeReversal",
    "ViewerCountSample",
    "ViewerLabelPreference",
]
