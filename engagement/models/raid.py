"""Raids: a performer sends her viewers to somebody else's stream."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from engagement.interaction_choices import RaidStatus
from engagement.interaction_policies import kept_by_performer, shown_to_all
from engagement.interaction_triggers import AdmitsPerson
from engagement.raid_triggers import RaidGate

MOST_VIEWERS = 100_000_000


class RaidQuerySet(models.QuerySet):
    """Reads of raids."""

    def announced(self) -> Self:
        """Those that have not begun."""
        return self.filter(status=RaidStatus.ANNOUNCED)


class Raid(Versioned):
    """One row per raid, from its announcement: who sends her viewers to whom.

    Raids never lead in a circle, however many are announced at once. Written by `engagement.services.raids`.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = HeldBy(person=("performer", "target"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="raids",
        db_comment="Who sends her viewers away.",
    )
    stream = models.ForeignKey(
        "streams.Stream", models.PROTECT, related_name="raids", db_comment="From which stream of hers."
    )
    target = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="raids_received",
        db_comment="To whom they are sent.",
    )
    target_stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        related_name="raids_received",
        db_comment="To which stream; it was on air when the raid was announced.",
    )
    status = models.TextField(
        choices=RaidStatus,
        default=RaidStatus.ANNOUNCED,
        db_comment="Where the raid stands; moves are enforced.",
    )
    viewers = models.IntegerField(
        null=True, blank=True, db_comment="How many watched when it was executed; null: it was not."
    )
    executed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the viewers were sent (UTC); null: they were not."
    )

    status_machine = StateMachine(
        RaidStatus,
        initial=[RaidStatus.ANNOUNCED],
        moves={RaidStatus.ANNOUNCED: [RaidStatus.EXECUTED, RaidStatus.CANCELLED]},
    )

    objects: Any = RaidQuerySet.as_manager()

    class Meta:
        db_table_comment = "One row per raid. Written by engagement.services.raids. Kept 13 months."
        permissions = [("cancel_raid", "Can cancel announced raids")]
        constraints = [
            rule(~Q(performer=F("target")), "target", "Nobody raids themselves."),
            rule(
                Q(status=RaidStatus.EXECUTED, executed_at__isnull=False, viewers__isnull=False)
                | ~Q(status=RaidStatus.EXECUTED) & Q(executed_at__isnull=True, viewers__isnull=True),
                "executed",
                "A raid says when, and with how many viewers, exactly when it was executed.",
            ),
            rule(
                Q(viewers__isnull=True) | Q(viewers__gte=0, viewers__lte=MOST_VIEWERS),
                "viewers",
                "A number of viewers is zero or more.",
            ),
            unique(
                "performer",
                when=Q(status=RaidStatus.ANNOUNCED),
                name="announced",
                message="You have announced a raid already. Carry it out, or cancel it.",
            ),
            *shown_to_all(),
            *policies(Role.ANALYST, command="select", using=ALL),
            *kept_by_performer(begins="status = 'announced'", staff="status = 'cancelled'", worker=True),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her raids, newest first"),
            BTree(
                fields=["target", "-id"],
                serves="docs/queries/raids_received.sql: who raided a performer, newest first",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "target", "target_stream"),
            AdmitsPerson("performer", "target", bars=("stream", "sign_in")),
            RefuseErasedPerson("performer", "target"),
            RaidGate(),
        ]

    def __str__(self) -> str:
        return f"Raid: {self.get_status_display().lower()}"
