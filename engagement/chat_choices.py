"""Values that columns of chat may hold; each is checked in the database too."""

from django.db.models import TextChoices


class RoomStatus(TextChoices):
    """Whether people can write in a room."""

    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class RoomModeKind(TextChoices):
    """What a room demands of those who write in it."""

    SLOW = "slow", "Slow"
    FOLLOWERS_ONLY = "followers_only", "Followers only"
    SUBSCRIBERS_ONLY = "subscribers_only", "Subscribers only"
    EMOTE_ONLY = "emote_only", "Emotes only"


class RoomRoleKind(TextChoices):
    """What somebody is in the rooms of a performer."""

    MODERATOR = "moderator", "Moderator"
    VIP = "vip", "VIP"


class MessageKind(TextChoices):
    """What a line of a room is."""

    USER = "user", "Message"
    SYSTEM = "system", "System"
    TIP = "tip", "Tip"
    ANNOUNCEMENT = "announcement", "Announcement"


class MessageStatus(TextChoices):
    """Who sees a message."""

    VISIBLE = "visible", "Visible"
    HELD = "held", "Held for review"
    REMOVED = "removed", "Removed"


class TermAction(TextChoices):
    """What becomes of a message that contains a blocked term."""

    HOLD = "hold", "Hold for review"
    REFUSE = "refuse", "Refuse"


class HoldReason(TextChoices):
    """Why a message was held."""

    TERM = "term", "Blocked term"
    DISGUISED_TERM = "disguised_term", "Disguised blocked term"


class HeldStatus(TextChoices):
    """What became of a held message."""

    PENDING = "pending", "Waits"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    EXPIRED = "expired", "Nobody decided in time"
