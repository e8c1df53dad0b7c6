"""What is on air and what remains of it."""

from streams.models.access_grant import AccessGrant
from streams.models.access_rule import AccessRule
from streams.models.archive import Archive
from streams.models.catalogue import Category, ContentLabel, Tag
from streams.models.live_listing import LiveListing, LiveListingSnapshot
from streams.models.recording import Recording
from streams.models.search_document import SearchDocument
from streams.models.stream import Stream

__all__ = [
    "AccessGrant",
    "AccessRule",
    "Archive",
    "Category",
    "ContentLabel",
    "LiveListing",
    "LiveListingSnapshot",
    "Recording",
    "SearchDocument",
    "Stream",
    "Tag",
]
