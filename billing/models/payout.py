"""Payouts: what one performer or studio is paid in a batch, of which earnings, and what became of it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.models.payee import OfPayee, payee_indexes
from billing.models.wallet import MONEY
from billing.move_triggers import RecordsMoves
from billing.payout_choices import PayoutStatus
from billing.payout_policies import payout_policies
from billing.payout_triggers import (
    MovesItems,
    PayoutWithinBatch,
)
from core.db.constraints import length_between, matches, rule, unique
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

P = PayoutStatus
OUTCOME_OPEN = (P.PREPARED, P.SENT, P.UNKNOWN)
"""What becomes of them is not known."""


class Payout(OfPayee, Versioned):
    """One row per performer or studio that is paid in a batch. Its key is the idempotency key that the provider gets.

    amount = exchanged + earned - set off - held back. Written by `billing.services.payout_preparation` and, for
    outcomes, `billing.services.payout_facts`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    batch = models.ForeignKey(
        "billing.PayoutBatch",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="payouts",
        db_comment="In which batch.",
    )
    destination = models.ForeignKey(
        "billing.PayoutDestination",
        models.PROTECT,
        related_name="payouts",
        db_comment="Where it goes.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="payouts",
        db_comment="Through which account with a provider: that of the batch.",
    )
    status = models.TextField(choices=PayoutStatus, default=P.PREPARED, db_comment="Where it stands.")
    currency = in_currency("payouts", "Currency of the amounts: that of the batch.")
    amount = amount_field("What is paid.")
    tokens = not_personal(
        models.BigIntegerField(default=0, db_comment="How many earned tokens were exchanged for it.")
    )
    token_value = not_personal(
        models.ForeignKey(
            "billing.TokenValue",
            models.PROTECT,
            null=True,
            blank=True,
            related_name="payouts",
            db_comment="At which value they were exchanged; null: none were.",
        )
    )
    exchanged = not_personal(amount_field("What the tokens gave.", default=0))
    earned = models.BigIntegerField(
        default=0,
        db_comment=(
            "What was earned in the currency itself, and held back before; in minor units, below zero: given back."
        ),
    )
    set_off_tokens = not_personal(
        models.BigIntegerField(default=0, db_comment="Tokens owed that were set off before the exchange.")
    )
    set_off = amount_field("What was owed in the currency and set off.", default=0)
    held_back = amount_field("What stays on the earnings account as a reserve.", default=0)
    reference = models.TextField(db_comment="What the bank statement shows: VBL and twelve signs.")
    provider_reference = not_personal(
        models.TextField(null=True, blank=True, db_comment="The provider's name for it; null: none is known.")
    )
    failure_code = models.TextField(
        blank=True, default="", db_comment="Code of the failure or return; empty: none."
    )
    sent_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was sent (UTC); null: it was not."
    )
    paid_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was first paid, by the provider (UTC); null: it never was."
    )
    settled_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Provider's time of what is known last (UTC); null: nothing is known.",
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        PayoutStatus,
        initial=[P.PREPARED],
        moves={
            # Failed without having been sent: its destination was paused or given up meanwhile.
            P.PREPARED: [P.SENT, P.FAILED, P.CANCELLED],
            P.SENT: [P.UNKNOWN, P.PAID, P.FAILED, P.RETURNED],
            P.UNKNOWN: [P.PAID, P.FAILED, P.RETURNED],
            P.PAID: [P.RETURNED],
            # A provider that said no may report the money after all. By then the earnings are open again.
            P.FAILED: [P.PAID_AFTER_ALL],
            P.RETURNED: [P.PAID_AFTER_ALL],
            P.PAID_AFTER_ALL: [P.RETURNED],
        },
    )

    class Meta:
        db_table_comment = (
            "One row per performer or studio paid in a batch. Written by billing.services.payout_preparation and "
            "payout_facts. Kept 10 years."
        )
        permissions = [("export_payout", "Can export payouts")]
        constraints = [
            amount_rule("amount", least=1),
            amount_rule("exchanged"),
            amount_rule("set_off"),
            amount_rule("held_back"),
            rule(
                Q(amount=F("exchanged") + F("earned") - F("set_off") - F("held_back")),
                "sum",
                "What is paid is what was exchanged and earned, less what is set off and held back.",
            ),
            rule(
                Q(tokens=0, exchanged=0, token_value__isnull=True)
                | Q(tokens__gte=1, tokens__lte=10**15, token_value__isnull=False),
                "tokens",
                "Tokens are exchanged at a value.",
            ),
            rule(Q(set_off_tokens__gte=0), "set_off_tokens", "What is set off is not negative."),
            matches("reference", "^VBL[0-9A-F]{12}$", "A reference is VBL and twelve signs."),
            length_between("provider_reference", 1, 255),
            length_between("failure_code", 0, 100),
            rule(
                Q(status__in=[P.PREPARED, P.CANCELLED], sent_at__isnull=True)
                | Q(status=P.FAILED)
                | ~Q(status__in=[P.PREPARED, P.CANCELLED, P.FAILED]) & Q(sent_at__isnull=False),
                "sent_at",
                "A payout has a time of sending when it was sent.",
            ),
            rule(
                ~Q(status__in=[P.PAID, P.PAID_AFTER_ALL]) | Q(paid_at__isnull=False),
                "paid_at",
                "A payout that was paid says when.",
            ),
            unique("reference", message="Another payout has this reference."),
            unique(
                "provider_account",
                "provider_reference",
                when=Q(provider_reference__isnull=False),
                name="provider_reference",
                message="The provider used this reference for another payout.",
            ),
            unique("batch", "performer", when=Q(performer__isnull=False), name="performer_once"),
            unique("batch", "studio", when=Q(studio__isnull=False), name="studio_once"),
            *payout_policies(),
        ]
        indexes = [
            BTree(fields=["batch", "id"], serves="The page of a batch: its payouts; the sending of a batch"),
            *payee_indexes("payouts (docs/queries/payouts_of_performer.sql)"),
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=[P.SENT, P.UNKNOWN, P.FAILED, P.RETURNED, P.PAID_AFTER_ALL]),
                serves="docs/queries/payouts_by_status.sql: those under way, failed and returned",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "batch",
                "performer",
                "studio",
                "destination",
                "provider_account",
                "currency",
                "amount",
                "tokens",
                "token_value",
                "exchanged",
                "earned",
                "set_off_tokens",
                "set_off",
                "held_back",
                "reference",
            ),
            PayoutWithinBatch(),
            MovesItems(),
            RecordsMoves(
                "payout",
                "failure_code",
                provider_time="settled_at",
                words="Puts every move of a payout on record.",
            ),
        ]

    def __str__(self) -> str:
        return f"payout {self.reference}"

    @property
    def provider_key(self) -> str:
        """The idempotency key with which the provider is called and asked."""
        return str(self.pk)
