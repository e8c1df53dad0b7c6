"""Strikes, the ladder that they climb, and what it proposes."""

from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.models.moderation.case import Case
from audit.models.moderation.decision import DECISION_WRITERS, Decision
from audit.models.moderation.readers import CASE_STAFF, LEADS, NOT_ABOUT_ME, OVERSEERS, PEOPLE
from audit.moderation_choices import ProposalStatus, StrikeAction
from audit.strike_triggers import ClimbsLadder, SettlesProposal, StampsProposal, StampsStrike
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from core.models.entity import Entity


class StrikeQuerySet(models.QuerySet):
    """Reads of strikes."""

    def in_force(self, person_id: UUID) -> Self:
        """Strikes of a person that count now."""
        return self.filter(person=person_id, revoked_at__isnull=True, expires_at__gt=Now())


class Strike(Entity):
    """One row per violation that counts against a person, until it expires or a reversal revokes it.

    Written by `audit.services.strikes` with the decision.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        related_name="strike",
        db_comment="The decision that brought it.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="strikes",
        db_comment="Against whom it counts.",
    )
    points = models.IntegerField(db_comment="How much it counts; as the policy said then.")
    issued_at = models.DateTimeField(db_comment="Since when it counts (UTC).")
    expires_at = models.DateTimeField(db_comment="From when on it counts no more (UTC).")
    revoked_by = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revoked_strike",
        db_comment="The reversal that revoked it; null: it stands.",
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was revoked (UTC); null: it stands."
    )

    objects: Any = StrikeQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per violation that counts against a person. "
            "Written by audit.services.strikes. Kept 7 years."
        )
        constraints = [
            rule(Q(points__range=(1, 100)), "points", "A strike has 1 to 100 points."),
            rule(Q(expires_at__gt=F("issued_at")), "expires_at", "A strike expires after it was issued."),
            rule(
                Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
                "revoked",
                "A revoked strike says by which decision and when.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME}"),
            *policies(*DECISION_WRITERS, command="insert", check=NOT_ABOUT_ME),
            *policies(
                *DECISION_WRITERS,
                command="update",
                using=f"{NOT_ABOUT_ME} AND revoked_at IS NULL",
                check=SOMEBODY,
            ),
        ]
        indexes = [
            BTree(
                fields=["person", "expires_at"],
                condition=Q(revoked_at__isnull=True),
                serves="docs/queries/strikes_in_force.sql: the points of a person that count now",
            )
        ]
        triggers = [
            StampsStrike(),
            Immutable("decision", "person", "points", "issued_at", "expires_at"),
            ClimbsLadder(),
        ]

    def __str__(self) -> str:
        return f"{self.points} points until {self.expires_at:%Y-%m-%d}"


class StrikeLadderStep(Versioned):
    """One row per step: from so many points on, this is proposed. Never done by itself.

    Written by `audit.services.strikes`.
    """

    volume, retention = Volume.SMALL, "while it is in use; its history for 7 years"
    held_by = NotHeld("It is about nobody.")

    points = models.IntegerField(db_comment="From so many points in force on.")
    action = models.TextField(choices=StrikeAction, db_comment="What is proposed.")
    lasts = models.DurationField(null=True, blank=True, db_comment="For how long; null: not limited.")
    is_active = models.BooleanField(default=True, db_comment="Whether it proposes anything.")

    objects: Any = models.Manager()
    history = History()

    class Meta:
        verbose_name = "step of the strike ladder"
        verbose_name_plural = "steps of the strike ladder"
        db_table_comment = (
            "One row per step of the ladder of strikes. Written by audit.services.strikes. "
            "Kept while in use; its history for 7 years."
        )
        permissions = [("manage_strikeladderstep", "Can change the ladder of strikes")]
        constraints = [
            rule(Q(points__range=(1, 1000)), "points", "A step begins at 1 to 1,000 points."),
            unique(
                "points",
                when=Q(is_active=True),
                name="points",
                message="A step begins at these points already.",
            ),
            one_of("action", StrikeAction),
            rule(
                Q(lasts__gte=timedelta(hours=1), lasts__lte=timedelta(days=1830)),
                "lasts",
                "An action lasts an hour to five years.",
            ),
            rule(~Q(action=StrikeAction.WARN) | Q(lasts__isnull=True), "warn", "A warning does not last."),
            *policies(*CASE_STAFF, *OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*LEADS, command="insert", check=SOMEBODY),
            *policies(*LEADS, command="update", using=SOMEBODY),
        ]

    def __str__(self) -> str:
        return f"{self.points} points: {self.get_action_display()}"


class ActionProposal(Versioned):
    """One row per step that somebody's strikes reached: what staff are asked to decide. A person decides, always.

    Written by `audit.services.strikes`; it opens a case about the person or joins the open one.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person",))

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="action_proposals",
        db_comment="About whom.",
    )
    case = models.ForeignKey(
        Case,
        models.PROTECT,
        related_name="action_proposals",
        db_comment="The case about the person on which it is decided.",
    )
    triggered_by = models.ForeignKey(
        Decision,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="proposals_triggered",
        db_comment="The decision whose strike reached the step.",
    )
    step = models.ForeignKey(
        StrikeLadderStep,
        models.PROTECT,
        related_name="proposals",
        db_comment="The step that was reached.",
    )
    points = models.IntegerField(db_comment="Points in force at that moment.")
    action = models.TextField(choices=StrikeAction, db_comment="What is proposed; as the step said then.")
    lasts = models.DurationField(null=True, blank=True, db_comment="For how long; null: not limited.")
    status = models.TextField(
        choices=ProposalStatus,
        default=ProposalStatus.OPEN,
        db_comment="What became of it; moves are enforced.",
    )
    decision = models.OneToOneField(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposal_accepted",
        db_comment="The decision by which it was accepted; null: it was not.",
    )
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_proposals_settled",
        db_comment="Who accepted or declined it; null: open, or withdrawn by a reversal.",
    )
    settled_at = models.DateTimeField(null=True, blank=True, db_comment="When (UTC); null while it is open.")
    reason = personal(models.TextField(blank=True, default="", db_comment="Why it was declined; else empty."))

    status_machine = StateMachine(
        ProposalStatus,
        initial=[ProposalStatus.OPEN],
        moves={
            ProposalStatus.OPEN: [ProposalStatus.ACCEPTED, ProposalStatus.DECLINED, ProposalStatus.WITHDRAWN]
        },
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per action that the ladder of strikes proposes; a person decides. Written by "
            "audit.services.strikes. Kept 7 years."
        )
        constraints = [
            one_of("action", StrikeAction),
            length_between("reason", 0, 2000),
            unique("triggered_by", message="This decision has led to a proposal already."),
            rule(
                Q(status=ProposalStatus.ACCEPTED, decision__isnull=False)
                | ~Q(status=ProposalStatus.ACCEPTED) & Q(decision__isnull=True),
                "decision",
                "A proposal is accepted by a decision.",
            ),
            rule(
                Q(status=ProposalStatus.OPEN, settled_at__isnull=True)
                | ~Q(status=ProposalStatus.OPEN) & Q(settled_at__isnull=False),
                "settled_at",
                "A settled proposal says since when.",
            ),
            rule(
                ~Q(status=ProposalStatus.DECLINED) | ~Q(reason="") & Q(settled_by__isnull=False),
                "reason",
                "Whoever declines a proposal says why.",
            ),
            rule(
                ~Q(status=ProposalStatus.ACCEPTED) | Q(settled_by__isnull=False),
                "settled_by",
                "A person accepts a proposal, never a machine.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*DECISION_WRITERS, command="insert", check=f"{NOT_ABOUT_ME} AND status = 'open'"),
            *policies(
                *DECISION_WRITERS,
                command="update",
                using=f"{NOT_ABOUT_ME} AND status = 'open'",
                check=SOMEBODY,
            ),
        ]
        indexes = [
            BTree(
                fields=["-id"],
                condition=Q(status=ProposalStatus.OPEN),
                name="%(app_label)s_%(class)s_open_idx",
                serves="Home page of lead moderators: proposals that wait",
            )
        ]
        triggers = [
            StampsProposal(),
            Immutable("person", "case", "triggered_by", "step", "points", "action", "lasts"),
            SettlesProposal(),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} at {self.points} points"
