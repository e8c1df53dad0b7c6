"""What the services of this app refuse."""

from core.errors import Refused


class StreamRefused(Refused):
    """The stream breaks a rule, or is not in the state that this needs."""

    code = "stream_refused"


class RecordingRefused(Refused):
    """The recording breaks a rule, or is not in the state that this needs."""

    code = "recording_refused"


class RecordingUnknown(Refused):
    """A provider reports on a recording that nobody asked for."""

    code = "recording_unknown"


class ReportRefused(Refused):
    """A provider's report cannot be read, or uses the id of another one."""

    code = "report_refused"


class ArchiveRefused(Refused):
    """The archive breaks a rule, or is not in the state that this needs."""

    code = "archive_refused"


class ClipRefused(Refused):
    """The clip breaks a rule: it leaves its archive, is too short or too long, or was removed before."""

    code = "clip_refused"


class ProgressRefused(Refused):
    """The position does not lie within the archive, or there is no such archive to watch."""

    code = "progress_refused"
