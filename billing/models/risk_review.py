"""Risk reviews: people and payments that somebody should look at."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.dispute_choices import OPEN_REVIEWS, RiskCause, RiskStatus
from billing.dispute_triggers import ReviewedByAnother
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume

R = RiskStatus
DECIDED = (R.CLEARED, R.CONFIRMED)


class RiskReviewQuerySet(models.QuerySet):
    """Reads of reviews."""

    def open(self) -> Self:
        """Those that somebody must still look at."""
        return self.filter(status__in=OPEN_REVIEWS)


class RiskReview(Versioned):
    """One row per reason to look at a payer and, where there is one, a payment; decided by a person.

    Opened by disputes and by staff; while one about a payment is open, and once it is confirmed, what was earned by
    the payment is held. Written by `billing.services.risk_reviews`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="risk_reviews",
        db_comment="The person whom it is about.",
    )
    payment = models.ForeignKey(
        "billing.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_reviews",
        db_comment="The payment that it is about; null: the person altogether.",
    )
    dispute = models.ForeignKey(
        "billing.Dispute",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_reviews",
        db_comment="The dispute that led to it; null: none did.",
    )
    cause = models.TextField(choices=RiskCause, db_comment="What made somebody look.")
    words = personal(models.TextField(db_comment="What is known, in a sentence."))
    status = models.TextField(choices=RiskStatus, default=R.OPEN, db_comment="Where it stands.")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_reviews_opened",
        db_comment="Who asked for it; null: the platform.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_reviews_owned",
        db_comment="Who looks into it; null: nobody yet.",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_reviews_decided",
        db_comment="Who decided, by a trigger; null: nobody yet.",
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was decided (UTC), by a trigger; null: it is not."
    )
    decision_reason = personal(
        models.TextField(blank=True, default="", db_comment="Why it was decided so; empty: it is not.")
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        RiskStatus,
        initial=[R.OPEN],
        moves={R.OPEN: [R.ASSIGNED, *DECIDED], R.ASSIGNED: [*DECIDED]},
    )

    objects: ClassVar[Any] = RiskReviewQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per reason to look at a payer or a payment. Written by billing.services.risk_reviews. "
            "Kept 10 years."
        )
        permissions = [("decide_riskreview", "Can open, take and decide risk reviews")]
        constraints = [
            one_of("cause", RiskCause),
            length_between("words", 3, 2000),
            length_between("decision_reason", 0, 2000),
            rule(
                ~Q(status=R.OPEN) | Q(owner__isnull=True),
                "owner",
                "A review that somebody looks into is theirs.",
            ),
            rule(
                Q(status__in=OPEN_REVIEWS, decided_at__isnull=True, decision_reason="")
                | Q(status__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(decision_reason=""),
                "decided",
                "What is decided says by whom, when and why, and nothing else does.",
            ),
            unique(
                "user",
                "payment",
                "cause",
                when=Q(status__in=OPEN_REVIEWS, payment__isnull=False),
                name="of_payment",
                message="This payment is being reviewed for this already.",
            ),
            unique(
                "user",
                "cause",
                when=Q(status__in=OPEN_REVIEWS, payment__isnull=True),
                name="of_user",
                message="This person is being reviewed for this already.",
            ),
            *payment_policies(),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=Q(status__in=OPEN_REVIEWS),
                name="billing_riskreview_open_idx",
                serves="docs/queries/risk_reviews_open.sql: the queue, the oldest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("user", "payment", "dispute", "cause", "words", "opened_by"),
            ReviewedByAnother(),
        ]

    def __str__(self) -> str:
        return f"review: {self.get_cause_display().lower()}"
