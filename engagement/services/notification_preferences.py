"""What people want to be told, by which way, how soon, and when not."""

from datetime import time
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from engagement.models import NotificationPreference, NotificationQuietHours
from engagement.notification_choices import (
    MANDATORY_CATEGORIES,
    NotificationCategory,
    NotificationChannel,
    NotificationFrequency,
)
from engagement.notification_errors import PreferenceRefused

MANDATORY = "Receipts, decisions of moderation and notices of security cannot be muted or put off."


@transaction.atomic
def preference_set(
    *, user_id: UUID, category: str, channel: str, frequency: str, actor: User | None
) -> NotificationPreference:
    """Say how soon one wants to be told about something by a channel, or never.

    For people themselves, in their own role. Raises: PreferenceRefused (an unknown category, channel or frequency, a
    mandatory category, a digest of anything but e-mail).
    """
    known = {
        "category": (category, NotificationCategory),
        "channel": (channel, NotificationChannel),
        "frequency": (frequency, NotificationFrequency),
    }
    for name, (value, choices) in known.items():
        if value not in choices.values:
            raise PreferenceRefused(
                f"There is no {name} {str(value)[:40]!r}. Choose one of: {', '.join(choices.values)}."
            )
    if category in MANDATORY_CATEGORIES:
        raise PreferenceRefused(MANDATORY)
    wishes = NotificationPreference.objects.filter(user_id=user_id, category=category, channel=channel)
    with refused_as(PreferenceRefused):
        # Not update_or_create: it writes every column, which no role may.
        if not wishes.update(frequency=frequency):
            NotificationPreference.objects.create(
                user_id=user_id, category=category, channel=channel, frequency=frequency
            )
    return wishes.get()


@transaction.atomic
def quiet_hours_set(*, user_id: UUID, starts: time, ends: time, actor: User | None) -> NotificationQuietHours:
    """Be told nothing that can wait between two times of the own clock. Raises: PreferenceRefused (equal times)."""
    rows = NotificationQuietHours.objects.filter(user_id=user_id)
    with refused_as(PreferenceRefused):
        if not rows.update(starts=starts, ends=ends):
            NotificationQuietHours.objects.create(user_id=user_id, starts=starts, ends=ends)
    return rows.get()


@transaction.atomic
def quiet_hours_end(*, user_id: UUID, actor: User | None) -> bool:
    """Have no quiet hours any more; whether there were any."""
    deleted, _ = NotificationQuietHours.objects.filter(user_id=user_id).delete()
    return bool(deleted)
