"""What stands in the way of the archive, as sentences for whoever operates it."""

from core.errors import Refused


class PartitionArchiveRefused(Refused):
    """The archive cannot be written, read or brought back like this. Nothing was changed and nothing is lost."""

    code = "partition_archive_refused"


class ArchiveChanged(PartitionArchiveRefused):
    """A file or manifest is not the one that was written."""

    code = "archive_changed"
