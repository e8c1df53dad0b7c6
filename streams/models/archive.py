"""Archives: what remains of a stream, and what moderators decided about it."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from core.db.constraints import one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, SoftDeletable, Versioned, Volume
from streams.archive_child_triggers import ShowsChildren
from streams.archive_triggers import (
    KeepsItsLength,
    OfOneStream,
    PublishedWhenApproved,
    PurgedByFunctionOnly,
    RecordsMoves,
    RestoredByDecision,
)
from streams.choices import ArchiveStatus, RetentionClass, Visibility
from streams.models.erasable_history import HistoryOfPerformer
from streams.models.rendition import object_key_rules
from streams.models.stream import DECIDERS, NOT_MINE, READERS
from streams.search_triggers import ARCHIVE_IS_SEARCHED
from streams.triggers import TakesPerformer

# Archives are found by performer or id, so no index leads with the status; the comparison is null-safe.
SEEN = (
    "status IS NOT DISTINCT FROM 'approved' AND visibility <> 'private' AND deleted_at IS NULL "
    "AND published_at <= statement_timestamp()"
)
LISTED = Q(
    status=ArchiveStatus.APPROVED,
    visibility=Visibility.PUBLIC,
    deleted_at__isnull=True,
    published_at__isnull=False,
)
LONGEST_SECONDS = 60 * 24 * 3600
"""Sixty days: longer than the longest marathon that was ever streamed."""

LINK_LIFETIMES = (60, 24 * 3600)
"""Shortest and longest life of a signed link, in seconds."""

PERIODS: dict[str, timedelta | None] = {
    RetentionClass.SHORT: timedelta(days=14),
    RetentionClass.STANDARD: timedelta(days=60),
    RetentionClass.LONG: timedelta(days=730),
    RetentionClass.KEPT: None,
}
"""How long an archive stays after its publication; None: until its performer deletes it."""

AFTER_DELETION = timedelta(days=30)
"""How long a deleted archive can still be had back, and be asked for by a hold."""

AFTER_REMOVAL = timedelta(days=214)
"""How long a removed archive waits: six months for a complaint (Regulation (EU) 2022/2065, article 20(1)), and a month
to decide it."""


class ArchiveQuerySet(models.QuerySet):
    """Reads of archives."""

    def listed(self) -> Self:
        """Archives that anybody finds now: approved, public, and their time of publication has come."""
        return self.filter(is_listable=True, published_at__lte=Now())

    def waiting(self) -> Self:
        """Archives that wait for a moderator, the oldest first."""
        return self.filter(status=ArchiveStatus.PENDING, deleted_at__isnull=True).order_by("pk")

    def due_for_purge(self) -> Self:
        """Archives whose time is over, the longest overdue first."""
        return self.filter(purged_at__isnull=True, purge_at__lte=Now()).order_by("purge_at", "pk")


class LivingArchiveManager(models.Manager.from_queryset(ArchiveQuerySet)):  # type: ignore[misc]
    """Hides deleted archives."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(deleted_at__isnull=True)


class Archive(SoftDeletable, Versioned):
    """One row per recording that viewers may be able to watch.

    Written by `streams.services.archives` and `streams.services.archive_decisions`. Each move of `status` is a row of
    `ArchiveTransition`. A purged archive keeps its row, so that decisions about it keep what they are about.
    """

    volume, retention = Volume.LARGE, "until its purge; a legal hold keeps it; the emptied row 7 years more"
    held_by = HeldBy(
        person=("performer",),
        stream=("stream",),
        archive=("id",),
        keeps=("title", "description", "poster_key", "purged_at"),
    )

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="archives",
        db_comment="Whose archive it is; taken from the stream.",
    )
    stream = models.ForeignKey(
        "streams.Stream", models.PROTECT, related_name="archives", db_comment="The stream that it remains of."
    )
    recording = models.ForeignKey(
        "streams.Recording",
        models.PROTECT,
        null=True,
        blank=True,
        # A unique constraint leads with it.
        db_index=False,
        related_name="archives",
        db_comment="The recording that is watched; null: imported without one.",
    )
    title = models.TextField(db_comment="Title shown to viewers.")
    description = models.TextField(blank=True, default="", db_comment="What it is about; may be empty.")
    poster_key = personal(
        models.TextField(
            null=True, blank=True, db_comment="Key of the still picture in object storage; null: none."
        )
    )
    default_rendition = models.ForeignKey(
        "streams.Rendition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="default_of",
        db_comment="The file that plays first; null: none chosen.",
    )
    duration_seconds = models.IntegerField(
        null=True, blank=True, db_comment="Length in seconds; written once; null: not known yet."
    )
    preview_seconds = models.IntegerField(
        default=0,
        db_default=0,
        db_comment="Seconds from the beginning that everybody may watch; 0: none beyond the access rules.",
    )
    download_allowed = models.BooleanField(
        default=False, db_default=False, db_comment="May those who may watch it download it?"
    )
    embed_allowed = models.BooleanField(
        default=False, db_default=False, db_comment="May other sites show its player?"
    )
    link_lifetime_seconds = models.IntegerField(
        default=3600, db_default=3600, db_comment="How long a signed link to a file works, in seconds."
    )
    visibility = models.TextField(
        choices=Visibility, default=Visibility.PUBLIC, db_comment="Who may know that the archive exists."
    )
    status = models.TextField(
        choices=ArchiveStatus,
        default=ArchiveStatus.PROCESSING,
        db_comment="Where the moderation stands; moves are enforced.",
    )
    published_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on viewers find it (UTC); null: not published."
    )
    retention_class = models.TextField(
        choices=RetentionClass,
        default=RetentionClass.STANDARD,
        db_default=RetentionClass.STANDARD,
        db_comment="How long it stays after its publication.",
    )
    purge_at = models.DateTimeField(
        null=True, blank=True, db_comment="When its files are destroyed (UTC); null: no time is set."
    )
    purged_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When its files were destroyed (UTC); null: they are there.",
    )
    is_listable = models.GeneratedField(
        expression=Case(When(LISTED, then=Value(True)), default=Value(False)),
        output_field=models.BooleanField(),
        db_persist=True,
        db_comment="Approved, public, not deleted and published; whether its time has come is asked by the query.",
    )

    status_machine = StateMachine(
        ArchiveStatus,
        initial=[ArchiveStatus.PROCESSING],
        moves={
            ArchiveStatus.PROCESSING: [ArchiveStatus.PENDING, ArchiveStatus.REMOVED],
            ArchiveStatus.PENDING: [ArchiveStatus.APPROVED, ArchiveStatus.REMOVED],
            ArchiveStatus.APPROVED: [ArchiveStatus.RESTRICTED, ArchiveStatus.REMOVED],
            ArchiveStatus.RESTRICTED: [ArchiveStatus.APPROVED, ArchiveStatus.REMOVED],
            # Back to where it was removed from, see RestoredByDecision.
            ArchiveStatus.REMOVED: [
                ArchiveStatus.APPROVED,
                ArchiveStatus.RESTRICTED,
                ArchiveStatus.PENDING,
                ArchiveStatus.PROCESSING,
            ],
        },
    )

    objects: Any = LivingArchiveManager()
    all_objects: Any = models.Manager.from_queryset(ArchiveQuerySet)()
    history = History(bases=(HistoryOfPerformer,))

    class Meta(SoftDeletable.Meta):
        db_table_comment = (
            "One row per recording that viewers may watch. Written by streams.services.archives. "
            "Kept until its purge; a legal hold keeps it; the emptied row 7 years more."
        )
        permissions = [("decide_archive", "Can approve, restrict, remove and restore archives")]
        constraints = [
            *line("title", 140),
            *paragraphs("description", 5000),
            *object_key_rules("poster_key"),
            unique(
                "recording",
                when=Q(recording__isnull=False),
                message="There is an archive of this recording already.",
            ),
            rule(
                Q(duration_seconds__gte=1, duration_seconds__lte=LONGEST_SECONDS),
                "duration_seconds",
                "An archive has a second to sixty days.",
            ),
            rule(
                Q(preview_seconds=0)
                | Q(preview_seconds__gt=0, duration_seconds__isnull=False)
                & Q(preview_seconds__lte=models.F("duration_seconds")),
                "preview_seconds",
                "A preview is no longer than the archive.",
            ),
            rule(
                Q(link_lifetime_seconds__range=LINK_LIFETIMES),
                "link_lifetime_seconds",
                "A signed link works for a minute to a day.",
            ),
            one_of("visibility", Visibility),
            one_of("retention_class", RetentionClass),
            rule(
                Q(published_at__isnull=True) | ~Q(status=ArchiveStatus.PROCESSING),
                "published_at",
                "An archive is published when it has been processed.",
            ),
            rule(
                Q(purged_at__isnull=True)
                | Q(purge_at__isnull=False, deleted_at__isnull=False, purged_at__gte=models.F("purge_at"))
                & Q(poster_key__isnull=True, default_rendition__isnull=True),
                "purged_at",
                "What is purged was due, is out of sight and has no files.",
            ),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"{SEEN} OR performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="status = 'processing'"),
            Policy(role=Role.WORKER, command="update", using="purged_at IS NULL"),
            *policies(*DECIDERS, command="update", using=NOT_MINE),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her archives, newest first"),
            BTree(
                fields=["id"],
                condition=Q(status=ArchiveStatus.PENDING, deleted_at__isnull=True),
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="docs/queries/archives_waiting.sql: the queue of moderators, the oldest first",
            ),
            BTree(
                fields=["purge_at", "id"],
                condition=Q(purged_at__isnull=True, purge_at__isnull=False),
                name="%(app_label)s_%(class)s_purge_at_idx",
                serves="docs/queries/archives_due_for_purge.sql: what the purge takes next",
            ),
            BTree(
                fields=["performer", "-published_at", "-id"],
                condition=Q(is_listable=True),
                name="%(app_label)s_%(class)s_listed_idx",
                serves="docs/queries/archives_of_performer.sql: what viewers find on a performer's page",
            ),
        ]
        triggers = [
            Immutable("performer", "stream", "recording"),
            TakesPerformer("stream"),
            KeepsItsLength(),
            RestoredByDecision(),
            OfOneStream(),
            PublishedWhenApproved(),
            PurgedByFunctionOnly(),
            ShowsChildren(),
            RecordsMoves(),
            ARCHIVE_IS_SEARCHED,
        ]

    def __str__(self) -> str:
        return self.title
