"""Periods of subscriptions: for which time what was paid, one after another without a gap."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from billing.amounts import amount_field, amount_rule
from billing.catalogue_triggers import MarksPriceSold
from billing.models.currency import in_currency
from billing.models.wallet import MONEY, MONEY_READERS
from billing.subscription_choices import STANDING, UNPAID, PeriodBasis, PeriodStatus
from billing.subscription_triggers import FitsItsSubscription, FollowsWithoutGap
from core.db.constraints import TABLE, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

P = PeriodStatus


class TsTzRange(Func):
    """A range of instants made of two columns."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class SubscriptionPeriodQuerySet(models.QuerySet):
    """Reads of periods."""

    def standing(self) -> Self:
        """Those that make up the time of subscriptions."""
        return self.filter(status__in=STANDING)

    def unpaid(self) -> Self:
        """Those that wait for money."""
        return self.filter(status__in=UNPAID)


class SubscriptionPeriod(Entity):
    """One row per period of a subscription: from when until when, by which plan, paid by which order.

    A change of plan ends the present period early and begins another one at that instant. Written by
    `billing.services.subscription_periods`.
    """

    volume, retention = Volume.LARGE, "10 years after the end of its subscription"
    held_by = MONEY

    subscription = models.ForeignKey(
        "billing.Subscription",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="periods",
        db_comment="Of which subscription.",
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="subscription_periods",
        db_comment="Who may watch; that of the subscription.",
    )
    number = models.IntegerField(db_comment="Counts the periods of the subscription, from 1.")
    plan = models.ForeignKey(
        "billing.Plan", models.PROTECT, related_name="periods", db_comment="By which plan."
    )
    price = models.ForeignKey(
        "billing.Price", models.PROTECT, related_name="subscription_periods", db_comment="At which price."
    )
    starts_at = models.DateTimeField(db_comment="From when on (UTC), a whole second.")
    ends_at = models.DateTimeField(db_comment="Until when (UTC), a whole second, not included.")
    basis = models.TextField(choices=PeriodBasis, db_comment="By what it is paid.")
    status = models.TextField(choices=PeriodStatus, db_comment="Where it stands.")
    order = models.OneToOneField(
        "billing.Order",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subscription_period",
        db_comment="By which order it is paid; null: nothing was to pay.",
    )
    currency = in_currency("subscription_periods", "Currency of the amounts.")
    charge = amount_field("What it costs by its price, for its part of a whole period, before credit.")
    credit_used = amount_field("Credit that was taken off the charge.", default=0)
    credit_given = amount_field(
        "Credit for the unused rest of the plan before, where the plan changed within a period.", default=0
    )
    paid_at = models.DateTimeField(
        null=True, blank=True, db_comment="When its payment came (UTC); null: it did not, or none was needed."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        PeriodStatus,
        initial=[P.OPEN, P.PROPOSED, P.FREE],
        moves={P.OPEN: [P.PAID, P.VOID], P.PROPOSED: [P.PAID, P.VOID], P.PAID: [P.REFUNDED]},
    )

    objects: ClassVar[Any] = SubscriptionPeriodQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per period of a subscription. Written by billing.services.subscription_periods. "
            "Kept 10 years after the end of its subscription."
        )
        constraints = [
            one_of("basis", PeriodBasis),
            amount_rule("charge"),
            amount_rule("credit_used"),
            amount_rule("credit_given"),
            rule(Q(number__gte=1), "number", "Periods are counted from 1."),
            rule(Q(starts_at__lt=F("ends_at")), "ends_at", "A period ends after it begins."),
            rule(
                Q(basis=PeriodBasis.CHARGE, order__isnull=False) & ~Q(status=P.FREE)
                | ~Q(basis=PeriodBasis.CHARGE) & Q(order__isnull=True, status=P.FREE),
                "order",
                "A period that is charged has an order, and no other has.",
            ),
            rule(
                Q(status__in=[P.PAID, P.REFUNDED], paid_at__isnull=False)
                | ~Q(status__in=[P.PAID, P.REFUNDED]) & Q(paid_at__isnull=True),
                "paid_at",
                "A period has a time of payment when it is paid.",
            ),
            unique(
                "subscription",
                "starts_at",
                when=Q(status__in=STANDING),
                name="starts_at",
                message="This period was made already.",
            ),
            unique("subscription", "number", message="The subscription has a period with this number."),
            unique(
                "subscription",
                when=Q(status=P.PROPOSED),
                name="proposed",
                message="A change of plan waits for its payment already.",
            ),
            ExclusionConstraint(
                name=f"{TABLE}_valid_excl",
                expressions=[
                    ("subscription", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=STANDING),
                violation_error_message="Periods of a subscription do not overlap.",
            ),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"viewer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["status", "id"],
                condition=Q(status__in=UNPAID),
                name="billing_subscriptionperiod_unpaid_idx",
                serves="docs/queries/periods_unpaid.sql: which periods wait for money, the oldest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "subscription",
                "viewer",
                "number",
                "plan",
                "price",
                "starts_at",
                "basis",
                "order",
                "currency",
                "charge",
                "credit_used",
                "credit_given",
            ),
            FitsItsSubscription(),
            FollowsWithoutGap(),
            MarksPriceSold("price"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
