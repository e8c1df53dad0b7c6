"""Values that columns about notifications may hold; each is checked in the database too."""

from django.db.models import TextChoices


class NotificationCategory(TextChoices):
    """What a notification is about, as people choose what reaches them."""

    LIVE = "live", "Performers I follow go live"
    PLANNED = "planned", "Performers I follow plan a stream"
    SOCIAL = "social", "Followers, replies, raids and polls"
    MESSAGES = "messages", "Private messages"
    EARNINGS = "earnings", "Tips, gifts, rewards and goals"
    RECEIPTS = "receipts", "Receipts of payments and refunds"
    LEGAL = "legal", "Decisions of moderation"
    SECURITY = "security", "Security of the account"


MANDATORY_CATEGORIES = (
    NotificationCategory.RECEIPTS,
    NotificationCategory.LEGAL,
    NotificationCategory.SECURITY,
)
"""What nobody can mute, put off or collect: people are owed it."""


class NotificationChannel(TextChoices):
    """By which way somebody is told."""

    IN_APP = "in_app", "In the app"
    EMAIL = "email", "E-mail"
    WEB_PUSH = "web_push", "Web push"


DELIVERED_CHANNELS = (NotificationChannel.EMAIL, NotificationChannel.WEB_PUSH)
"""Channels that carry something out of the platform; in the app the notification itself is what arrives."""


class NotificationFrequency(TextChoices):
    """How soon somebody wants to be told."""

    IMMEDIATE = "immediate", "At once"
    DAILY = "daily", "Once a day, together"
    WEEKLY = "weekly", "Once a week, together"
    OFF = "off", "Never"


DIGESTS = (NotificationFrequency.DAILY, NotificationFrequency.WEEKLY)


class NotificationTemplateStatus(TextChoices):
    """Where a version of a template stands."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class NotificationEventStatus(TextChoices):
    """How far an event has spread."""

    RECORDED = "recorded", "Waits to be spread"
    SPREADING = "spreading", "Is being spread"
    SPREAD = "spread", "Spread to everybody"


class DeliveryStatus(TextChoices):
    """Where a delivery stands."""

    QUEUED = "queued", "Waits for its time"
    SENDING = "sending", "Is being sent"
    SENT = "sent", "Handed over"
    DELIVERED = "delivered", "Arrived"
    BOUNCED = "bounced", "Came back"
    FAILED = "failed", "Failed"
    SUPPRESSED = "suppressed", "Not sent"


OPEN_DELIVERIES = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
"""Deliveries with a next time."""


class SuppressionReason(TextChoices):
    """Why nothing is sent to an address any more."""

    BOUNCED = "bounced", "Mail to it came back for good"
    COMPLAINED = "complained", "Its owner called our mail unwanted"
    UNSUBSCRIBED = "unsubscribed", "Its owner asked for no more mail"
    STAFF = "staff", "A member of staff decided so"
