"""What is on air and what remains of it."""

from streams.models.archive import Archive
from streams.models.catalogue import Category, ContentLabel, Tag
from streams.models.ingest_key import IngestKey
from streams.models.participant import Participant, Release
from streams.models.private_show import PrivateShow
from streams.models.recording import Recording
from streams.models.stream import Stream
from streams.models.stream_configuration import StreamConfiguration
from streams.models.stream_record import StreamMetadataVersion, StreamTransition
from streams.models.viewer_count_sample import ViewerCountSample

__all__ = [
    "Archive",
    "Category",
    "ContentLabel",
    "IngestKey",
    "Participant",
    "PrivateShow",
    "Recording",
    "Release",
    "Stream",
    "StreamConfiguration",
    "StreamMetadataVersion",
    "StreamTransition",
    "Tag",
    "ViewerCountSample",
]
