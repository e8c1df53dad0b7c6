"""Values of choices in streams."""

from django.db.models import TextChoices


class StreamStatus(TextChoices):
    """Where a stream stands."""

    SCHEDULED = "scheduled", "Scheduled"
    STARTING = "starting", "Starting"
    LIVE = "live", "Live"
    INTERRUPTED = "interrupted", "Interrupted"
    ENDED = "ended", "Ended"
    ARCHIVED = "archived", "Archived"
    ABORTED = "aborted", "Aborted"


class StreamEnd(TextChoices):
    """Why a stream ended or never went on air."""

    PERFORMER = "performer", "Ended by the performer"
    SILENCE = "silence", "No sign of life from the ingest server"
    STAFF = "staff", "Ended by staff"
    NEVER_LIVE = "never_live", "Never went on air"
    CANCELLED = "cancelled", "Cancelled before it began"
    IMPORTED = "imported", "Over before it was imported"


class Visibility(TextChoices):
    """Who may know that something exists. Who may watch it is said by access rules."""

    PUBLIC = "public", "Public"
    UNLISTED = "unlisted", "Unlisted: by address only"
    PRIVATE = "private", "Private: invited people only"


class RecordingStatus(TextChoices):
    """States as a recorder reports them (LiveKit egress, `EgressStatus`)."""

    STARTING = "starting", "Starting"
    ACTIVE = "active", "Active"
    ENDING = "ending", "Ending"
    COMPLETE = "complete", "Complete"
    FAILED = "failed", "Failed"
    ABORTED = "aborted", "Aborted"
    LIMIT_REACHED = "limit_reached", "Limit reached"


class ArchiveStatus(TextChoices):
    """Where the moderation of an archive stands."""

    PROCESSING = "processing", "Processing"
    PENDING = "pending", "Waits for review"
    APPROVED = "approved", "Approved"
    RESTRICTED = "restricted", "Restricted"
    REMOVED = "removed", "Removed"


class AccessKind(TextChoices):
    """What an access rule demands."""

    PUBLIC = "public", "Open to everybody"
    FOLLOWERS = "followers", "Followers"
    SUBSCRIBERS = "subscribers", "Subscribers"
    TICKET = "ticket", "Whoever has a ticket"
    PRIVATE_LIST = "private_list", "People on a private list"
    MINIMUM_AGE = "minimum_age", "A minimum age"
    COUNTRIES = "countries", "Countries"


class CountryMode(TextChoices):
    """How the countries of an access rule are meant."""

    ALLOWED = "allowed", "Only there"
    DENIED = "denied", "Everywhere but there"


class SearchKind(TextChoices):
    """What a search finds."""

    STREAM = "stream", "Stream"
    ARCHIVE = "archive", "Archive"
    PERFORMER = "performer", "Performer"


class CategoryNameKind(TextChoices):
    """What another name of a category is."""

    TRANSLATION = "translation", "Name in this language"
    SYNONYM = "synonym", "Another word for it"


class LabelSeverity(TextChoices):
    """How strong content with a label is."""

    MILD = "mild", "Mild"
    MODERATE = "moderate", "Moderate"
    STRONG = "strong", "Strong"


class LabelSource(TextChoices):
    """Who says that a stream contains something."""

    SELF = "self", "The performer"
    AUTOMATIC = "automatic", "A program"
    STAFF = "staff", "Staff"


class LabelAction(TextChoices):
    """What a viewer wants to happen to content with a label."""

    SHOW = "show", "Show"
    BLUR = "blur", "Blur"
    HIDE = "hide", "Hide"


class IngestProtocol(TextChoices):
    """How the performer's encoder sends."""

    RTMP = "rtmp", "RTMP"
    RTMPS = "rtmps", "RTMPS"
    SRT = "srt", "SRT"
    WHIP = "whip", "WHIP (WebRTC)"


class VideoCodec(TextChoices):
    """How pictures are compressed."""

    H264 = "h264", "H.264"
    HEVC = "hevc", "HEVC (H.265)"
    VP9 = "vp9", "VP9"
    AV1 = "av1", "AV1"


class RecordingProvider(TextChoices):
    """Whose recorder makes a recording."""

    LIVEKIT = "livekit", "LiveKit egress"
    IMPORT = "import", "Imported: recorded elsewhere"


class ReportOutcome(TextChoices):
    """What was done with a report of a recorder."""

    APPLIED = "applied", "Applied"
    STALE = "stale", "Stale: a later one was known"
    DUPLICATE = "duplicate", "Duplicate of another one"
    CONTRADICTORY = "contradictory", "Contradicts what stands"


class AudioCodec(TextChoices):
    """How sound is compressed."""

    AAC = "aac", "AAC"
    OPUS = "opus", "Opus"


class LatencyMode(TextChoices):
    """What viewers get: fewer seconds behind, or fewer interruptions."""

    NORMAL = "normal", "Normal"
    LOW = "low", "Low"
    ULTRA_LOW = "ultra_low", "Ultra low"


class ReleaseScope(TextChoices):
    """To what a participant consents."""

    BROADCAST = "broadcast", "Being shown live"
    RECORDING = "recording", "Being recorded and shown later"


class PrivateShowStatus(TextChoices):
    """Where a private show stands."""

    REQUESTED = "requested", "Requested"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined by the performer"
    CANCELLED = "cancelled", "Cancelled before it began"
    RUNNING = "running", "Running"
    ENDED = "ended", "Ended"


class RetentionClass(TextChoices):
    """How long an archive stays once it is published."""

    SHORT = "short", "14 days"
    STANDARD = "standard", "60 days"
    LONG = "long", "2 years"
    KEPT = "kept", "Until its performer deletes it"


class ArchiveDecisionKind(TextChoices):
    """What was decided about an archive."""

    APPROVE = "approve", "Approved"
    RESTRICT = "restrict", "Restricted"
    REMOVE = "remove", "Removed"
    RESTORE = "restore", "Restored: a removal reversed"


class CaptionKind(TextChoices):
    """Whom a track of text is for."""

    CAPTIONS = "captions", "Captions: speech and sounds"
    SUBTITLES = "subtitles", "Subtitles: speech"
    DESCRIPTIONS = "descriptions", "Descriptions of the picture"


class MuteReason(TextChoices):
    """Why a part of an archive has no sound."""

    RIGHTS = "rights", "Music or sound of somebody else"
    PRIVACY = "privacy", "Names or data of a person"
    REQUEST = "request", "Asked for by the performer"


class ClipStatus(TextChoices):
    """Where a clip stands."""

    ACTIVE = "active", "Active"
    REMOVED = "removed", "Removed"
