"""The token by which a mail is answered with "no more of this": who, about what, by which way; signed, not secret."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing

from engagement.notification_choices import NotificationCategory

SALT = "engagement.notifications.unsubscribing"
PATH = "/notifications/unsubscribe/"
LONGEST = 90 * 24 * 60 * 60
"""Seconds for which a mail can be answered: as long as we keep that it was sent."""


@dataclass(frozen=True)
class Unsubscription:
    """What somebody wants no more mail about."""

    user_id: UUID
    category: NotificationCategory


def unsubscribe_link(*, user_id: UUID, category: str) -> str:
    """The address that a mail program calls when somebody wants no more of a category."""
    token = signing.dumps([str(user_id), category], salt=SALT)
    return f"{settings.PUBLIC_ADDRESS}{PATH}{token}"


def unsubscription_read(token: str) -> Unsubscription | None:
    """What a token says, None for one that is forged, broken or too old."""
    try:
        user_id, category = signing.loads(token, salt=SALT, max_age=LONGEST)
        return Unsubscription(UUID(user_id), NotificationCategory(category))
    except (signing.BadSignature, ValueError, TypeError):
        return None
