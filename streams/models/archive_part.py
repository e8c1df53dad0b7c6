"""What belongs to an archive beside its files: chapters, captions, muted parts."""

from django.contrib.postgres.fields import IntegerRangeField
from django.db import models
from django.db.models import Q

from core.db.constraints import matches, no_overlap, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Entity, Volume
from streams.archive_child_triggers import TakesFromArchive, WithinArchive
from streams.choices import CaptionKind, MuteReason
from streams.models.rendition import KEEPERS, object_key_rules
from streams.models.stream import MODERATORS, NOT_MINE

SHOWN = f"shown_from <= statement_timestamp() OR performer_id = {ME}"
"""Rows of archives that viewers may see now, and the performer's own."""


class ArchivePart(Entity):
    """A row that hangs on an archive. Triggers take its performer and `shown_from` from there."""

    volume, retention = Volume.LARGE, "until the archive is purged"
    held_by = HeldBy(person=("performer",), archive=("archive",))

    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        # A unique or exclusion constraint leads with it.
        db_index=False,
        related_name="%(class)ss",
        db_comment="The archive that it belongs to.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="%(class)ss",
        db_comment="Whose archive it is; taken from the archive.",
    )
    shown_from = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="From when on viewers may see the archive (UTC); null: never; kept by trigger.",
    )

    quiet_columns = ("shown_from",)

    class Meta:
        abstract = True


class ArchiveChapter(ArchivePart):
    """One row per chapter: where it begins, and its title. It ends where the next one begins."""

    starts_at_seconds = models.IntegerField(db_comment="Where it begins, in seconds from the beginning.")
    title = personal(models.TextField(db_comment="What happens, in the words of the performer."))

    class Meta:
        db_table_comment = (
            "One row per chapter of an archive. Written by streams.services.archive_parts. "
            "Kept until the archive is purged; gone when the performer is erased."
        )
        constraints = [
            *line("title", 100),
            rule(Q(starts_at_seconds__gte=0), "starts_at_seconds", "A chapter begins at 0 seconds or later."),
            unique("archive", "starts_at_seconds", message="Another chapter begins at this second."),
            *policies(*KEEPERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=SHOWN),
            *policies(Role.WORKER, command="insert", check="archive_id IS NOT NULL"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
            # An import replaces chapters of what nobody sees yet.
            Policy(role=Role.WORKER, command="delete", using="shown_from IS NULL"),
        ]
        triggers = [
            TakesFromArchive(),
            Immutable("archive", "performer"),
            WithinArchive("NEW.starts_at_seconds + 1"),
        ]

    def __str__(self) -> str:
        return self.title


class CaptionTrack(ArchivePart):
    """One row per track of text of an archive. Viewers get signed links to it."""

    language = models.TextField(
        db_comment="Language of the text: ISO 639 code, with a region where it matters."
    )
    kind = models.TextField(choices=CaptionKind, db_comment="Whom it is for.")
    object_key = personal(models.TextField(db_comment="Key in object storage: people/<performer id>/<name>."))

    class Meta:
        db_table_comment = (
            "One row per track of text of an archive. Written by streams.services.archive_parts. "
            "Kept until the archive is purged."
        )
        constraints = [
            matches(
                "language",
                "^[a-z]{2,3}(-[A-Z]{2})?$",
                "A language is an ISO 639 code, with an ISO 3166 region if need be: pt or pt-BR.",
            ),
            one_of("kind", CaptionKind),
            *object_key_rules("object_key"),
            unique(
                "archive", "language", "kind", message="There is a track of this kind and language already."
            ),
            unique("object_key", message="This object is in use already."),
            *policies(*KEEPERS, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="archive_id IS NOT NULL"),
        ]
        triggers = [TakesFromArchive(), Immutable("archive", "performer", "object_key")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language})"


class MutedSegment(ArchivePart):
    """One row per part of an archive without sound: from which second to which, and why."""

    seconds = IntegerRangeField(db_comment="Half-open range of seconds from the beginning that has no sound.")
    why = models.TextField(choices=MuteReason, db_comment="Why it has no sound.")

    class Meta:
        db_table_comment = (
            "One row per part of an archive without sound. Written by streams.services.archive_parts. "
            "Kept until the archive is purged."
        )
        constraints = [
            one_of("why", MuteReason),
            rule(
                Q(
                    seconds__isempty=False,
                    seconds__lower_inf=False,
                    seconds__upper_inf=False,
                    seconds__startswith__gte=0,
                ),
                "seconds",
                "A muted part begins at 0 seconds or later and ends after it began.",
            ),
            no_overlap("archive", during="seconds", message="This part is muted already."),
            *policies(*KEEPERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=SHOWN),
            *policies(*MODERATORS, command="insert", check=NOT_MINE),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="archive_id IS NOT NULL"),
        ]
        triggers = [
            TakesFromArchive(),
            Immutable("archive", "performer", "seconds"),
            WithinArchive("upper(NEW.seconds)"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds.lower}–{self.seconds.upper} s: {self.get_why_display()}"
