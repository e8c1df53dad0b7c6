"""Recordings: what the recorder of a provider makes of a stream."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from core.db.constraints import has_bytes, length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import paragraphs
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.archive_triggers import GivenUpOnly
from streams.choices import RecordingProvider, RecordingStatus
from streams.models.stream import READERS
from streams.triggers import TakesPerformer

RUNNING = (RecordingStatus.STARTING, RecordingStatus.ACTIVE, RecordingStatus.ENDING)
"""States after which more is to come."""

DONE = (RecordingStatus.COMPLETE, RecordingStatus.LIMIT_REACHED)
"""States in which there is something to watch."""

SILENCE = "silence"
"""Code of the error of a recording that was given up since nothing was heard of it."""

OVER = Q(status__in=[*DONE, RecordingStatus.FAILED, RecordingStatus.ABORTED])


class RecordingQuerySet(models.QuerySet):
    """Reads of recordings."""

    def running(self) -> Self:
        """Recordings of which more is to come."""
        return self.filter(status__in=RUNNING)

    def overdue(self, silence: timedelta) -> Self:
        """Running recordings of which nothing was heard for so long, the longest silence first."""
        return self.running().filter(heard_at__lt=Now() - silence).order_by("heard_at", "pk")

    def to_poll(self) -> Self:
        """Recordings whose provider has to be asked, since its reports stay away."""
        return self.running().filter(poll_requested_at__isnull=False).order_by("poll_requested_at", "pk")

    def failed(self) -> Self:
        """Recordings that came to nothing, newest first."""
        return self.filter(status=RecordingStatus.FAILED).order_by("-pk")


class Recording(Versioned):
    """One row per recording that a provider was asked for, in the states that its recorder reports.

    States and the names of errors follow LiveKit egress (`EgressInfo`, livekit/protocol). Every report is a row of
    `RecordingReport`; this row holds what the latest says.
    """

    volume, retention = Volume.LARGE, "with its archive; failed ones 90 days"
    held_by = HeldBy(person=("performer",), stream=("stream",), recording=("id",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="recordings",
        db_comment="Whose recording it is; taken from the stream.",
    )
    stream = models.ForeignKey(
        "streams.Stream", models.PROTECT, related_name="recordings", db_comment="The stream that is recorded."
    )
    provider = models.TextField(
        choices=RecordingProvider,
        default=RecordingProvider.LIVEKIT,
        db_default=RecordingProvider.LIVEKIT,
        db_comment="Whose recorder makes it.",
    )
    provider_reference = models.TextField(
        db_comment="The provider's id of the recording; unique per provider."
    )
    status = models.TextField(
        choices=RecordingStatus,
        default=RecordingStatus.STARTING,
        db_comment="State that the recorder last reported; moves are enforced.",
    )
    started_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When recording began, by the provider's clock (UTC); null: not yet.",
    )
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When recording ended, by the provider's clock (UTC); null: not yet.",
    )
    reported_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Provider's time (UTC) of the report that stands; null: none was applied yet.",
    )
    heard_at = models.DateTimeField(
        db_default=Now(),
        db_comment="When anything was last heard of it, by our clock (UTC); first: the request.",
    )
    poll_requested_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when the provider has to be asked, as reports stay away (UTC); null: it need not be.",
    )
    error_code = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Code of the provider's error; silence: given up, nothing was heard; empty: none.",
    )
    error_words = models.TextField(
        blank=True, default="", db_default="", db_comment="The error in the provider's words; empty: none."
    )
    retry_count = models.IntegerField(
        default=0, db_default=0, db_comment="How often the provider began anew."
    )
    checksum = not_personal(
        models.BinaryField(
            max_length=32, null=True, blank=True, db_comment="SHA-256 of the whole file; null: not told."
        )
    )

    status_machine = StateMachine(
        RecordingStatus,
        initial=[RecordingStatus.STARTING],
        moves={
            RecordingStatus.STARTING: [
                RecordingStatus.ACTIVE,
                RecordingStatus.ENDING,
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
            RecordingStatus.ACTIVE: [
                RecordingStatus.ENDING,
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
            RecordingStatus.ENDING: [
                RecordingStatus.COMPLETE,
                RecordingStatus.FAILED,
                RecordingStatus.ABORTED,
                RecordingStatus.LIMIT_REACHED,
            ],
            # Only what was given up in silence: a trigger asks for the code of the error.
            RecordingStatus.FAILED: [RecordingStatus.COMPLETE, RecordingStatus.LIMIT_REACHED],
        },
    )
    quiet_columns = ("heard_at",)

    objects: Any = RecordingQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per recording that a provider was asked for. Written by streams.services.recordings. "
            "Kept with its archive; failed ones 90 days."
        )
        constraints = [
            one_of("provider", RecordingProvider),
            length_between("provider_reference", 1, 200),
            matches(
                "provider_reference", "^[!-~]+$", "A provider's reference has printable ASCII without spaces."
            ),
            unique("provider", "provider_reference", message="This recording is known already."),
            length_between("error_code", 0, 100),
            *paragraphs("error_words", 2000),
            rule(
                ~Q(status=RecordingStatus.FAILED) | ~Q(error_code=""),
                "error_code",
                "A recording that failed says by which error.",
            ),
            rule(
                Q(retry_count__gte=0, retry_count__lte=1000),
                "retry_count",
                "Retries are counted from 0 to 1000.",
            ),
            rule(has_bytes("checksum", 32), "checksum", "A digest has 32 bytes."),
            rule(
                Q(ended_at__isnull=False) & OVER | Q(ended_at__isnull=True) & ~OVER,
                "ended_at",
                "A recording has an end exactly when it is over.",
            ),
            rule(
                Q(started_at__isnull=True) | Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                "order",
                "A recording ends after it began.",
            ),
            rule(
                Q(poll_requested_at__isnull=True) | ~OVER,
                "poll_requested_at",
                "Nobody is asked about a recording that is over.",
            ),
            *policies(*READERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="status = 'starting'"),
            Policy(
                role=Role.WORKER,
                command="update",
                # Recordings are found by id; the comparison is null-safe.
                using=f"ended_at IS NULL OR error_code IS NOT DISTINCT FROM '{SILENCE}'",
                check="performer_id IS NOT NULL",
            ),
        ]
        indexes = [
            BTree(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False),
                serves="audit.services.retention: reports of recordings that ended long ago",
            ),
            BTree(fields=["performer", "-id"], serves="A performer's page: her recordings, newest first"),
            BTree(
                fields=["heard_at", "id"],
                condition=Q(status__in=RUNNING),
                name="%(app_label)s_%(class)s_running_idx",
                serves="docs/queries/recordings_overdue.sql: recordings of which nothing is heard",
            ),
            BTree(
                fields=["-id"],
                condition=Q(status=RecordingStatus.FAILED),
                name="%(app_label)s_%(class)s_failed_idx",
                serves="docs/queries/recordings_failed.sql: recordings of the back office that failed",
            ),
            BTree(
                fields=["provider_reference"],
                serves="Search of the back office: a recording by the provider's id, whoever the provider is",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "provider", "provider_reference"),
            TakesPerformer("stream"),
            GivenUpOnly(),
        ]

    def __str__(self) -> str:
        return self.provider_reference
