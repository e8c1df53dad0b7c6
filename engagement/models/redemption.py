"""Redemptions: who redeemed which reward, and what became of it."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, no_overlap, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from engagement.interaction_choices import RedemptionStatus
from engagement.interaction_policies import MODERATORS, PEOPLE, STAFF
from engagement.interaction_triggers import AdmitsPerson
from engagement.reward_triggers import RedemptionMoves, TakesStock

PENDING = Q(status=RedemptionStatus.PENDING)
STANDS = Q(status__in=[RedemptionStatus.PENDING, RedemptionStatus.FULFILLED])
"""What counts for cooldowns: a redemption that was given back leaves room for the next."""


class RedemptionQuerySet(models.QuerySet):
    """Reads of redemptions."""

    def pending(self) -> Self:
        """Those that the performer has still to decide about."""
        return self.filter(PENDING)


class Redemption(Versioned):
    """One row per time that somebody redeemed a reward.

    The cooldowns are ranges of which none may overlap, so that they hold however many redeem at once. Written by
    `engagement.services.redemptions`; what it costs is a spend of billing.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("{row}.decided_at")
    held_by = HeldBy(person=("viewer", "performer"), keeps=("words",))

    reward = models.ForeignKey(
        "engagement.Reward",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="redemptions",
        db_comment="Which reward.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="redemptions",
        db_comment="Whose reward it is; taken from the reward.",
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="redemptions",
        db_comment="Who redeemed it.",
    )
    status = models.TextField(
        choices=RedemptionStatus,
        default=RedemptionStatus.PENDING,
        db_comment="What became of it; moves are enforced.",
    )
    tokens = not_personal(
        models.BigIntegerField(
            default=0, editable=False, db_comment="What it cost then; taken from the reward."
        )
    )
    spend = models.OneToOneField(
        "billing.TokenSpend",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="redemption",
        db_comment="By what it was paid; null: it cost nothing.",
    )
    words = personal(
        models.TextField(blank=True, default="", db_comment="What the viewer said with it; may be empty.")
    )
    answer = personal(
        models.TextField(
            blank=True, default="", db_comment="Why it was rejected, for the viewer; may be empty."
        )
    )
    idempotency_key = models.TextField(
        db_comment="Given by who asked; the same key of the same viewer is the same redemption."
    )
    is_counted = models.BooleanField(
        default=False, db_default=False, editable=False, db_comment="It took one of a stock; set by trigger."
    )
    cooling = DateTimeRangeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="In which time (UTC) the viewer cannot redeem it again; null: no cooldown. Set by trigger.",
    )
    resting = DateTimeRangeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="In which time (UTC) nobody can redeem it again; null: no cooldown. Set by trigger.",
    )
    redeemed_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When (UTC); kept by trigger."
    )
    decided_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was decided (UTC); null: it waits."
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="redemptions_decided",
        db_comment="Who decided; null: nobody yet, or a job.",
    )

    status_machine = StateMachine(
        RedemptionStatus,
        initial=[RedemptionStatus.PENDING],
        moves={
            RedemptionStatus.PENDING: [
                RedemptionStatus.FULFILLED,
                RedemptionStatus.REJECTED,
                RedemptionStatus.CANCELLED,
                RedemptionStatus.EXPIRED,
            ]
        },
    )

    objects: Any = RedemptionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per time that somebody redeemed a reward. Written by engagement.services.redemptions. "
            "Kept 13 months after its end."
        )
        permissions = [("reject_redemption", "Can reject redemptions, which gives the tokens back")]
        constraints = [
            *paragraphs("words", 300),
            *paragraphs("answer", 300),
            length_between("idempotency_key", 1, 100),
            rule(~Q(viewer=F("performer")), "viewer", "Nobody redeems rewards of their own."),
            rule(
                Q(tokens=0, spend__isnull=True) | Q(tokens__gt=0, spend__isnull=False),
                "spend",
                "What costs tokens is paid, and nothing else.",
            ),
            rule(
                PENDING & Q(decided_at__isnull=True) | ~PENDING & Q(decided_at__isnull=False),
                "decided_at",
                "A redemption says when it was decided, exactly when it was.",
            ),
            unique(
                "viewer",
                "idempotency_key",
                message="This key was used before, for another redemption. Make a new one.",
            ),
            no_overlap(
                "reward",
                "viewer",
                during="cooling",
                when=STANDS,
                message="You redeemed this a short time ago. Wait a little.",
            ),
            no_overlap(
                "reward",
                during="resting",
                when=STANDS,
                message="Somebody redeemed this a short time ago. Wait a little.",
            ),
            *policies(*STAFF, Role.FINANCE, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=f"viewer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR viewer_id = {ME}"),
            *policies(*PEOPLE, command="insert", check=f"viewer_id = {ME}"),
            Policy(
                role=Role.VIEWER,
                command="update",
                using=f"viewer_id = {ME}",
                check=f"viewer_id = {ME} AND status = 'cancelled' AND decided_by_id = {ME}",
            ),
            # The performer decides about her own; what she redeemed of others she may only cancel.
            Policy(
                role=Role.PERFORMER,
                command="update",
                using=f"performer_id = {ME} OR viewer_id = {ME}",
                check=(
                    f"decided_by_id = {ME} AND (performer_id = {ME} AND status IN ('fulfilled', 'rejected') "
                    f"OR viewer_id = {ME} AND status = 'cancelled')"
                ),
            ),
            *policies(
                Role.SUPPORT,
                *MODERATORS,
                command="update",
                using=f"performer_id <> {ME} AND viewer_id <> {ME}",
                check=f"status = 'rejected' AND decided_by_id = {ME}",
            ),
            Policy(
                role=Role.WORKER,
                command="update",
                using=ALL,
                check="status = 'expired' AND decided_by_id IS NULL",
            ),
        ]
        indexes = [
            BTree(fields=["reward", "-id"], serves="The page of a reward: who redeemed it, newest first"),
            BTree(
                fields=["performer", "-id"],
                condition=PENDING,
                name="%(app_label)s_%(class)s_pending_idx",
                serves="docs/queries/redemptions_waiting.sql: what a performer has to decide about",
            ),
            BTree(fields=["performer", "-id"], serves="A performer's page: redemptions, newest first"),
            BTree(
                fields=["viewer", "-id"],
                serves="docs/queries/redemptions_of_person.sql: own redemptions, newest first",
            ),
            BTree(
                fields=["redeemed_at"],
                condition=PENDING,
                name="%(app_label)s_%(class)s_expiring_idx",
                serves="The job interactions_settle: redemptions that nobody decided about in time",
            ),
        ]
        triggers = [
            Immutable(
                "reward",
                "performer",
                "viewer",
                "tokens",
                "spend",
                "idempotency_key",
                "is_counted",
                "redeemed_at",
            ),
            TakesStock(),
            RedemptionMoves(),
            AdmitsPerson("viewer", "performer", bars=("chat", "tip", "sign_in")),
            RefuseErasedPerson("viewer", "performer"),
        ]

    def __str__(self) -> str:
        return f"Redemption: {self.get_status_display().lower()}"
