"""Choices of playback: what players report, who watches, and what was wrong with a report."""

from django.db.models import TextChoices


class PlaybackEventKind(TextChoices):
    """What a player did."""

    START = "start", "Began to play"
    HEARTBEAT = "heartbeat", "Still plays"
    SEEK = "seek", "Jumped to another place"
    STOP = "stop", "Stopped"


class DeviceClass(TextChoices):
    """On what it is watched."""

    DESKTOP = "desktop", "Computer"
    MOBILE = "mobile", "Telephone"
    TABLET = "tablet", "Tablet"
    TELEVISION = "television", "Television"
    OTHER = "other", "Something else"


class ReferrerClass(TextChoices):
    """From where the viewer came to the stream."""

    DIRECT = "direct", "Directly"
    INTERNAL = "internal", "From another page of ours"
    NOTIFICATION = "notification", "From a notification"
    RAID = "raid", "By a raid"
    SEARCH = "search", "From a search engine"
    SOCIAL = "social", "From a social network"
    OTHER = "other", "From elsewhere"


class AgeBand(TextChoices):
    """How old the viewer is, roughly; nobody under 18 watches."""

    FROM_18 = "18-24", "18 to 24"
    FROM_25 = "25-34", "25 to 34"
    FROM_35 = "35-44", "35 to 44"
    FROM_45 = "45-54", "45 to 54"
    FROM_55 = "55-64", "55 to 64"
    FROM_65 = "65+", "65 and older"


class SaltScope(TextChoices):
    """What keys under one salt have in common."""

    DAY = "day", "A day in UTC"
    STREAM = "stream", "A stream"


class RejectionReason(TextChoices):
    """Why an event of a player was not taken."""

    MALFORMED = "malformed", "It is no event: an id, number, code or kind that cannot be"
    NEGATIVE = "negative", "A duration or number is negative"
    FUTURE = "future", "It has not happened yet: the clock runs ahead"
    UNKNOWN_STREAM = "unknown_stream", "There is no such stream"
    UNKNOWN_VIEWER = "unknown_viewer", "There is no such person, or no more"
    BEFORE_STREAM = "before_stream", "The stream had not begun"
    AFTER_STREAM = "after_stream", "The stream was over"
    AFTER_DAY = "after_day", "The play goes on past the end of its day in UTC"
    TOO_LATE = "too_late", "The keys of its day or its stream are destroyed"
    REPEATED = "repeated", "It is there already"
