"""Disputes: what a payer contests at their bank, where it stands, and every move."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.amounts import amount_field
from billing.dispute_choices import (
    OPEN_DISPUTES,
    DisputeReason,
    DisputeStage,
    DisputeStatus,
    SubmissionStatus,
)
from billing.dispute_triggers import DecidedHoldsNothing, DisputesItsPayment, SubmitsOnce
from billing.models.currency import in_currency
from billing.move_triggers import RecordsMoves
from billing.payment_policies import PAYMENT_READERS, payment_policies
from core.db.constraints import has_bytes, length_between, one_of, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Fact, Identified, Versioned, Volume

D, S = DisputeStatus, SubmissionStatus


class DisputeQuerySet(models.QuerySet):
    """Reads of disputes."""

    def open(self) -> Self:
        """Those of which nobody knows yet whose the money is."""
        return self.filter(status__in=OPEN_DISPUTES)

    def awaiting(self) -> Self:
        """Those for which evidence is still wanted, the earliest deadline first."""
        waiting = Q(submission__in=(S.DRAFT, S.REFUSED), status=D.NEEDS_RESPONSE)
        return self.filter(waiting).order_by(F("due_at").asc(nulls_last=True), "pk")


class Dispute(Versioned):
    """One row per dispute of a payment at a provider. It is a fact: nothing that it says is bounded by what was paid.

    Where it stands follows from the latest fact, whatever the order of arrival; what it cost from its movements.
    Written by `billing.services.dispute_facts`, the evidence by `billing.services.dispute_evidence`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    payment = models.ForeignKey(
        "billing.Payment",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="disputes",
        db_comment="What is disputed.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="disputes",
        db_comment="The payer: that of the payment.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="disputes",
        db_comment="Through which account with a provider.",
    )
    provider_reference = not_personal(
        models.TextField(null=True, blank=True, db_comment="The provider's name for it; null: none is known.")
    )
    stage = models.TextField(choices=DisputeStage, db_comment="How far it went.")
    status = models.TextField(choices=DisputeStatus, default=D.NEEDS_RESPONSE, db_comment="Where it stands.")
    reason = not_personal(
        models.TextField(choices=DisputeReason, db_comment="Why the payer disputes, in our words.")
    )
    reason_code = not_personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="Why, by the code of the provider or the network; empty: none.",
        )
    )
    currency = in_currency("disputes", "Currency of the amounts, as the provider says.")
    amount = amount_field("What is disputed, without bound; 0: the provider did not say.", default=0)
    lost_amount = amount_field(
        "What of it was lost, where it was lost in part; null: it was not.", null=True, blank=True
    )
    withdrawn = amount_field(
        "What the provider took for it and did not give back, in its currency; negative: more came than went.",
        default=0,
    )
    fees = amount_field("What the provider kept for its work, in the currency.", default=0)
    charged_back = amount_field("What of it was taken for good.", default=0)
    opened_at = models.DateTimeField(db_comment="Earliest instant of the provider's clock about it (UTC).")
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Until when evidence is taken (UTC); null: the provider did not say.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided, by the provider (UTC); null: it is open."
    )
    provider_time = models.DateTimeField(
        db_comment="Provider's time of the fact from which the status follows (UTC)."
    )
    submission = models.TextField(
        choices=SubmissionStatus, default=S.DRAFT, db_comment="What became of the evidence."
    )
    submissions = models.IntegerField(
        default=0, db_comment="How often evidence was sent; again only after a refusal."
    )
    submitted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When evidence was last sent (UTC); null: never."
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="disputes_submitted",
        db_comment="Who sent it; null: nobody did.",
    )
    evidence_sha256 = models.BinaryField(
        null=True, blank=True, db_comment="Digest of the evidence as it was sent; null: nothing was."
    )
    failure_code = models.TextField(
        blank=True, default="", db_comment="The provider's code when it refused evidence; empty: it did not."
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        DisputeStatus,
        initial=[D.NEEDS_RESPONSE],
        # Facts move it, in any order: the latest one counts, and a decision may be taken back by a later one.
        moves={old: [new for new in D if new != old] for old in D},
    )
    submission_machine: ClassVar[StateMachine] = StateMachine(
        SubmissionStatus,
        initial=[S.DRAFT],
        moves={S.DRAFT: [S.SENT], S.SENT: [S.RECEIVED, S.REFUSED], S.REFUSED: [S.SENT]},
        field="submission",
    )

    objects: ClassVar[Any] = DisputeQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per dispute of a payment at a provider. Written by billing.services.dispute_facts and "
            "dispute_evidence. Kept 10 years."
        )
        permissions = [("submit_dispute", "Can write and submit evidence in disputes")]
        constraints = [
            one_of("stage", DisputeStage),
            one_of("reason", DisputeReason),
            length_between("provider_reference", 1, 255),
            length_between("reason_code", 0, 100),
            length_between("failure_code", 0, 100),
            rule(has_bytes("evidence_sha256", 32), "evidence_sha256", "A digest has 32 bytes."),
            rule(Q(amount__gte=0), "amount", "What is disputed is not negative."),
            rule(
                Q(charged_back__gte=0)
                & (Q(charged_back=0) | Q(charged_back__lte=F("withdrawn")))
                & (Q(charged_back=0) | Q(status__in=(D.LOST, D.PARTLY))),
                "charged_back",
                "What is lost was withdrawn before, and the dispute decided.",
            ),
            rule(
                Q(lost_amount__isnull=True) | Q(status=D.PARTLY, lost_amount__gte=0),
                "lost_amount",
                "Only what is lost in part says how much.",
            ),
            rule(
                Q(status__in=OPEN_DISPUTES, decided_at__isnull=True)
                | ~Q(status__in=OPEN_DISPUTES) & Q(decided_at__isnull=False),
                "decided_at",
                "What is decided says when, and nothing else does.",
            ),
            rule(
                Q(submission=S.DRAFT, submitted_at__isnull=True, submitted_by__isnull=True)
                & Q(evidence_sha256__isnull=True, submissions=0)
                | ~Q(submission=S.DRAFT)
                & Q(submitted_at__isnull=False, submitted_by__isnull=False)
                & Q(evidence_sha256__isnull=False, submissions__gte=1),
                "submitted",
                "What was sent says when, by whom and what, and nothing else does.",
            ),
            unique(
                "provider_account",
                "provider_reference",
                when=Q(provider_reference__isnull=False),
                name="reference",
                message="The provider used this reference for another dispute.",
            ),
            unique(
                "payment",
                when=Q(provider_reference__isnull=True),
                name="unnamed",
                message="There is a dispute of this payment without a name already.",
            ),
            *payment_policies(),
        ]
        indexes = [
            BTree(fields=["payment", "-id"], serves="The page of a payment: its disputes, newest first"),
            BTree(
                fields=["user", "-id"], serves="docs/queries/disputes_of_payer.sql: how often they dispute"
            ),
            BTree(
                fields=["due_at", "id"],
                condition=Q(status__in=OPEN_DISPUTES),
                serves="docs/queries/disputes_by_deadline.sql: the queue, the earliest deadline first",
            ),
            BTree(
                fields=["provider_reference"],
                condition=Q(provider_reference__isnull=False),
                name="billing_dispute_provider_reference_idx",
                serves="The search box: a dispute by the provider's name",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("payment", "user", "provider_account", "currency"),
            DisputesItsPayment(),
            SubmitsOnce(),
            RecordsMoves(
                "dispute",
                "submission",
                "withdrawn",
                "charged_back",
                with_status=("submission",),
                words="Puts every move of a dispute and of its evidence on record, with what was lost by then.",
            ),
            DecidedHoldsNothing(),
        ]

    def __str__(self) -> str:
        return f"dispute {self.provider_reference or self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet whose the money is."""
        return self.status in OPEN_DISPUTES

    @property
    def provider_key(self) -> str:
        """The idempotency key of the submission that is under way or was last."""
        return f"evidence-{self.pk}-{self.submissions}"


class DisputeEvent(Fact, Identified):
    """One row per move of a dispute or its evidence; written by a trigger, whoever makes the move."""

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("Its dispute is kept 10 years by tax law, whoever asks, and it with the dispute.")

    dispute = models.ForeignKey(
        Dispute,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="events",
        db_comment="The dispute whose state changed.",
    )
    from_status = models.TextField(
        choices=DisputeStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=DisputeStatus, db_comment="State after.")
    submission = models.TextField(choices=SubmissionStatus, db_comment="What had become of the evidence.")
    withdrawn = amount_field("What the provider had taken by then and not given back.")
    charged_back = amount_field("What was lost by then.")
    provider_time = models.DateTimeField(db_comment="When, by the clock of the provider (UTC).")
    moved_at = models.DateTimeField(db_comment="When, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dispute_events",
        db_comment="In whose name; null: the system.",
    )

    class Meta:
        db_table_comment = "One row per move of a dispute. Written by a trigger. Kept 10 years."
        constraints = [
            one_of("from_status", DisputeStatus),
            one_of("to_status", DisputeStatus),
            one_of("submission", SubmissionStatus),
            *policies(*PAYMENT_READERS, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["dispute", "-id"],
                serves="The page of a dispute: its moves, newest first",
            )
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
