"""What people want to be told, by which way, and when not."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.notification_choices import (
    DIGESTS,
    MANDATORY_CATEGORIES,
    NotificationCategory,
    NotificationChannel,
    NotificationFrequency,
)
from engagement.notification_policies import DELIVERY_STAFF, own_rows, worker_rows

LIFE = "while the account lives; deleted on erasure"
SETTING = NotHeld("It is how somebody wants to be written to, and says nothing of what they did.")


class NotificationPreference(Entity):
    """One row per person, category and channel for which they said something; without a row the trigger decides.

    Written by the person, by `engagement.services.notification_preferences`.
    """

    volume, retention = Volume.LARGE, LIFE
    held_by = SETTING

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="notification_preferences",
        db_comment="Whose wish it is.",
    )
    category = models.TextField(choices=NotificationCategory, db_comment="About what.")
    channel = models.TextField(choices=NotificationChannel, db_comment="By which way.")
    frequency = personal(models.TextField(choices=NotificationFrequency, db_comment="How soon, or never."))

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "preference"
        db_table_comment = (
            "One row per person, category and channel for which they said how soon they want to be told. Written by "
            "the person. Deleted on erasure."
        )
        constraints = [
            one_of("category", NotificationCategory),
            one_of("channel", NotificationChannel),
            one_of("frequency", NotificationFrequency),
            unique("user", "category", "channel", message="There is a wish for this already."),
            rule(
                ~Q(category__in=MANDATORY_CATEGORIES),
                "mandatory",
                "Receipts, decisions of moderation and notices of security cannot be muted or put off.",
            ),
            rule(
                Q(channel=NotificationChannel.EMAIL) | ~Q(frequency__in=DIGESTS),
                "digest",
                "Only e-mail is collected into digests.",
            ),
            *own_rows("user_id", "select", "insert", "update", "delete"),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *worker_rows("select"),
        ]
        triggers = [Immutable("user", "category", "channel"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"{self.category} {self.channel}: {self.frequency}"


class NotificationQuietHours(Entity):
    """One row per person who has quiet hours, in the clock of their own time zone; night may lie between.

    What is not mandatory waits until their end. Written by the person, by
    `engagement.services.notification_preferences`.
    """

    volume, retention = Volume.LARGE, LIFE
    held_by = SETTING

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="notification_quiet_hours",
        db_comment="Whose hours they are; their time zone is that of the account.",
    )
    starts = personal(models.TimeField(db_comment="From when on nothing is sent, on the person's clock."))
    ends = personal(
        models.TimeField(db_comment="Until when, on the person's clock; before `starts`: the next day.")
    )

    objects: Any = models.Manager()

    class Meta:
        verbose_name = "quiet hours"
        verbose_name_plural = "quiet hours"
        db_table_comment = (
            "One row per person who has quiet hours, by the clock of their time zone. Written by the person. Deleted "
            "on erasure."
        )
        constraints = [
            rule(~Q(starts=F("ends")), "ends", "Quiet hours end at another time than they begin."),
            *own_rows("user_id", "select", "insert", "update", "delete"),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *worker_rows("select"),
        ]
        triggers = [Immutable("user"), RefuseErasedPerson()]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M} to {self.ends:%H:%M}"
