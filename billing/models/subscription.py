"""Subscriptions: a viewer to a performer by a plan, renewed until somebody says otherwise."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.models.wallet import MONEY, MONEY_READERS
from billing.subscription_choices import LIVE, OVER, SubscriptionEnd, SubscriptionStatus
from billing.subscription_triggers import FitsItsPlan, FollowsWithoutGap, TellsItsMoves
from core.db.constraints import matches, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

S = SubscriptionStatus


class SubscriptionQuerySet(models.QuerySet):
    """Reads of subscriptions."""

    def live(self) -> Self:
        """Those that are not over."""
        return self.filter(status__in=LIVE)


class Subscription(Versioned):
    """One row per subscription of a viewer to a performer; one of a pair is live.

    Its periods say what was paid when, its events what happened. Written by `billing.services.subscriptions`,
    `subscription_renewals`, `subscription_changes` and `dunning`.
    """

    volume, retention = Volume.LARGE, "10 years after its end"
    held_by = MONEY

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="subscriptions",
        db_comment="Who may watch.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="subscriptions",
        db_comment="To whom; that of the plan.",
    )
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions_given",
        db_comment="Who pays for it as a gift, once; null: the viewer pays.",
    )
    plan = models.ForeignKey(
        "billing.Plan",
        models.PROTECT,
        related_name="subscriptions",
        db_comment="The plan of the present period.",
    )
    price = models.ForeignKey(
        "billing.Price",
        models.PROTECT,
        related_name="subscriptions",
        db_comment="The price agreed to: renewals cost this, whatever the catalogue says later.",
    )
    next_plan = models.ForeignKey(
        "billing.Plan",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions_to_come",
        db_comment="The plan from the next period on; null: the same.",
    )
    next_price = models.ForeignKey(
        "billing.Price",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscriptions_to_come",
        db_comment="The price agreed to for it; null: the same.",
    )
    status = models.TextField(choices=SubscriptionStatus, db_comment="Where it stands.")
    currency = in_currency("subscriptions", "Currency of its prices and of its credit.")
    country = personal(models.TextField(db_comment="Country that decides its tax, ISO 3166-1 alpha-2."))
    tax_part = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Part of the country with a tax of its own, as PT-20; empty: none.",
        )
    )
    anchor_day = models.SmallIntegerField(
        db_comment="Day of the month on which periods begin; shorter months end on their last day, and it returns."
    )
    anchor_time = models.TimeField(db_comment="Time of day at which periods begin (UTC), whole seconds.")
    renews_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="End of the present period, when it is renewed or ends (UTC); null: it is over.",
    )
    cancels_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="At which end of a period it ends (UTC); null: it is renewed.",
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when it is over (UTC); null: it is live."
    )
    end_reason = not_personal(
        models.TextField(
            choices=SubscriptionEnd, null=True, blank=True, db_comment="Why it is over; null: it is live."
        )
    )
    credit = amount_field("What is left of dearer plans, taken off the next charges.", default=0)

    status_machine: ClassVar[StateMachine] = StateMachine(
        SubscriptionStatus,
        initial=[S.INCOMPLETE, S.TRIALING],
        moves={
            S.INCOMPLETE: [S.ACTIVE, S.NEVER_PAID, S.ENDED],
            S.TRIALING: [S.ACTIVE, S.PAST_DUE, S.ENDED],
            S.ACTIVE: [S.PAST_DUE, S.ENDED],
            S.PAST_DUE: [S.ACTIVE, S.UNPAID, S.ENDED],
        },
    )

    objects: ClassVar[Any] = SubscriptionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per subscription of a viewer to a performer. Written by billing.services.subscriptions and those "
            "beside it. Kept 10 years after its end."
        )
        permissions = [
            ("cancel_subscription", "Can cancel, end and resume subscriptions"),
            ("change_plan_subscription", "Can move subscriptions to another plan"),
            ("charge_subscription", "Can have a failed charge tried again"),
        ]
        constraints = [
            one_of("end_reason", SubscriptionEnd),
            amount_rule("credit"),
            matches("country", "^[A-Z]{2}$", "A country is written as two capital letters."),
            matches(
                "tax_part", "^([A-Z]{2}-[A-Z0-9][A-Z0-9 ]{0,9})?$", "A part of a country is written as PT-20."
            ),
            rule(Q(anchor_day__gte=1, anchor_day__lte=31), "anchor_day", "A month has 1 to 31 days."),
            rule(~Q(viewer=F("performer")), "viewer", "Nobody subscribes to themselves."),
            rule(
                Q(giver__isnull=True) | ~Q(giver=F("viewer")) & ~Q(giver=F("performer")),
                "giver",
                "A gift is for somebody else, and comes from somebody else than the performer.",
            ),
            rule(
                Q(giver__isnull=True)
                | Q(next_plan__isnull=True) & (Q(cancels_at__isnull=False) | Q(ended_at__isnull=False)),
                "gift",
                "A gift is not renewed.",
            ),
            rule(
                Q(next_plan__isnull=True, next_price__isnull=True)
                | Q(next_plan__isnull=False, next_price__isnull=False),
                "next_plan",
                "Another plan comes with its price.",
            ),
            rule(
                Q(status__in=OVER, ended_at__isnull=False, end_reason__isnull=False, renews_at__isnull=True)
                | Q(status__in=LIVE, ended_at__isnull=True, end_reason__isnull=True, renews_at__isnull=False),
                "ended",
                "What is over says since when and why, and is not renewed.",
            ),
            unique(
                "viewer",
                "performer",
                when=Q(status__in=LIVE),
                name="live",
                message="There is a subscription to this performer already.",
            ),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=f"viewer_id = {ME} OR giver_id = {ME}"),
            Policy(
                role=Role.PERFORMER,
                command="select",
                using=f"performer_id = {ME} OR viewer_id = {ME} OR giver_id = {ME}",
            ),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["renews_at", "id"],
                condition=Q(renews_at__isnull=False),
                name="billing_subscription_due_idx",
                serves="docs/queries/subscriptions_due.sql: what is renewed or ends, the longest due first",
            ),
            BTree(
                fields=["viewer", "-id"],
                serves="docs/queries/subscriptions_of_viewer.sql: own subscriptions, newest first",
            ),
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/subscribers_of_performer.sql: her subscribers, newest first",
            ),
            BTree(fields=["status", "-id"], serves="Subscriptions of the back office, filtered by status"),
            BTree(
                fields=["ended_at"],
                serves="analytics.retention_cohort: subscriptions that lived within a period",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("viewer", "performer", "giver", "currency", "anchor_day", "anchor_time"),
            RefuseErasedPerson("viewer", "performer", "giver"),
            FitsItsPlan(),
            FollowsWithoutGap("id"),
            TellsItsMoves(),
        ]

    def __str__(self) -> str:
        return f"{self.viewer} to {self.performer}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: by its id, so that no handle stays there when the person is erased."""
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def payer_id(self) -> Any:
        """Who pays."""
        return self.giver_id or self.viewer_id
