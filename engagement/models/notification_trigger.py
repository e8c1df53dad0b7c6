"""Which happening makes which notification."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.db.constraints import is_object, length_between, matches, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from engagement.notification_choices import MANDATORY_CATEGORIES, NotificationCategory, NotificationChannel
from engagement.notification_policies import DELIVERY_STAFF, TEMPLATE_WRITERS


class NotificationTrigger(Versioned):
    """One row per kind of happening of which people are told, by a code that never changes.

    They come with the platform, since code records their events; staff change by which channels they go. Mandatory is
    what belongs to a mandatory category, no more and no less.
    """

    volume, retention = Volume.SMALL, "for good: events name it"
    held_by = NotHeld("It is about nobody.")

    code = models.TextField(db_comment="Name by which code records events, as in performer_live.")
    words = models.TextField(db_comment="What happens, for staff who word its templates.")
    category = models.TextField(
        choices=NotificationCategory, db_comment="What it is about; people choose by category."
    )
    is_mandatory = models.BooleanField(
        db_comment="Whether nobody can mute, put off or collect it; so for whole categories."
    )
    channels = ArrayField(
        models.TextField(choices=NotificationChannel),
        db_comment="Channels by which it goes unless somebody prefers otherwise.",
    )
    variables = models.JSONField(
        db_comment="Object: name of each variable of its events, with a sample of its value for previews."
    )
    group_variable = models.TextField(
        blank=True,
        db_default="",
        db_comment="Variable by whose value notifications of it are shown together; empty: all of them are.",
    )
    lives_for = models.DurationField(
        null=True,
        blank=True,
        db_comment="How long a notification of it is of use; null: as long as it is kept.",
    )
    people_record = models.BooleanField(
        db_comment="Whether events of it are recorded in the name of viewers and performers too."
    )

    objects: Any = models.Manager()
    history = History()

    class Meta:
        verbose_name = "trigger"
        db_table_comment = (
            "One row per kind of happening of which people are told: its category, channels and variables. Comes with "
            "the platform, changed by engagement.services.notification_triggers. Kept for good: events name it."
        )
        permissions = [("keep_notificationtrigger", "Can choose the channels of notifications")]
        constraints = [
            matches("code", "^[a-z][a-z_]{2,39}$", "A code is written in small letters: performer_live."),
            unique("code", message="There is a trigger of this code."),
            *line("words", 200),
            one_of("category", NotificationCategory),
            rule(
                Q(is_mandatory=True, category__in=MANDATORY_CATEGORIES)
                | Q(is_mandatory=False) & ~Q(category__in=MANDATORY_CATEGORIES),
                "is_mandatory",
                "Whole categories are mandatory: receipts, decisions and security are, and nothing else.",
            ),
            rule(
                Q(channels__contained_by=list(NotificationChannel.values))
                & Q(channels__contains=[NotificationChannel.IN_APP]),
                "channels",
                "Everything is told in the app, and may go by e-mail and web push too.",
            ),
            rule(is_object("variables"), "variables", "Variables are kept as a JSON object of samples."),
            length_between("group_variable", 0, 40),
            *policies(*DELIVERY_STAFF, Role.WORKER, command="select", using=ALL),
            *policies(*TEMPLATE_WRITERS, command="update", using=SOMEBODY),
        ]
        triggers = [
            Immutable("code", "category", "is_mandatory", "variables", "group_variable", "people_record")
        ]

    def __str__(self) -> str:
        return self.code
