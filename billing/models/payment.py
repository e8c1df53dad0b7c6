"""Payments: what we commanded, what the provider reports, and every move."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.move_triggers import RecordsMoves
from billing.payment_choices import PaymentStatus
from billing.payment_policies import PAYMENT_READERS, payment_policies
from billing.payment_triggers import CountersOnlyRise
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Fact, Identified, Versioned, Volume

P = PaymentStatus
ANY_MONEY = (P.PARTLY_CAPTURED, P.CAPTURED, P.PARTLY_REFUNDED, P.REFUNDED)
"""States of a payment whose money moved."""


class PaymentQuerySet(models.QuerySet):
    """Reads of payments."""

    def of_reference(self, reference: str) -> Self:
        """Those that a provider knows by this name."""
        return self.filter(provider_reference=reference)


class Payment(Versioned):
    """One row per charge at a provider: counters of our commands apart from what the provider reports.

    `authorised`, `capture_requested`, `captured` and `refund_requested` are ours, and bounded. What ends in `_settled`,
    `refunded_elsewhere`, `refunded_reported`, `disputed`, `charged_back` and `suspended` is what the provider says, and
    bounded by nothing: what is in excess stands in suspense, with an exception for somebody to look at. Written by
    `billing.services.payments`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    intent = models.ForeignKey(
        "billing.PaymentIntent",
        models.PROTECT,
        related_name="payments",
        db_comment="The wish behind it.",
    )
    order = models.ForeignKey(
        "billing.Order",
        models.PROTECT,
        related_name="payments",
        db_comment="What is paid for.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="payments",
        db_comment="The person who pays.",
    )
    payment_method = models.ForeignKey(
        "billing.PaymentMethod",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="payments",
        db_comment="The instrument with which is paid.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="payments",
        db_comment="Through which account with a provider.",
    )
    provider_reference = not_personal(
        models.TextField(
            null=True, blank=True, db_comment="The provider's name for it; null: none is known yet."
        )
    )
    status = models.TextField(
        choices=PaymentStatus, default=P.PENDING, db_comment="Where it stands; follows from the counters."
    )
    currency = in_currency("payments", "Currency of the amounts.")
    amount = amount_field("What the payer agreed to.")
    authorised = amount_field("What we may take.", default=0)
    capture_requested = amount_field("What we asked the provider to take, altogether.", default=0)
    captured = amount_field("What was taken, as far as it is ours to take.", default=0)
    refund_requested = amount_field("What we gave back or promised to, altogether.", default=0)
    authorised_settled = amount_field("What the provider reports as authorised; 0: nothing yet.", default=0)
    captured_settled = amount_field("What the provider reports as taken, altogether.", default=0)
    refunded_settled = amount_field(
        "What went back to the payer, as the provider reports, altogether.", default=0
    )
    refunded_reported = amount_field("The largest total of refunds that the provider ever named.", default=0)
    refunded_elsewhere = amount_field("What of the refunds nobody here asked for.", default=0)
    fulfilled = amount_field("What of it paid for the order: nothing, or all of its total.", default=0)
    reversed = amount_field("What of the fulfilment was taken back.", default=0)
    disputed = amount_field("What of it is disputed now, as the provider reports.", default=0, db_default=0)
    charged_back = amount_field(
        "What disputes took for good, as the provider reports.", default=0, db_default=0
    )
    suspended = amount_field("What of it stands in suspense; negative: more went back than came.", default=0)
    voided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the authorisation was let go (UTC); null: it was not."
    )
    provider_time = models.DateTimeField(
        null=True, blank=True, db_comment="Latest instant of the provider's clock that moved it (UTC)."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        PaymentStatus,
        initial=[P.PENDING],
        moves={
            P.PENDING: [P.REQUIRES_ACTION, P.FAILED, P.AUTHORISED, P.VOIDED, *ANY_MONEY],
            P.REQUIRES_ACTION: [P.PENDING, P.FAILED, P.AUTHORISED, P.VOIDED, *ANY_MONEY],
            P.FAILED: [P.PENDING, P.REQUIRES_ACTION, P.AUTHORISED, P.VOIDED, *ANY_MONEY],
            P.AUTHORISED: [P.VOIDED, *ANY_MONEY],
            P.VOIDED: [*ANY_MONEY],
            P.PARTLY_CAPTURED: [P.CAPTURED, P.PARTLY_REFUNDED, P.REFUNDED],
            P.CAPTURED: [P.PARTLY_REFUNDED, P.REFUNDED],
            P.PARTLY_REFUNDED: [P.PARTLY_CAPTURED, P.CAPTURED, P.REFUNDED],
            P.REFUNDED: [P.PARTLY_REFUNDED, P.PARTLY_CAPTURED, P.CAPTURED],
        },
    )

    objects: ClassVar[Any] = PaymentQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per charge at a provider: our commands, bounded, apart from what the provider reports. "
            "Written by billing.services.payments. Kept 10 years."
        )
        permissions = [
            ("capture_payment", "Can capture what was authorised"),
            ("void_payment", "Can let go of what was authorised"),
            ("refund_payment", "Can refund payments, within a limit"),
            ("ask_payment", "Can ask the provider again"),
        ]
        constraints = [
            amount_rule("amount", least=1),
            rule(
                Q(authorised__gte=0, authorised__lte=F("amount")),
                "authorised",
                "No more is authorised than the payer agreed to.",
            ),
            rule(
                Q(capture_requested__gte=0, capture_requested__lte=F("authorised")),
                "capture_requested",
                "No more can be captured than was authorised.",
            ),
            rule(
                Q(captured__gte=0, captured__lte=F("authorised")),
                "captured",
                "No more is captured than was authorised.",
            ),
            rule(
                Q(refund_requested__gte=0, refund_requested__lte=F("captured")),
                "refund_requested",
                "No more can be refunded than was captured.",
            ),
            rule(
                Q(
                    authorised_settled__gte=0,
                    captured_settled__gte=0,
                    refunded_settled__gte=0,
                    refunded_reported__gte=0,
                    refunded_elsewhere__gte=0,
                    disputed__gte=0,
                    charged_back__gte=0,
                ),
                "settled",
                "What a provider reports is not negative.",
            ),
            rule(Q(fulfilled=0) | Q(fulfilled=F("amount")), "fulfilled", "An order is fulfilled whole."),
            rule(
                Q(reversed__gte=0, reversed__lte=F("fulfilled")),
                "reversed",
                "No more is taken back than was fulfilled.",
            ),
            rule(
                Q(
                    suspended=F("captured_settled")
                    - F("fulfilled")
                    - F("refunded_settled")
                    - F("charged_back")
                    + F("reversed")
                ),
                "suspended",
                "In suspense is what neither paid for the order nor went back.",
            ),
            length_between("provider_reference", 1, 255),
            unique(
                "provider_account",
                "provider_reference",
                when=Q(provider_reference__isnull=False),
                name="reference",
                message="The provider used this reference for another payment.",
            ),
            unique(
                "order",
                when=Q(fulfilled__gt=0),
                name="fulfils",
                message="Another payment paid for this order.",
            ),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(fields=["user", "-id"], serves="docs/queries/payments_of_person.sql: newest first"),
            BTree(
                fields=["payment_method", "-id"],
                serves="docs/queries/payments_by_last_four.sql: the search box of finance",
            ),
            BTree(
                fields=["provider_reference"],
                condition=Q(provider_reference__isnull=False),
                serves="docs/queries/payment_by_reference.sql: the search box of finance",
            ),
            BTree(fields=["status", "-id"], serves="Payments of the back office, filtered by status"),
            BTree(
                fields=["-id"],
                condition=~Q(suspended=0),
                name="billing_payment_suspended_idx",
                serves="docs/queries/payments_in_suspense.sql: whose money waits for somebody",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("intent", "order", "user", "payment_method", "provider_account", "currency", "amount"),
            CountersOnlyRise(),
            RecordsMoves(
                "payment",
                "captured_settled",
                "refunded_settled",
                words="Puts every move of a payment on record, with what had been taken and given back by then.",
            ),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return f"payment {self.provider_reference or self.pk}"

    @property
    def capturable(self) -> int:
        """What can still be captured, in minor units."""
        if self.voided_at is not None:
            return 0
        return max(0, self.authorised - max(self.capture_requested, self.captured))

    @property
    def refundable(self) -> int:
        """What can still be refunded, in minor units."""
        gone = self.refund_requested + self.refunded_elsewhere + self.disputed + self.charged_back
        return max(0, self.captured - gone)


class PaymentEvent(Fact, Identified):
    """One row per move of a payment, the first state included; written by a trigger, whoever makes the move."""

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("Its payment is kept 10 years by tax law, whoever asks, and it with the payment.")

    payment = models.ForeignKey(
        "billing.Payment",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="events",
        db_comment="What moved.",
    )
    from_status = models.TextField(
        choices=PaymentStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=PaymentStatus, db_comment="State after.")
    captured_settled = amount_field("What was taken by then, as the provider reports.")
    refunded_settled = amount_field("What had gone back by then, as the provider reports.")
    provider_time = models.DateTimeField(
        null=True, blank=True, db_comment="When, by the clock of the provider (UTC); null: it named no time."
    )
    moved_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payment_events",
        db_comment="In whose name; null: the system.",
    )

    class Meta:
        db_table_comment = "One row per move of a payment. Written by a trigger. Kept 10 years."
        constraints = [
            one_of("from_status", PaymentStatus),
            one_of("to_status", PaymentStatus),
            *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["payment", "-id"],
                serves="docs/queries/timeline_of_payment.sql: its moves, newest first",
            )
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
