"""What happened to subscriptions."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.wallet import MONEY, MONEY_READERS
from billing.subscription_choices import SubscriptionEventKind, SubscriptionStatus
from billing.subscription_triggers import TellsItsMoves
from core.db.constraints import one_of, rule, unique
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.text import paragraphs
from core.models import Fact, Identified, Volume


class SubscriptionEvent(Fact, Identified):
    """One row per thing that happened to a subscription, with its state afterwards.

    The state of a subscription never changes without one: the last event and the row agree when a transaction ends.
    Written by `billing.services.subscription_events`.
    """

    volume, retention = Volume.LARGE, "10 years after the end of its subscription"
    held_by = MONEY

    subscription = models.ForeignKey(
        "billing.Subscription",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="events",
        db_comment="To what it happened.",
    )
    number = models.IntegerField(db_comment="Counts the events of the subscription, from 1.")
    kind = models.TextField(choices=SubscriptionEventKind, db_comment="What happened.")
    status = models.TextField(choices=SubscriptionStatus, db_comment="State of the subscription afterwards.")
    plan = models.ForeignKey(
        "billing.Plan", models.PROTECT, related_name="subscription_events", db_comment="Its plan afterwards."
    )
    next_plan = models.ForeignKey(
        "billing.Plan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscription_events_to_come",
        db_comment="The plan from the next period on, afterwards; null: the same.",
    )
    cancels_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="At which end of a period it ends, afterwards (UTC); null: it is renewed.",
    )
    period = models.ForeignKey(
        "billing.SubscriptionPeriod",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        db_comment="The period that it is about; null: none in particular.",
    )
    reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why, in words of whoever did it; empty: by itself."
        )
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscription_events",
        db_comment="In whose name; null: the system.",
    )
    happened_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")

    class Meta:
        db_table_comment = (
            "One row per thing that happened to a subscription. Written by billing.services.subscription_events. "
            "Kept 10 years after the end of its subscription."
        )
        constraints = [
            one_of("kind", SubscriptionEventKind),
            one_of("status", SubscriptionStatus),
            rule(Q(number__gte=1), "number", "Events are counted from 1."),
            *paragraphs("reason", 1000),
            unique("subscription", "number", message="The subscription has an event with this number."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers: ClassVar[Any] = [TellsItsMoves("subscription_id")]

    def __str__(self) -> str:
        return self.get_kind_display()
