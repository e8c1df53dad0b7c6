"""Private shows: one viewer, one performer, paid by the minute."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.choices import PrivateShowStatus
from streams.models.stream import MODERATORS
from streams.participation_triggers import PrivateShowGate

STAFF = (
    Role.SUPPORT,
    *MODERATORS,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.AUDITOR,
)
MOST_TOKENS = 1_000_000
RUNNING = Q(status=PrivateShowStatus.RUNNING)
OPEN = Q(status__in=[PrivateShowStatus.REQUESTED, PrivateShowStatus.ACCEPTED])
BEGAN = [PrivateShowStatus.RUNNING, PrivateShowStatus.ENDED]


class PrivateShowQuerySet(models.QuerySet):
    """Reads of private shows."""

    def running(self) -> Self:
        """Those that go on now."""
        return self.filter(RUNNING)


class PrivateShow(Versioned):
    """One row per private show that a viewer asked for.

    The rate is frozen when it is asked for: both know what a minute costs, and billing charges it. Written by
    `streams.services.private_shows`.
    """

    volume, retention = Volume.LARGE, "7 years after its end; bookings refer to it"
    over = Over("{row}.ended_at")
    held_by = HeldBy(person=("performer", "viewer"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="private_shows",
        db_comment="Who performs.",
    )
    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="private_shows",
        db_comment="Who watches and pays.",
    )
    status = models.TextField(
        choices=PrivateShowStatus,
        default=PrivateShowStatus.REQUESTED,
        db_comment="Where the show stands; moves are enforced.",
    )
    tokens_per_minute = models.BigIntegerField(
        db_comment="What a minute costs, in tokens; frozen when the show is asked for."
    )
    started_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the show began (UTC); null: it did not."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was over, declined or cancelled (UTC); null: it is open."
    )

    status_machine = StateMachine(
        PrivateShowStatus,
        initial=[PrivateShowStatus.REQUESTED],
        moves={
            PrivateShowStatus.REQUESTED: [
                PrivateShowStatus.ACCEPTED,
                PrivateShowStatus.DECLINED,
                PrivateShowStatus.CANCELLED,
            ],
            PrivateShowStatus.ACCEPTED: [PrivateShowStatus.RUNNING, PrivateShowStatus.CANCELLED],
            PrivateShowStatus.RUNNING: [PrivateShowStatus.ENDED],
        },
    )

    objects: Any = PrivateShowQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per private show, from the request to the end. Written by streams.services.private_shows. "
            "Kept 7 years after its end."
        )
        permissions = [("end_privateshow", "Can end private shows")]
        constraints = [
            rule(~Q(performer=F("viewer")), "viewer", "Nobody books a private show with themselves."),
            rule(
                Q(tokens_per_minute__gte=1, tokens_per_minute__lte=MOST_TOKENS),
                "tokens_per_minute",
                f"A minute costs 1 to {MOST_TOKENS} tokens.",
            ),
            rule(
                Q(started_at__isnull=False, status__in=BEGAN)
                | Q(started_at__isnull=True) & ~Q(status__in=BEGAN),
                "started_at",
                "A show has a beginning exactly when it began.",
            ),
            rule(
                Q(ended_at__isnull=True, status__in=["requested", "accepted", "running"])
                | Q(ended_at__isnull=False, status__in=["declined", "cancelled", "ended"]),
                "ended_at",
                "A show has an end exactly when it is over.",
            ),
            rule(
                Q(started_at__isnull=True) | Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                "order",
                "A show ends after it began.",
            ),
            unique(
                "performer",
                when=RUNNING,
                name="performer_running",
                message="This performer is in a private show already.",
            ),
            unique(
                "viewer",
                when=RUNNING,
                name="viewer_running",
                message="You are in a private show already. End it first.",
            ),
            unique(
                "viewer",
                "performer",
                when=OPEN,
                name="open",
                message="You have asked this performer already. Wait for the answer, or cancel.",
            ),
            *policies(*STAFF, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=f"viewer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR viewer_id = {ME}"),
            Policy(role=Role.VIEWER, command="insert", check=f"viewer_id = {ME}"),
            # A viewer gives up a request or ends a show; the performer alone accepts, declines and begins.
            Policy(
                role=Role.VIEWER,
                command="update",
                using=f"viewer_id = {ME}",
                check=f"viewer_id = {ME} AND status IN ('cancelled', 'ended')",
            ),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(
                *MODERATORS,
                command="update",
                using=f"performer_id <> {ME} AND viewer_id <> {ME}",
                check="status IN ('cancelled', 'ended')",
            ),
            Policy(
                role=Role.WORKER,
                command="update",
                using="ended_at IS NULL",
                check="status IN ('cancelled', 'ended')",
            ),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/private_shows_of_performer.sql: a performer's page, newest first",
            ),
            BTree(fields=["viewer", "-id"], serves="Own private shows of a viewer, newest first"),
        ]
        triggers = [
            Immutable("performer", "viewer", "tokens_per_minute"),
            PrivateShowGate(),
            RefuseErasedPerson("performer", "viewer"),
        ]

    def __str__(self) -> str:
        return f"Private show: {self.get_status_display().lower()}"
