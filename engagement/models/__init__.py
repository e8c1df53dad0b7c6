"""Tables of what people do to one another."""

from engagement.models.block import Block
from engagement.models.delivery_attempt import DeliveryAttempt
from engagement.models.delivery_suppression import DeliverySuppression
from engagement.models.follow import Follow
from engagement.models.notification import Notification
from engagement.models.notification_event import NotificationEvent, NotificationEventKey
from engagement.models.notification_preference import NotificationPreference, NotificationQuietHours
from engagement.models.notification_template import NotificationTemplate, TemplateVersion
from engagement.models.notification_trigger import NotificationTrigger
from engagement.models.push_subscription import PushSubscription

__all__ = [
    "Block",
    "DeliveryAttempt",
    "DeliverySuppression",
    "Follow",
    "Notification",
    "NotificationEvent",
    "NotificationEventKey",
    "NotificationPreference",
    "NotificationQuietHours",
    "NotificationTemplate",
    "NotificationTrigger",
    "PushSubscription",
    "TemplateVersion",
]
