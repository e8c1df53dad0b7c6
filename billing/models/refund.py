"""Refunds: what goes back to a payer, who asked for it, and what the provider says."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.amounts import amount_field, amount_rule
from billing.dispute_triggers import RefundBesidesDispute
from billing.models.currency import in_currency
from billing.payment_choices import RefundOrigin, RefundStatus
from billing.payment_policies import payment_policies
from billing.payment_triggers import RefundApproved
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.roles import STAFF_ROLES
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Volume
from core.models.entity import Versioned

R = RefundStatus
LIVE = (R.REQUESTED, R.SENT, R.UNKNOWN, R.SUCCEEDED)
"""Refunds that count against what can still be refunded."""


class RefundQuerySet(models.QuerySet):
    """Reads of refunds."""

    def live(self) -> Self:
        """Those that went back or may do so."""
        return self.filter(status__in=LIVE)


class Refund(Versioned):
    """One row per refund of a payment. Above the limit of who asks, a second person approves it.

    Its key is the idempotency key that the provider gets. Written by `billing.services.refunds`; a refund that the
    provider reports without our asking is written by `billing.services.payment_facts`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    payment = models.ForeignKey(
        "billing.Payment",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="refunds",
        db_comment="What is refunded.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="refunds",
        db_comment="Who gets it back: the payer.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="refunds",
        db_comment="Through which account with a provider.",
    )
    status = models.TextField(choices=RefundStatus, default=R.REQUESTED, db_comment="Where it stands.")
    origin = models.TextField(choices=RefundOrigin, db_comment="Who began it.")
    currency = in_currency("refunds", "Currency of the amounts.")
    amount = amount_field("What goes back.")
    is_goodwill = models.BooleanField(
        default=False, db_comment="Whether the platform bears what was used up already."
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who asked."))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="refunds_requested",
        db_comment="The member of staff who asked; null: the platform or the provider.",
    )
    requested_role = models.TextField(
        null=True,
        blank=True,
        choices=[(role.value, role.label) for role in STAFF_ROLES],
        db_comment="In which role they asked, which decides the limit; null: nobody of staff.",
    )
    approval = models.OneToOneField(
        "billing.ApprovalRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refund",
        db_comment="The approval that it waits for or has; null: none is needed.",
    )
    provider_reference = not_personal(
        models.TextField(null=True, blank=True, db_comment="The provider's name for it; null: none is known.")
    )
    failure_code = models.TextField(
        blank=True, default="", db_comment="The provider's code of the failure; empty: it did not fail."
    )
    sent_at = models.DateTimeField(null=True, blank=True, db_comment="When it was sent (UTC); null: not yet.")
    succeeded_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When it first succeeded, by the provider (UTC); null: it never did.",
    )
    settled_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Provider's time of what is known last (UTC); null: nothing is known.",
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        RefundStatus,
        initial=[R.REQUESTED],
        moves={
            R.REQUESTED: [R.SENT, R.CANCELLED],
            R.SENT: [R.UNKNOWN, R.SUCCEEDED, R.FAILED],
            R.UNKNOWN: [R.SENT, R.SUCCEEDED, R.FAILED],
            # A bank may return what was paid out; and a provider that said no may report the money after all.
            R.SUCCEEDED: [R.FAILED],
            R.FAILED: [R.SUCCEEDED],
        },
    )

    objects: ClassVar[Any] = RefundQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per refund of a payment. Written by billing.services.refunds and payment_facts. "
            "Kept 10 years."
        )
        constraints = [
            one_of("origin", RefundOrigin),
            amount_rule("amount", least=1),
            length_between("reason", 1, 2000),
            length_between("provider_reference", 1, 255),
            length_between("failure_code", 0, 100),
            rule(
                Q(origin=RefundOrigin.STAFF, requested_by__isnull=False, requested_role__isnull=False)
                | ~Q(origin=RefundOrigin.STAFF) & Q(requested_by__isnull=True, requested_role__isnull=True),
                "requested_by",
                "A refund by staff says who asked, in which role, and no other one does.",
            ),
            rule(
                Q(status__in=[R.REQUESTED, R.CANCELLED], sent_at__isnull=True)
                | ~Q(status__in=[R.REQUESTED, R.CANCELLED]) & Q(sent_at__isnull=False),
                "sent_at",
                "A refund has a time of sending when it was sent.",
            ),
            rule(
                ~Q(status=R.SUCCEEDED) | Q(succeeded_at__isnull=False),
                "succeeded_at",
                "A refund that succeeded says when.",
            ),
            rule(~Q(requested_by=models.F("user")), "own", "Nobody refunds their own payments."),
            unique(
                "provider_account",
                "provider_reference",
                when=Q(provider_reference__isnull=False),
                name="reference",
                message="The provider used this reference for another refund.",
            ),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(fields=["payment", "-id"], serves="The page of a payment: its refunds, newest first"),
            BTree(
                fields=["requested_by", "id"],
                condition=Q(requested_by__isnull=False),
                serves="docs/queries/refunds_of_staff_today.sql: what somebody refunded today, against the limit",
            ),
            BTree(
                fields=["status", "id"],
                condition=Q(status__in=[R.REQUESTED, R.SENT, R.UNKNOWN]),
                serves="Refunds of the back office: those under way, the oldest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable(
                "payment",
                "user",
                "provider_account",
                "origin",
                "currency",
                "amount",
                "is_goodwill",
                "requested_by",
                "requested_role",
                "approval",
            ),
            RefundApproved(),
            RefundBesidesDispute(),
        ]

    def __str__(self) -> str:
        return f"refund {self.provider_reference or self.pk}"

    @property
    def provider_key(self) -> str:
        """The idempotency key with which the provider is called and asked."""
        return str(self.pk)
