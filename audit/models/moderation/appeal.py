"""Appeals: a decision looked at again, by somebody else."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.appeal_triggers import MovesAppeal, StampsAppeal, TellsReceipt
from audit.models.moderation.decision import Decision
from audit.models.moderation.readers import CASE_STAFF, LEADS, NOT_ABOUT_ME, OVERSEERS, PEOPLE
from audit.moderation_choices import AppealSide, AppealStatus
from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume

LIVE = Q(status__in=[AppealStatus.FILED, AppealStatus.REVIEWING])


class AppealQuerySet(models.QuerySet):
    """Reads of appeals."""

    def live(self) -> Self:
        """Appeals that nobody has decided, the longest waiting first."""
        return self.filter(LIVE).order_by("due_at", "pk")


class Appeal(Versioned):
    """One row per complaint against a decision (Regulation (EU) 2022/2065, article 20), by its author or a reporter.

    Within six months, once per person and decision, and never reviewed by whoever decided: triggers take decider,
    person and side from the decision and refuse the rest. Written by `audit.services.appeals`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("person", "appellant"))

    decision = models.ForeignKey(
        Decision,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="appeals",
        db_comment="What is appealed.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="appeals_about",
        db_comment="About whom the decision is; taken from it.",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_against_decisions",
        db_comment="Who made the decision; taken from it. Never the reviewer.",
    )
    appellant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="appeals",
        db_comment="Who appeals.",
    )
    side = models.TextField(choices=AppealSide, db_comment="Author or reporter; found by trigger.")
    words = personal(models.TextField(db_comment="Why the decision is wrong, in the words of the appellant."))
    status = models.TextField(
        choices=AppealStatus, default=AppealStatus.FILED, db_comment="Where it stands; moves are enforced."
    )
    filed_at = models.DateTimeField(db_comment="When it was filed (UTC), by the clock of the database.")
    due_at = models.DateTimeField(
        db_comment="When it should be decided (UTC): timely (DSA art. 20(4)), two weeks."
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_reviewed",
        db_comment="Who reviews it; null: nobody yet.",
    )
    outcome_reasons = personal(
        models.TextField(
            blank=True, default="", db_comment="Why it ended so, for both sides; empty while it is live."
        )
    )
    reviewed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it ended (UTC); null while it is live."
    )
    reversal = models.ForeignKey(
        Decision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeals_granted",
        db_comment="The decision that reverses the appealed one, or takes it anew; null: it was not overturned.",
    )

    status_machine = StateMachine(
        AppealStatus,
        initial=[AppealStatus.FILED],
        moves={
            AppealStatus.FILED: [AppealStatus.REVIEWING],
            AppealStatus.REVIEWING: [
                AppealStatus.FILED,
                AppealStatus.UPHELD,
                AppealStatus.OVERTURNED,
                AppealStatus.INADMISSIBLE,
            ],
        },
    )

    objects: Any = AppealQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per complaint against a decision, by its author or a reporter. Written by "
            "audit.services.appeals. Kept 7 years."
        )
        permissions = [("review_appeal", "Can review appeals")]
        constraints = [
            one_of("side", AppealSide),
            *paragraphs("words", 5000),
            rule(~Q(words=""), "words", "Say why the decision is wrong."),
            *paragraphs("outcome_reasons", 5000),
            unique("decision", "appellant", message="You have appealed this decision already."),
            rule(
                Q(reviewer__isnull=True) | Q(decided_by__isnull=True) | ~Q(reviewer=F("decided_by")),
                "reviewer",
                "An appeal is reviewed by somebody else than whoever decided.",
            ),
            rule(
                Q(reviewer__isnull=True) | ~Q(reviewer=F("appellant")) & ~Q(reviewer=F("person")),
                "reviewer_own",
                "Nobody reviews their own appeal, or one about themselves.",
            ),
            rule(
                Q(status=AppealStatus.FILED, reviewer__isnull=True)
                | ~Q(status=AppealStatus.FILED) & Q(reviewer__isnull=False),
                "reviewed_by",
                "An appeal under review or decided has a reviewer.",
            ),
            rule(
                LIVE & Q(reviewed_at__isnull=True, outcome_reasons="")
                | ~LIVE & Q(reviewed_at__isnull=False) & ~Q(outcome_reasons=""),
                "outcome",
                "A decided appeal says when and why; a live one does not.",
            ),
            rule(
                Q(status=AppealStatus.OVERTURNED, reversal__isnull=False)
                | ~Q(status=AppealStatus.OVERTURNED) & Q(reversal__isnull=True),
                "reversal",
                "An overturned decision is reversed by another decision; an upheld one is not.",
            ),
            *policies(*CASE_STAFF, command="select", using=NOT_ABOUT_ME),
            *policies(*OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"appellant_id = {ME}"),
            *policies(*PEOPLE, command="insert", check=f"appellant_id = {ME} AND status = 'filed'"),
            *policies(
                *LEADS, command="update", using=f"{NOT_ABOUT_ME} AND decided_by_id IS DISTINCT FROM {ME}"
            ),
        ]
        indexes = [
            BTree(
                fields=["due_at", "id"],
                condition=LIVE,
                serves="docs/queries/live_appeals.sql: the queue of appeals, the longest waiting first",
            ),
            BTree(fields=["appellant", "-id"], serves="A person's own appeals, newest first"),
            BTree(
                fields=["reviewed_at"],
                condition=Q(reviewed_at__isnull=False),
                serves="audit.selectors_workload: appeals decided in a period",
            ),
        ]
        triggers = [
            StampsAppeal(),
            Immutable("decision", "person", "decided_by", "appellant", "side", "words", "filed_at"),
            MovesAppeal(),
            TellsReceipt(),
        ]

    def __str__(self) -> str:
        return f"Appeal of {self.filed_at:%Y-%m-%d}"

    @property
    def trail_name(self) -> str:
        """The trail says when it was filed, not what was said."""
        return str(self)
