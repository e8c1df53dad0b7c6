"""Values that columns of private messages may hold; each is checked in the database too."""

from django.db.models import TextChoices


class MemberState(TextChoices):
    """What a member of a conversation said to it."""

    REQUESTED = "requested", "Asked, not answered"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class MessageStatus(TextChoices):
    """Who still sees a private message."""

    VISIBLE = "visible", "Visible"
    HIDDEN = "hidden", "Hidden by moderation"
    DELETED = "deleted", "Deleted by its sender"
    ERASED = "erased", "Erased with its sender"


class ScanStatus(TextChoices):
    """What is known of the file of an attachment. Only a clean one is ever served."""

    WAITING = "waiting", "Waits for its scan"
    CLEAN = "clean", "Clean"
    INFECTED = "infected", "Malicious"
    REFUSED = "refused", "Not what it was said to be"


class AttachmentType(TextChoices):
    """Formats that are accepted, IANA media types; each is recognised by its first bytes."""

    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"
    GIF = "image/gif", "GIF"
    WEBP = "image/webp", "WebP"
    MP4 = "video/mp4", "MP4"
    WEBM = "video/webm", "WebM"


class Finding(TextChoices):
    """Why a file was refused without a word of the scanner."""

    MISSING = "missing", "It was never uploaded"
    SIZE = "size", "It has another size"
    DIGEST = "digest", "It has another content"
    TYPE = "type", "It is of another type"
    TOO_LARGE = "too_large", "The scanner takes no file of this size"
