"""What is on air and what remains of it."""

from streams.models.archive import Archive
from streams.models.archive_decision import ArchiveDecision, ArchiveTransition
from streams.models.archive_part import ArchiveChapter, CaptionTrack, MutedSegment
from streams.models.catalogue import Category, ContentLabel, Tag
from streams.models.clip import Clip
from streams.models.object_removal import ObjectRemoval
from streams.models.recording import Recording
from streams.models.recording_report import RecordingReport
from streams.models.rendition import Rendition
from streams.models.stream import Stream
from streams.models.viewing_progress import ViewingProgress

__all__ = [
    "Archive",
    "ArchiveChapter",
    "ArchiveDecision",
    "ArchiveTransition",
    "CaptionTrack",
    "Category",
    "Clip",
    "ContentLabel",
    "MutedSegment",
    "ObjectRemoval",
    "Recording",
    "RecordingReport",
    "Rendition",
    "Stream",
    "Tag",
    "ViewingProgress",
]
