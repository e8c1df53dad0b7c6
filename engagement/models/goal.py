"""Goals: so many tokens in tips, for something that the performer promises."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from billing.models.token_lot import MOST_TOKENS
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.retention import GoesWith, Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import History, Identified, Versioned, Volume
from engagement.goal_triggers import GoalGate, GoalStreamIsHers
from engagement.interaction_choices import GoalStatus
from engagement.interaction_policies import STAFF, kept_by_performer, shown_to_all
from streams.models.erasable_history import HistoryOfPerformer

OPEN = Q(status=GoalStatus.OPEN)


class GoalQuerySet(models.QuerySet):
    """Reads of goals."""

    def open(self) -> Self:
        """Those for which tips count."""
        return self.filter(OPEN)


class Goal(Versioned):
    """One row per goal of a performer: what she promises, and for how many tokens in tips.

    Every tip to her between opening and closing counts, in the stream that the goal names if it names one. The total
    is `counted_tokens` and the contributions that are not folded yet (`engagement.goal_totals`). Written by
    `engagement.services.goals`.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("{row}.closed_at")
    held_by = HeldBy(person=("performer",), keeps=("title",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="goals",
        db_comment="Whose goal it is.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="goals",
        db_comment="Tips during which stream count; null: all tips to her.",
    )
    title = models.TextField(db_comment="What she does when it is reached.")
    target_tokens = not_personal(models.BigIntegerField(db_comment="How many tokens in tips it takes."))
    counted_tokens = not_personal(
        models.BigIntegerField(
            default=0,
            db_default=0,
            editable=False,
            db_comment="Sum of the contributions that are folded; moved by engagement_goals_fold alone.",
        )
    )
    status = models.TextField(
        choices=GoalStatus, default=GoalStatus.OPEN, db_comment="Where the goal stands; moves are enforced."
    )
    opened_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="From when on tips count (UTC); kept by trigger."
    )
    ends_at = models.DateTimeField(
        null=True, blank=True, db_comment="Until when it can be reached (UTC); null: until it is closed."
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="Until when tips counted (UTC); null: it is open."
    )

    status_machine = StateMachine(
        GoalStatus,
        initial=[GoalStatus.OPEN],
        moves={GoalStatus.OPEN: [GoalStatus.REACHED, GoalStatus.EXPIRED, GoalStatus.CANCELLED]},
    )
    quiet_columns = ("counted_tokens",)

    objects: Any = GoalQuerySet.as_manager()
    history = History(excluded_fields=["counted_tokens"], bases=(HistoryOfPerformer,))

    class Meta:
        db_table_comment = (
            "One row per goal of a performer. Written by engagement.services.goals. "
            "Kept 13 months after its end."
        )
        permissions = [("cancel_goal", "Can cancel goals of performers")]
        constraints = [
            *line("title", 140),
            rule(
                Q(target_tokens__gte=1, target_tokens__lte=MOST_TOKENS),
                "target_tokens",
                f"A goal is 1 to {MOST_TOKENS:,} tokens.",
            ),
            rule(
                OPEN & Q(closed_at__isnull=True) | ~OPEN & Q(closed_at__isnull=False),
                "closed_at",
                "A goal has an end exactly when it is over.",
            ),
            rule(
                Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                "order",
                "A goal is closed after it was opened.",
            ),
            rule(
                Q(ends_at__isnull=True) | Q(ends_at__gt=F("opened_at")),
                "ends_at",
                "The end of a goal lies in the future.",
            ),
            rule(
                ~Q(status=GoalStatus.EXPIRED) | Q(ends_at__isnull=False, closed_at=F("ends_at")),
                "expired",
                "A goal expires at the end that was set for it.",
            ),
            unique(
                "performer",
                when=OPEN,
                name="open",
                message="You have a goal already. Close that one first.",
            ),
            *shown_to_all(),
            *policies(Role.ANALYST, Role.FINANCE, command="select", using=ALL),
            *kept_by_performer(
                begins="status = 'open' AND counted_tokens = 0", staff="status = 'cancelled'", worker=True
            ),
        ]
        indexes = [
            BTree(
                fields=["performer", "-opened_at"],
                serves="engagement_spends_made: for which goals of hers a tip counts; her page, newest first",
            ),
            BTree(
                fields=["ends_at"],
                condition=OPEN & Q(ends_at__isnull=False),
                name="%(app_label)s_%(class)s_ending_idx",
                serves="docs/queries/goals_ending.sql: the job interactions_settle, goals that are over",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "opened_at"),
            GoalStreamIsHers(),
            GoalGate(),
            RefuseErasedPerson("performer"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def trail_name(self) -> str:
        """The goal without its title, which an erasure destroys."""
        return f"goal {self.pk}"


class GoalContribution(Identified):
    """One row per tip that counts for a goal, and per tip taken back, with its tokens below zero.

    Written by the statement that writes the tip, through `billing_spends_made`, whoever tips and however; nobody else
    may write one. `engagement_goals_fold` adds them to the goal, many at once, so that no tip waits for another one.
    """

    volume, retention = Volume.LARGE, "that of its goal"
    over = GoesWith("goal")
    held_by = HeldBy(person=("performer",))

    goal = models.ForeignKey(
        Goal,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="contributions",
        db_comment="For which goal it counts.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="goal_contributions",
        db_comment="Whose goal it is; taken from the tip.",
    )
    spend = models.ForeignKey(
        "billing.TokenSpend",
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="goal_contributions",
        db_comment="The tip that counts; its tokens are those of the row.",
    )
    reversal = models.ForeignKey(
        "billing.SpendReversal",
        models.PROTECT,
        null=True,
        blank=True,
        # The unique index leads with it.
        db_index=False,
        related_name="goal_contributions",
        db_comment="By what the tip was taken back; null: this is the tip itself.",
    )
    tokens = not_personal(
        models.BigIntegerField(db_comment="How many tokens it counts for; below zero: a tip taken back.")
    )
    is_folded = models.BooleanField(
        default=False, db_default=False, db_comment="Contained in counted_tokens of the goal."
    )

    class Meta:
        db_table_comment = (
            "One row per tip that counts for a goal. Written by billing_spends_made. "
            "Kept as long as its goal."
        )
        constraints = [
            rule(
                Q(reversal__isnull=True, tokens__gt=0) | Q(reversal__isnull=False, tokens__lt=0),
                "tokens",
                "A tip counts for at least one token; one taken back counts against.",
            ),
            unique("spend", "goal", "reversal", name="spend_goal", message="This tip counts already."),
            unique(
                "reversal",
                "goal",
                when=Q(reversal__isnull=False),
                message="This tip was taken back already.",
            ),
            *policies(*STAFF, Role.FINANCE, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(fields=["goal", "-id"], serves="The page of a goal: what counted for it, newest first"),
            BTree(
                fields=["goal", "id"],
                condition=Q(is_folded=False),
                include=["tokens"],
                name="%(app_label)s_%(class)s_unfolded_idx",
                serves="docs/queries/goal_total.sql: what is not folded yet, for totals and for the fold",
            ),
        ]
        triggers = [Immutable("goal", "performer", "spend", "reversal", "tokens")]

    def __str__(self) -> str:
        return f"{self.tokens:,} tokens"
