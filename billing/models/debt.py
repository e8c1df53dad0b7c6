"""What performers and studios owe, and what is kept of their earnings as a reserve."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.amounts import amount_field, amount_rule
from billing.models.currency import LARGEST_AMOUNT, in_currency, is_code
from billing.models.payee import OfPayee, payee_indexes
from billing.models.wallet import MONEY
from billing.payout_choices import DebtCause
from billing.payout_policies import payout_policies
from core.db.constraints import length_between, one_of, rule
from core.db.indexes import BTree
from core.db.privacy import personal
from core.db.triggers import Immutable
from core.models import Fact, Identified, Versioned, Volume

RAISES = (DebtCause.CHARGED, DebtCause.PAID_AFTER_ALL, DebtCause.EXCHANGE, DebtCause.SET_OFF_UNDONE)


class Debt(OfPayee, Fact, Identified):
    """One row per change of what a performer or studio owes, beside reversals, which stand on their spends.

    What is owed altogether is the balance of `receivable:<payee>:<unit>`. Written by `billing.services.debts` and by
    those of payouts, in the transaction that posts.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    cause = models.TextField(choices=DebtCause, db_comment="Why it changed.")
    amount = models.BigIntegerField(
        db_comment="By how much, in minor units or tokens: above zero more is owed, below zero less."
    )
    currency = in_currency("debts", "In what it is owed: tokens, or a currency.", db_constraint=False)
    payout = models.ForeignKey(
        "billing.Payout",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="debts",
        db_comment="By which payout; null: by staff.",
    )
    reason = personal(
        models.TextField(blank=True, default="", db_comment="Why, in the words of staff; empty: by a payout.")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="debts_recorded",
        db_comment="Who recorded it; null: the system.",
    )
    recorded_at = models.DateTimeField(
        db_default=Now(),
        db_comment="When it came to be owed, was set off, charged or written off (UTC).",
    )

    class Meta:
        db_table_comment = (
            "One row per change of what a performer or studio owes. Written by billing.services.debts. "
            "Kept 10 years."
        )
        permissions = [("keep_debt", "Can charge performers and studios, and write off what they owe")]
        indexes: ClassVar[Any] = payee_indexes("how what is owed changed")
        constraints = [
            one_of("cause", DebtCause),
            rule(
                Q(cause__in=RAISES, amount__gte=1, amount__lte=LARGEST_AMOUNT)
                | ~Q(cause__in=RAISES) & Q(amount__lte=-1, amount__gte=-LARGEST_AMOUNT),
                "amount",
                "What is charged is above zero, what is set off, given back or written off below.",
            ),
            rule(
                is_code("currency"), "currency", "A currency is named by its code of three to five capitals."
            ),
            rule(
                Q(cause__in=[DebtCause.CHARGED, DebtCause.WRITTEN_OFF], payout__isnull=True)
                & Q(recorded_by__isnull=False)
                & ~Q(reason="")
                | ~Q(cause__in=[DebtCause.CHARGED, DebtCause.WRITTEN_OFF]) & Q(payout__isnull=False),
                "origin",
                "A debt comes from a payout, or from somebody who says why.",
            ),
            length_between("reason", 0, 2000),
            *payout_policies(update=False),
        ]

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency_id}, {self.get_cause_display().lower()}"


class ReserveHoldQuerySet(models.QuerySet):
    """Reads of holds."""

    def active(self, on: Any) -> Self:
        """Those that keep something back on this day."""
        return self.filter(Q(release_on__isnull=True) | Q(release_on__gt=on), released_at__isnull=True)


class ReserveHold(OfPayee, Versioned):
    """One row per amount that stays on the earnings account of a performer or studio, whatever is paid.

    Written by `billing.services.reserve_holds`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    currency = in_currency("reserve_holds", "Currency of the amount.")
    amount = amount_field("What stays.")
    release_on = models.DateField(
        null=True,
        blank=True,
        db_comment="First day (UTC) on which it keeps nothing any more; null: until released.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who placed it."))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="reserve_holds_placed",
        db_comment="Who placed it.",
    )
    released_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was released by hand (UTC); null: it was not."
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reserve_holds_released",
        db_comment="Who released it; null: nobody.",
    )

    objects: ClassVar[Any] = ReserveHoldQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per amount that stays on the earnings account of a performer or studio. Written by "
            "billing.services.reserve_holds. Kept 10 years."
        )
        permissions = [("keep_reservehold", "Can place and release reserves on earnings")]
        constraints = [
            amount_rule("amount", least=1),
            rule(~Q(currency="TOKEN"), "currency", "A reserve is kept in money, after the exchange."),
            length_between("reason", 3, 2000),
            rule(
                Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                "released",
                "What was released says when and by whom.",
            ),
            rule(
                Q(performer__isnull=True) | ~Q(placed_by=models.F("performer")),
                "placed_by",
                "Nobody keeps reserves on their own earnings.",
            ),
            *payout_policies(),
        ]
        indexes = [
            *payee_indexes("reserves"),
            BTree(
                fields=["-id"],
                condition=Q(released_at__isnull=True),
                name="billing_reservehold_kept_idx",
                serves="docs/queries/reserve_holds_active.sql: the room of reserves; the card of finance",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("performer", "studio", "currency", "amount", "release_on", "reason", "placed_by")
        ]

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency_id} kept back"
