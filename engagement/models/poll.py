"""Polls: a question of a performer, its choices, and who voted."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.erasure_triggers import GoneOnErasure, RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.fields import CurrentTransaction, TransactionIdField
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import GoesWith, Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Entity, Fact, Identified, Versioned, Volume
from engagement.interaction_choices import PollStatus
from engagement.interaction_policies import (
    MODERATORS,
    PEOPLE,
    kept_by_performer,
    shown_to_all,
)
from engagement.interaction_triggers import AdmitsPerson
from engagement.poll_triggers import ChoiceComesWithPoll, CountsVotes, HasChoices, PollGate, TakesVote

FEWEST_CHOICES, MOST_CHOICES = 2, 10
LONGEST_DAYS = 7
OPEN = Q(status=PollStatus.OPEN)


class PollQuerySet(models.QuerySet):
    """Reads of polls."""

    def open(self) -> Self:
        """Those that take votes, unless their time is over."""
        return self.filter(OPEN)


class Poll(Versioned):
    """One row per poll of a performer. A person votes once, for up to `most_choices` of its choices.

    Written by `engagement.services.polls`.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("{row}.closed_at")
    held_by = HeldBy(person=("performer",), keeps=("question",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="polls",
        db_comment="The performer who asks.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="polls",
        db_comment="In which stream of hers; null: in none.",
    )
    question = models.TextField(db_comment="What is asked; never changed while the person is not erased.")
    most_choices = models.SmallIntegerField(
        default=1, db_comment="For how many choices a person may vote; 1: for a single one."
    )
    status = models.TextField(
        choices=PollStatus, default=PollStatus.OPEN, db_comment="Where the poll stands; moves are enforced."
    )
    closes_at = models.DateTimeField(db_comment="Until when votes are taken (UTC).")
    closed_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment="When it was over (UTC); null: it is open."
    )
    xact = TransactionIdField(
        db_default=CurrentTransaction(),
        editable=False,
        db_comment="Number of the transaction that wrote it; its choices are of the same one.",
    )

    status_machine = StateMachine(
        PollStatus,
        initial=[PollStatus.OPEN],
        moves={PollStatus.OPEN: [PollStatus.CLOSED, PollStatus.CANCELLED]},
    )

    objects: Any = PollQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per poll of a performer. Written by engagement.services.polls. "
            "Kept 13 months after its end."
        )
        permissions = [("cancel_poll", "Can cancel polls of performers")]
        constraints = [
            *line("question", 140),
            rule(
                Q(most_choices__gte=1, most_choices__lte=MOST_CHOICES),
                "most_choices",
                f"A person votes for 1 to {MOST_CHOICES} choices.",
            ),
            rule(
                OPEN & Q(closed_at__isnull=True) | ~OPEN & Q(closed_at__isnull=False),
                "closed_at",
                "A poll has an end exactly when it is over.",
            ),
            unique(
                "performer", when=OPEN, name="open", message="You have a poll already. Close that one first."
            ),
            *shown_to_all(),
            *policies(Role.ANALYST, command="select", using=ALL),
            *kept_by_performer(begins="status = 'open'", staff="status = 'cancelled'", worker=True),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her polls, newest first"),
            BTree(
                fields=["closes_at"],
                condition=OPEN,
                name="%(app_label)s_%(class)s_closing_idx",
                serves="docs/queries/polls_to_close.sql: the job interactions_settle, polls whose time is over",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "most_choices", "closes_at", "xact"),
            PollGate(LONGEST_DAYS),
            HasChoices(FEWEST_CHOICES, MOST_CHOICES),
            CountsVotes(),
            RefuseErasedPerson("performer"),
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def trail_name(self) -> str:
        """The poll without its question, which an erasure destroys."""
        return f"poll {self.pk}"


class PollChoice(Entity):
    """One row per choice of a poll, written with it. `votes` is null until the poll is over."""

    volume, retention = Volume.LARGE, "that of its poll"
    over = GoesWith("poll")
    held_by = HeldBy(person=("performer",), keeps=("label",))

    poll = models.ForeignKey(
        Poll,
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="choices",
        db_comment="Of which poll.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="poll_choices",
        db_comment="Whose poll it is; taken from the poll.",
    )
    position = models.SmallIntegerField(db_comment="Place among the choices, from 1.")
    label = models.TextField(db_comment="What may be voted for.")
    votes = models.BigIntegerField(
        null=True,
        blank=True,
        editable=False,
        db_comment="How many votes it had when the poll was closed; null: it was not. Set by trigger.",
    )

    class Meta:
        db_table_comment = (
            "One row per choice of a poll. Written by engagement.services.polls. Kept as long as its poll."
        )
        constraints = [
            *line("label", 60),
            rule(
                Q(position__gte=1, position__lte=MOST_CHOICES),
                "position",
                f"A poll has up to {MOST_CHOICES} choices.",
            ),
            rule(Q(votes__isnull=True) | Q(votes__gte=0), "votes", "A number of votes is zero or more."),
            unique("poll", "position", message="Two choices have the same place."),
            unique("poll", "label", message="Two choices are the same."),
            *shown_to_all(),
            *policies(Role.ANALYST, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND votes IS NULL"),
        ]
        triggers = [ChoiceComesWithPoll(), Immutable("poll", "performer", "position")]

    def __str__(self) -> str:
        return self.label


class PollVote(Fact, Identified):
    """One row per choice for which a person voted; `ballot` numbers them, so that nobody has more than the poll allows.

    Read by nobody but the voter, and by staff who look into fraud. Written by `engagement.services.poll_votes`.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = HeldBy(person=("voter",))

    poll = models.ForeignKey(
        Poll,
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="votes",
        db_comment="In which poll; taken from the choice.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="poll_votes",
        db_comment="Whose poll it is; taken from the poll.",
    )
    choice = models.ForeignKey(
        PollChoice,
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="cast",
        db_comment="For what was voted.",
    )
    voter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="poll_votes",
        db_comment="Who voted.",
    )
    ballot = personal(
        models.SmallIntegerField(
            default=1, db_comment="Number of this vote among those of the person, from 1."
        )
    )
    voted_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When the vote was cast (UTC); kept by trigger."
    )

    class Meta:
        db_table_comment = (
            "One row per vote of a person. Written by engagement.services.poll_votes. Kept 13 months."
        )
        constraints = [
            unique("poll", "voter", "ballot", message="You have voted already."),
            unique("choice", "voter", message="You have voted for this already."),
            rule(~Q(voter=F("performer")), "voter", "Nobody votes in a poll of their own."),
            *policies(*MODERATORS, Role.COMPLIANCE, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=f"voter_id = {ME}"),
            *policies(*PEOPLE, command="insert", check=f"voter_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["voter", "-id"], serves="docs/queries/votes_of_person.sql: own votes, newest first"
            ),
        ]
        triggers = [
            TakesVote(),
            GoneOnErasure("voter"),
            AdmitsPerson("voter", "performer", bars=("sign_in",)),
            RefuseErasedPerson("voter"),
        ]

    def __str__(self) -> str:
        return f"Vote {self.ballot}"
