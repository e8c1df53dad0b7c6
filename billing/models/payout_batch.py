"""Batches of payouts: prepared by one person, approved by another one, sent by workers."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.models.wallet import MONEY
from billing.payout_batch_triggers import BatchMoves
from billing.payout_choices import PayoutBatchStatus
from billing.payout_policies import payout_policies
from core.db.constraints import has_bytes, length_between, rule
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

B = PayoutBatchStatus
OPEN_BATCHES = (B.DRAFT, B.SUBMITTED, B.APPROVED, B.SENDING)


class PayoutBatchQuerySet(models.QuerySet):
    """Reads of batches."""

    def open(self) -> Self:
        """Those in which something is still to be done, or to be known."""
        return self.filter(status__in=OPEN_BATCHES)


class PayoutBatch(Versioned):
    """One row per batch of payouts through one account with a provider, in one currency.

    Its content is frozen by a SHA-256 when it is submitted (`payout_batch_content`); whoever approves it approves that.
    Maker, sender of the request and checker are taken from whoever acts. Written by `billing.services.payout_batches`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        related_name="payout_batches",
        db_comment="Through which account with a provider.",
    )
    currency = in_currency("payout_batches", "Currency of its payouts.")
    status = models.TextField(choices=PayoutBatchStatus, default=B.DRAFT, db_comment="Where it stands.")
    as_of = models.DateTimeField(
        db_comment="The instant (UTC) as of which earnings were available and tokens were valued."
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="payout_batches_made",
        db_comment="Who prepared it; set by trigger to whoever acts.",
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_batches_submitted",
        db_comment="Who asked for the approval; set by trigger to whoever acts; null: nobody yet.",
    )
    approval = models.OneToOneField(
        "billing.ApprovalRequest",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_batch",
        db_comment="The approval that it waits for or has; null: none was asked for.",
    )
    content_hash = not_personal(
        models.BinaryField(
            null=True,
            blank=True,
            db_comment="SHA-256 of its canonical content when it was submitted; 32 bytes; null: not submitted.",
        )
    )
    payout_count = models.PositiveIntegerField(default=0, db_comment="How many payouts it has.")
    total = amount_field("Sum of its payouts.", default=0)
    reason = personal(models.TextField(db_comment="Why, in the words of who prepared it."))
    submitted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was submitted (UTC); null: not yet."
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was approved (UTC); null: it is not."
    )
    done_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the last outcome became known (UTC); null: some are not."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        PayoutBatchStatus,
        initial=[B.DRAFT],
        moves={
            B.DRAFT: [B.SUBMITTED, B.CANCELLED],
            B.SUBMITTED: [B.APPROVED, B.CANCELLED],
            B.APPROVED: [B.SENDING],
            B.SENDING: [B.DONE],
        },
    )

    objects: ClassVar[Any] = PayoutBatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "payout batches"
        db_table_comment = (
            "One row per batch of payouts, its content frozen by a hash. Written by "
            "billing.services.payout_batches. Kept 10 years."
        )
        permissions = [("prepare_payoutbatch", "Can prepare, submit and cancel batches of payouts")]
        constraints = [
            amount_rule("total"),
            rule(~Q(currency="TOKEN"), "currency", "People are paid in money, not in tokens."),
            length_between("reason", 3, 2000),
            rule(has_bytes("content_hash", 32), "content_hash_size", "A SHA-256 has 32 bytes."),
            rule(
                Q(content_hash__isnull=True, approval__isnull=True, submitted_by__isnull=True)
                & Q(submitted_at__isnull=True, status__in=[B.DRAFT, B.CANCELLED])
                | Q(content_hash__isnull=False, approval__isnull=False, submitted_by__isnull=False)
                & Q(submitted_at__isnull=False)
                & ~Q(status=B.DRAFT),
                "submitted",
                "What is submitted has a hash, a request for approval, a time, and somebody who asked.",
            ),
            rule(
                Q(status__in=[B.APPROVED, B.SENDING, B.DONE], approved_at__isnull=False)
                | ~Q(status__in=[B.APPROVED, B.SENDING, B.DONE]) & Q(approved_at__isnull=True),
                "approved_at",
                "What was approved says when.",
            ),
            rule(
                Q(status=B.DONE, done_at__isnull=False) | ~Q(status=B.DONE) & Q(done_at__isnull=True),
                "done_at",
                "What is done says since when.",
            ),
            *payout_policies(own=""),
        ]
        indexes = [
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=OPEN_BATCHES),
                serves="docs/queries/payout_batches_open.sql: the queue of batches; the cards of finance",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("provider_account", "currency", "as_of", "made_by", "reason"),
            BatchMoves(),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk.hex[-12:]}, {self.get_status_display().lower()}"

    @property
    def hash_words(self) -> str:
        """The hash as people read it out to one another; empty before it is submitted."""
        return bytes(self.content_hash).hex() if self.content_hash else ""
