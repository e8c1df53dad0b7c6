"""Clips: short parts of archives that viewers share."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import IntegerRangeField
from django.db import models
from django.db.models import F, Func, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.archive_child_triggers import SeenWhenClipped, TakesFromArchive, WithinArchive
from streams.choices import ClipStatus
from streams.models.stream import MODERATORS

SHORTEST, LONGEST = 5, 180
"""Seconds of a clip."""

CLIP_READERS = (Role.SUPPORT, *MODERATORS, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)
SEEN = "removed_at IS NULL AND shown_from <= statement_timestamp()"
MINE = f"author_id = {ME} OR performer_id = {ME}"
"""A clip is its author's, and its performer's."""


def _length() -> Any:
    ends = (
        Func(F("seconds"), function=name, output_field=models.IntegerField()) for name in ("upper", "lower")
    )
    upper, lower = ends
    return upper - lower


class ClipQuerySet(models.QuerySet):
    """Reads of clips."""

    def active(self) -> Self:
        """Clips that were not removed."""
        return self.filter(status=ClipStatus.ACTIVE)


class Clip(Versioned):
    """One row per clip: which seconds of which archive, by whom, under which title. It has no file of its own."""

    volume, retention = Volume.LARGE, "until the archive is purged or its author is erased"
    held_by = HeldBy(
        person=("author", "performer"),
        archive=("archive",),
        keeps=("title",),
        # The erasure of its author is not for the hold on somebody else to refuse.
        gives_way="EXISTS (SELECT FROM accounts_user u WHERE u.id = {row}.author_id AND u.erased_at IS NOT NULL)",
    )

    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="clips",
        db_comment="The archive of which it is a part.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="clips",
        db_comment="Whose archive it is; taken from the archive.",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="clips",
        db_comment="Who made it.",
    )
    title = personal(models.TextField(db_comment="What it shows, in the words of its author."))
    seconds = IntegerRangeField(db_comment="Half-open range of seconds of the archive, from its beginning.")
    status = models.TextField(
        choices=ClipStatus, default=ClipStatus.ACTIVE, db_comment="Where it stands; moves are enforced."
    )
    shown_from = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="From when on viewers may see the archive (UTC); null: never; kept by trigger.",
    )
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="clips_removed",
        db_comment="Who removed it; null: nobody, or a job.",
    )
    removed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When (UTC); null: it is not removed."
    )
    removal_reason = personal(
        models.TextField(
            blank=True, default="", db_comment="Why, in words; empty: not removed, or by its author."
        )
    )

    status_machine = StateMachine(
        ClipStatus, initial=[ClipStatus.ACTIVE], moves={ClipStatus.ACTIVE: [ClipStatus.REMOVED]}
    )
    quiet_columns = ("shown_from",)
    objects: Any = ClipQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per clip of an archive. Written by streams.services.clips. "
            "Kept until the archive is purged or its author is erased."
        )
        permissions = [("remove_clip", "Can remove clips")]
        constraints = [
            *line("title", 100),
            rule(
                Q(
                    seconds__isempty=False,
                    seconds__lower_inf=False,
                    seconds__upper_inf=False,
                    seconds__startswith__gte=0,
                ),
                "seconds",
                "A clip begins at 0 seconds or later and ends after it began.",
            ),
            rule(
                models.lookups.GreaterThanOrEqual(_length(), SHORTEST),
                "shortest",
                f"A clip has at least {SHORTEST} seconds.",
            ),
            rule(
                models.lookups.LessThanOrEqual(_length(), LONGEST),
                "longest",
                f"A clip has at most {LONGEST} seconds.",
            ),
            length_between("removal_reason", 0, 2000),
            rule(
                Q(status=ClipStatus.REMOVED, removed_at__isnull=False)
                | Q(status=ClipStatus.ACTIVE, removed_at__isnull=True, removed_by__isnull=True)
                & Q(removal_reason=""),
                "removed",
                "A clip says when it was removed exactly when it is.",
            ),
            *policies(*CLIP_READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"{SEEN} OR {MINE}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"author_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=MINE),
            *policies(
                *MODERATORS,
                command="update",
                using=f"author_id IS DISTINCT FROM {ME} AND performer_id IS DISTINCT FROM {ME}",
            ),
        ]
        indexes = [
            BTree(
                fields=["archive", "-id"], serves="docs/queries/clips_of_archive.sql: its clips, newest first"
            ),
            BTree(fields=["author", "-id"], serves="A person's own clips, newest first; erasure of a person"),
        ]
        triggers = [
            TakesFromArchive(),
            SeenWhenClipped(),
            Immutable("archive", "performer", "author", "seconds"),
            WithinArchive("upper(NEW.seconds)"),
            RefuseErasedPerson("author"),
        ]

    def __str__(self) -> str:
        return self.title
