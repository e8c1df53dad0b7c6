"""The channels of this release, by name."""

from engagement.notification_choices import NotificationChannel
from engagement.notifications.email_channel import EmailChannel
from engagement.notifications.port import Channel
from engagement.notifications.web_push_channel import WebPushChannel

CHANNELS: dict[str, Channel] = {
    NotificationChannel.EMAIL: EmailChannel(),
    NotificationChannel.WEB_PUSH: WebPushChannel(),
}
"""In the app nothing is carried anywhere: the notification itself is what arrives."""


def channel_of(name: str) -> Channel:
    """The channel of this name. Raises KeyError where nothing is carried by it."""
    return CHANNELS[name]
