"""Archives: what remains of a stream, and what moderators decided about it."""

from django.db import models
from django.db.models import Q

from core.db.constraints import one_of, rule
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, SoftDeletable, Versioned, Volume
from streams.choices import ArchiveStatus, Visibility
from streams.models.stream import MODERATORS, NOT_MINE, READERS
from streams.search_triggers import ARCHIVE_IS_SEARCHED
from streams.triggers import TakesPerformer

SEEN = "status = 'approved' AND visibility <> 'private' AND deleted_at IS NULL"


class Archive(SoftDeletable, Versioned):
    """One row per recording that viewers may be able to watch."""

    volume, retention = Volume.LARGE, "until its purge; a legal hold keeps it"

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
    title = models.TextField(db_comment="Title shown to viewers.")
    description = models.TextField(blank=True, default="", db_comment="What it is about; may be empty.")
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

    status_machine = StateMachine(
        ArchiveStatus,
        initial=[ArchiveStatus.PROCESSING],
        moves={
            ArchiveStatus.PROCESSING: [ArchiveStatus.PENDING, ArchiveStatus.REMOVED],
            ArchiveStatus.PENDING: [ArchiveStatus.APPROVED, ArchiveStatus.REMOVED],
            ArchiveStatus.APPROVED: [ArchiveStatus.RESTRICTED, ArchiveStatus.REMOVED],
            ArchiveStatus.RESTRICTED: [ArchiveStatus.APPROVED, ArchiveStatus.REMOVED],
            ArchiveStatus.REMOVED: [ArchiveStatus.APPROVED],
        },
    )

    history = History()

    class Meta(SoftDeletable.Meta):
        db_table_comment = (
            "One row per recording that viewers may watch. Written by streams.services.archives. "
            "Kept until its purge; a legal hold keeps it."
        )
        permissions = [("decide_archive", "Can approve, restrict, remove and restore archives")]
        constraints = [
            *line("title", 140),
            *paragraphs("description", 5000),
            one_of("visibility", Visibility),
            rule(
                Q(published_at__isnull=True) | ~Q(status=ArchiveStatus.PROCESSING),
                "published_at",
                "An archive is published when it has been processed.",
            ),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"{SEEN} OR performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="status = 'processing'"),
            Policy(role=Role.WORKER, command="update", using="deleted_at IS NULL"),
            *policies(*MODERATORS, command="update", using=NOT_MINE),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's page: her archives, newest first")
        ]
        triggers = [
            Immutable("performer", "stream"),
            TakesPerformer("stream"),
            ARCHIVE_IS_SEARCHED,
        ]

    def __str__(self) -> str:
        return self.title
