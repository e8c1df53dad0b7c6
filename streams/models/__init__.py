"""What is on air and what remains of it."""

from streams.models.access_grant import AccessGrant
from streams.models.access_rule import AccessRule
from streams.models.archive import Archive
from streams.models.archive_decision import ArchiveDecision, ArchiveTransition
from streams.models.archive_part import ArchiveChapter, CaptionTrack, MutedSegment
from streams.models.catalogue_links import (
    PerformerCategory,
    PerformerTag,
    StreamCategory,
    StreamLabel,
    StreamTag,
)
from streams.models.category import Category, CategoryAlias
from streams.models.clip import Clip
from streams.models.content_label import ContentLabel, ViewerLabelPreference
from streams.models.ingest_key import IngestKey
from streams.models.live_listing import LiveListing, LiveListingSnapshot
from streams.models.object_removal import ObjectRemoval
from streams.models.participant import Participant, Release
from streams.models.private_show import PrivateShow
from streams.models.recording import Recording
from streams.models.recording_report import RecordingReport
from streams.models.rendition import Rendition
from streams.models.search_document import SearchDocument
from streams.models.stream import Stream
from streams.models.stream_configuration import StreamConfiguration
from streams.models.stream_record import StreamMetadataVersion, StreamTransition
from streams.models.tag import Tag, TagAlias, TagMerge, TagMergeReversal
from streams.models.viewer_count_sample import ViewerCountSample
from streams.models.viewing_progress import ViewingProgress

__all__ = [
    "AccessGrant",
    "AccessRule",
    "Archive",
    "ArchiveChapter",
    "ArchiveDecision",
    "ArchiveTransition",
    "CaptionTrack",
    "Category",
    "CategoryAlias",
    "Clip",
    "ContentLabel",
    "IngestKey",
    "LiveListing",
    "LiveListingSnapshot",
    "MutedSegment",
    "ObjectRemoval",
    "Participant",
    "PerformerCategory",
    "PerformerTag",
    "PrivateShow",
    "Recording",
    "RecordingReport",
    "Release",
    "Rendition",
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
    "ViewingProgress",
]
