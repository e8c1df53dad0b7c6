"""Streams: what a performer sends, from the plan to the end."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, matches, one_of, rule, unique, without_case
from core.db.figures import Told, tells_figures
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, SoftDeletable, Versioned, Volume
from streams.broadcast_triggers import (
    GoLiveGate,
    ImportedIsOver,
    OneLease,
    ParticipantsFollow,
    RecordsMoves,
    RecordsWords,
)
from streams.catalogue_triggers import ShowsLinks
from streams.choices import StreamEnd, StreamStatus, Visibility
from streams.models.erasable_history import HistoryOfPerformer
from streams.search_triggers import STREAM_IS_SEARCHED

READERS = (
    Role.SUPPORT,
    Role.MODERATOR,
    Role.LEAD_MODERATOR,
    Role.FINANCE,
    Role.FINANCE_APPROVER,
    Role.COMPLIANCE,
    Role.ANALYST,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
)
MODERATORS = (Role.MODERATOR, Role.LEAD_MODERATOR)
DECIDERS = (*MODERATORS, Role.COMPLIANCE)
"""Whose decisions take content from viewers: moderators, and compliance after a copyright notice."""

ON_AIR = (StreamStatus.STARTING, StreamStatus.LIVE, StreamStatus.INTERRUPTED)
"""States in which a stream holds its performer's one place on air."""

OVER = (StreamStatus.ENDED, StreamStatus.ARCHIVED, StreamStatus.ABORTED)
SEEN = "visibility <> 'private' AND deleted_at IS NULL"
"""Streams whose existence anybody may know of."""

HOURS_ON_AIR = (
    "generate_series(date_trunc('hour', {row}.started_at, 'UTC'), "
    "coalesce({row}.ended_at, {row}.started_at), '1 hour')"
)
"""Every hour of a stream that is over, the first one of one that is on; none of one that never began."""

NOT_MINE = f"performer_id IS DISTINCT FROM {ME}"


class StreamQuerySet(models.QuerySet):
    """Reads of streams."""

    def on_air(self) -> Self:
        """Streams that are starting, live or interrupted."""
        return self.filter(status__in=ON_AIR)

    def live(self) -> Self:
        """Streams that viewers can watch now."""
        return self.filter(status=StreamStatus.LIVE)

    def title_starts_with(self, prefix: str) -> Self:
        """Streams whose title begins with `prefix`, letter case aside; by an index of its own."""
        return self.alias(folded=without_case("title")).filter(folded__startswith=prefix.lower())

    def silent(self, seconds: int) -> Self:
        """Streams on air without a sign of life for so many seconds, by the clock of the database."""
        return self.on_air().filter(last_heartbeat_at__lt=Now() - timedelta(seconds=seconds))


class LivingStreamManager(models.Manager.from_queryset(StreamQuerySet)):  # type: ignore[misc]
    """Hides deleted streams."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(deleted_at__isnull=True)


class Stream(SoftDeletable, Versioned):
    """One row per stream of a performer: what it is called, who may know of it, and where it stands.

    Written by `streams.services`. Who appears is in `Participant`, who may watch in `AccessRule`.
    """

    volume, retention = Volume.LARGE, "7 years after its end"
    held_by = HeldBy(
        person=("performer",), stream=("id",), keeps=("title", "description", "thumbnail_key", "language")
    )

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="streams",
        db_comment="Whose stream it is.",
    )
    title = models.TextField(db_comment="Title shown to viewers.")
    description = models.TextField(
        blank=True, default="", db_comment="What the stream is about; may be empty."
    )
    thumbnail_key = not_personal(
        models.TextField(
            null=True, blank=True, db_comment="Key of the still picture in object storage; null: none yet."
        )
    )
    language = models.TextField(
        default="en", db_comment="Spoken language, ISO 639 code of two or three letters."
    )
    visibility = models.TextField(
        choices=Visibility, default=Visibility.PUBLIC, db_comment="Who may know that the stream exists."
    )
    hidden_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="Since when staff hide it, so that its performer cannot show it (UTC); null: they do not.",
    )
    status = models.TextField(
        choices=StreamStatus,
        default=StreamStatus.SCHEDULED,
        db_comment="Where the stream stands; moves are enforced.",
    )
    scheduled_start_at = models.DateTimeField(
        null=True, blank=True, db_comment="Announced beginning (UTC); null: begins unannounced."
    )
    started_at = models.DateTimeField(
        null=True, blank=True, db_comment="When viewers could first watch (UTC); null: never on air yet."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the stream was over (UTC); null: it is not."
    )
    end_reason = not_personal(
        models.TextField(
            choices=StreamEnd, null=True, blank=True, db_comment="Why the stream is over; null: it is not."
        )
    )
    lease = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        db_comment="Names the ingest session that holds the place on air; null: none does.",
    )
    last_heartbeat_at = models.DateTimeField(
        null=True, blank=True, db_comment="Last sign of life of the ingest session (UTC); null: none yet."
    )

    status_machine = StateMachine(
        StreamStatus,
        initial=[StreamStatus.SCHEDULED],
        moves={
            # Over at once: only an import, see ImportedIsOver.
            StreamStatus.SCHEDULED: [StreamStatus.STARTING, StreamStatus.ABORTED, StreamStatus.ENDED],
            StreamStatus.STARTING: [StreamStatus.LIVE, StreamStatus.ABORTED],
            StreamStatus.LIVE: [StreamStatus.INTERRUPTED, StreamStatus.ENDED],
            StreamStatus.INTERRUPTED: [StreamStatus.LIVE, StreamStatus.ENDED],
            StreamStatus.ENDED: [StreamStatus.ARCHIVED],
        },
    )
    quiet_columns = ("last_heartbeat_at",)

    objects: Any = LivingStreamManager()
    all_objects: Any = models.Manager.from_queryset(StreamQuerySet)()
    history = History(excluded_fields=["last_heartbeat_at", "lease"], bases=(HistoryOfPerformer,))

    class Meta(SoftDeletable.Meta):
        db_table_comment = (
            "One row per stream of a performer, from plan to end. Written by streams.services. "
            "Kept 7 years after its end."
        )
        permissions = [("end_stream", "Can end streams that are on air")]
        constraints = [
            *line("title", 140),
            *paragraphs("description", 5000),
            length_between("thumbnail_key", 1, 300),
            matches(
                "language", "^[a-z]{2,3}$", "A language is an ISO 639 code of two or three small letters."
            ),
            one_of("visibility", Visibility),
            one_of("end_reason", StreamEnd),
            rule(
                Q(hidden_at__isnull=True) | Q(visibility=Visibility.PRIVATE),
                "hidden",
                "This stream is hidden by a decision of staff. Appeal the decision.",
            ),
            rule(
                Q(started_at__isnull=False) | ~Q(status__in=["live", "interrupted", "ended", "archived"]),
                "started_at",
                "A stream that was on air says since when.",
            ),
            rule(
                Q(ended_at__isnull=False, end_reason__isnull=False, status__in=OVER)
                | Q(ended_at__isnull=True, end_reason__isnull=True) & ~Q(status__in=OVER),
                "ended_at",
                "A stream has an end and its reason exactly when it is over.",
            ),
            rule(
                Q(started_at__isnull=True)
                | Q(ended_at__isnull=True)
                | Q(ended_at__gte=models.F("started_at")),
                "order",
                "A stream ends after it began.",
            ),
            rule(
                Q(lease__isnull=False, last_heartbeat_at__isnull=False, status__in=ON_AIR)
                | Q(lease__isnull=True) & ~Q(status__in=ON_AIR),
                "lease",
                "A stream holds a lease with a sign of life exactly while it is on air.",
            ),
            rule(
                Q(deleted_at__isnull=True) | ~Q(status__in=ON_AIR),
                "deleted_at",
                "A stream on air cannot be deleted. End it first.",
            ),
            unique(
                "performer",
                when=Q(status__in=ON_AIR),
                name="on_air",
                message="This performer is on air already. End that stream first.",
            ),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"{SEEN} OR performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="status = 'scheduled'"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(*DECIDERS, command="update", using=NOT_MINE),
            Policy(role=Role.WORKER, command="update", using="deleted_at IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False),
                serves="audit.services.retention: participants, releases and settings of streams that ended long ago",
            ),
            BTree(fields=["performer", "-id"], serves="A performer's page: her streams, newest first"),
            BTree(
                fields=["last_heartbeat_at"],
                condition=Q(status__in=ON_AIR),
                name="%(app_label)s_%(class)s_heartbeat_idx",
                serves="docs/queries/streams_without_heartbeat.sql: what the reaper ends",
            ),
            BTree(
                fields=["-id"],
                condition=Q(status__in=ON_AIR),
                name="%(app_label)s_%(class)s_on_air_idx",
                serves="docs/queries/streams_on_air.sql: Live now of the back office, newest first",
            ),
            BTree(
                without_case("title"),
                name="%(app_label)s_%(class)s_title_idx",
                serves="docs/queries/streams_by_title.sql: the search box of the back office, by beginning",
            ),
        ]
        triggers = [
            Immutable("performer"),
            OneLease(),
            ImportedIsOver(),
            GoLiveGate(),
            RefuseErasedPerson("performer"),
            RecordsMoves(),
            RecordsWords(),
            ParticipantsFollow(),
            STREAM_IS_SEARCHED,
            ShowsLinks(),
            *tells_figures(
                Told("streams", "{row}.id", HOURS_ON_AIR),
                Told("performer_streams", "{row}.performer_id", HOURS_ON_AIR),
                changes=("started_at", "ended_at"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def trail_name(self) -> str:
        """The stream without its title, which the performer wrote and an erasure destroys."""
        return f"stream {self.pk}"
