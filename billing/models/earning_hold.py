"""Earnings that are not paid out for the time being, and why."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.dispute_choices import HoldCause
from billing.dispute_triggers import HoldsWhatWasEarned
from billing.models.wallet import MONEY, SHARE_READERS
from core.db.constraints import length_between, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

LIVE = Q(released_at__isnull=True)


class EarningHoldQuerySet(models.QuerySet):
    """Reads of holds."""

    def live(self) -> Self:
        """Those that hold now."""
        return self.filter(LIVE)


class EarningHold(Entity):
    """One row per reason for which an earning is not paid out; it is while one of them is not released.

    Written by `billing.services.earning_holds`. The earning itself is a fact and never changes.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    earning = models.ForeignKey(
        "billing.Earning",
        models.PROTECT,
        related_name="holds",
        db_comment="What is held.",
    )
    cause = models.TextField(choices=HoldCause, db_comment="Why it is held: a dispute, a review, or staff.")
    dispute = models.ForeignKey(
        "billing.Dispute",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="earning_holds",
        db_comment="The dispute that holds it; null: something else does.",
    )
    risk_review = models.ForeignKey(
        "billing.RiskReview",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="earning_holds",
        db_comment="The review that holds it; null: something else does.",
    )
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="earning_holds_placed",
        db_comment="The member of staff who placed it; null: the platform.",
    )
    reason = personal(models.TextField(db_comment="Why, in words; without names."))
    released_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was let go of (UTC); null: it holds."
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="earning_holds_released",
        db_comment="Who let go of it; null: the platform, or it holds.",
    )
    release_reason = personal(
        models.TextField(blank=True, db_default="", db_comment="Why it was let go of; empty: it holds.")
    )

    objects: ClassVar[Any] = EarningHoldQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per reason for which an earning is not paid out. Written by billing.services.earning_holds. "
            "Kept 10 years."
        )
        permissions = [("release_earninghold", "Can let go of earnings that are held")]
        constraints = [
            one_of("cause", HoldCause),
            length_between("reason", 3, 2000),
            length_between("release_reason", 0, 2000),
            rule(
                Q(cause=HoldCause.DISPUTE, dispute__isnull=False, risk_review__isnull=True)
                | Q(cause=HoldCause.REVIEW, dispute__isnull=True, risk_review__isnull=False)
                | Q(cause=HoldCause.STAFF, dispute__isnull=True, risk_review__isnull=True)
                & Q(placed_by__isnull=False),
                "owner",
                "A hold names the dispute, the review or the person behind it.",
            ),
            rule(
                Q(released_at__isnull=True, released_by__isnull=True, release_reason="")
                | Q(released_at__isnull=False) & ~Q(release_reason=""),
                "released",
                "What is let go of says when and why, and nothing else does.",
            ),
            unique(
                "earning",
                "dispute",
                when=LIVE & Q(dispute__isnull=False),
                message="This dispute holds it already.",
            ),
            unique(
                "earning",
                "risk_review",
                when=LIVE & Q(risk_review__isnull=False),
                message="This review holds it already.",
            ),
            unique(
                "earning",
                when=LIVE & Q(cause=HoldCause.STAFF),
                name="earning_by_staff",
                message="It is held by a decision of staff already.",
            ),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["earning"],
                condition=LIVE,
                name="billing_earninghold_live_idx",
                serves="docs/queries/earnings_held.sql: is this earning held now?",
            ),
            BTree(
                fields=["-id"],
                condition=LIVE,
                name="billing_earninghold_recent_idx",
                serves="The room of holds: what is held, newest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("earning", "cause", "dispute", "risk_review", "placed_by", "reason"),
            HoldsWhatWasEarned(),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()}"
