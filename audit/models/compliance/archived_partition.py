"""Partitions that left the database for the archive: which rows, in which file, and how the file is proven."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audit.choices import ArchivedPartitionStatus as Status
from core.db.constraints import has_bytes, length_between, matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption.fields import EncryptedTextField
from core.models import Entity, Volume

READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR)
DIGEST_BYTES = 32
IN_ARCHIVE = (Status.WRITTEN, Status.COLD)


class ArchivedPartitionQuerySet(models.QuerySet):
    """Reads of archived partitions."""

    def with_file(self) -> Self:
        """Those whose file is there."""
        return self.exclude(status=Status.DESTROYED)

    def askable(self) -> Self:
        """Those whose rows are in a file and not in the database."""
        return self.filter(status=Status.COLD)

    def of_partition(self, name: str) -> Self:
        """Every archive of a partition, the newest first."""
        return self.filter(partition_name=name).order_by("-pk")


class ArchivedPartition(Entity):
    """One row per file of the archive: where its rows stood, where it lies, and how it is proven.

    Written by `audit.services.partition_archives` and `partition_restores`, as the owner. The manifest beside the file
    says the same; what stands here is believed, since here it is in the trail. Personal columns in the file open with
    the key that stands here and with those of the persons (`audit_archivekey`); the file cannot be read without the
    row.
    """

    volume, retention = Volume.SMALL, "for ever: it proves what became of the rows"
    held_by = NotHeld("It tells of a file; what a hold covers is copied out before the file is destroyed.")

    table_name = models.TextField(db_comment="The table whose partition it was: audit_event.")
    partition_name = models.TextField(db_comment="The partition: audit_event_p2020_03.")
    lower_id = models.UUIDField(db_comment="The smallest id that could be in it.")
    upper_id = models.UUIDField(db_comment="The smallest id after those that could be in it.")
    rows = models.BigIntegerField(db_comment="How many rows the file holds.")
    rows_sha256 = models.BinaryField(
        db_comment="SHA-256 over its rows in the order of their ids, without personal columns; 32 bytes."
    )
    schema_version = models.TextField(
        db_comment="The last migration of the app when it was written: 0014_name."
    )
    place = models.TextField(db_comment="Where the file lies below PARTITION_ARCHIVE_DIRECTORY.")
    file_bytes = models.BigIntegerField(db_comment="Size of the file, in bytes.")
    file_sha256 = models.BinaryField(db_comment="SHA-256 of the file; 32 bytes.")
    manifest_sha256 = models.BinaryField(db_comment="SHA-256 of the manifest beside it; 32 bytes.")
    file_key = EncryptedTextField(
        null=True,
        editable=False,
        db_comment="The key of the file, 32 bytes in Base64; null: the file is destroyed.",
    )
    status = models.TextField(
        choices=Status, db_default=Status.WRITTEN, db_comment="Where its rows are: the life of the file."
    )
    written_at = models.DateTimeField(
        db_default=Now(), db_comment="When the file had been read back and proven (UTC)."
    )
    cold_at = models.DateTimeField(
        null=True, db_comment="When its rows left the database (UTC); null: they have not."
    )
    restored_at = models.DateTimeField(
        null=True, db_comment="When its rows came back (UTC); null: they have not."
    )
    restored_until = models.DateTimeField(
        null=True,
        db_comment="Until when retention leaves the rows that came back (UTC); null: they have not.",
    )
    destroyed_at = models.DateTimeField(
        null=True, db_comment="When its file and key were destroyed (UTC); null: they are there."
    )
    destroyed_because = not_personal(
        models.TextField(
            blank=True,
            default="",
            db_default="",
            db_comment="Why the file was destroyed; empty: it was not.",
        )
    )

    status_machine = StateMachine(
        Status,
        initial=(Status.WRITTEN,),
        moves={
            Status.WRITTEN: (Status.COLD, Status.DESTROYED),
            Status.COLD: (Status.RESTORED, Status.DESTROYED),
            Status.RESTORED: (Status.DESTROYED,),
        },
    )
    objects: Any = ArchivedPartitionQuerySet.as_manager()

    class Meta:
        verbose_name = "archived partition"
        db_table_comment = (
            "One row per file to which a partition left the database: its rows, its place, its digests. Written by "
            "audit.services.partition_archives. Kept for ever."
        )
        constraints = [
            unique(
                "table_name",
                "lower_id",
                when=Q(status__in=IN_ARCHIVE),
                name="there",
                message="This partition is in the archive already.",
            ),
            unique("place", message="Another file lies there."),
            matches("table_name", "^[a-z][a-z0-9_]{0,62}$", "A table has a name in small letters."),
            matches("partition_name", "^[a-z][a-z0-9_]{0,62}$", "A partition has a name in small letters."),
            matches(
                "place", "^[a-z0-9_]+/[a-z0-9_]+[.][0-9a-f-]{36}[.]parquet$", "A place is made of names."
            ),
            length_between("schema_version", 1, 200),
            length_between("destroyed_because", 0, 500),
            *(
                rule(has_bytes(name, DIGEST_BYTES), name, f"A SHA-256 has {DIGEST_BYTES} bytes.")
                for name in ("rows_sha256", "file_sha256", "manifest_sha256")
            ),
            rule(
                Q(rows__gte=0, file_bytes__gt=0, upper_id__gt=F("lower_id")),
                "size",
                "A file has a size and a span.",
            ),
            rule(
                Q(status=Status.WRITTEN, cold_at__isnull=True, restored_at__isnull=True)
                | Q(status=Status.COLD, cold_at__isnull=False, restored_at__isnull=True)
                | Q(status=Status.RESTORED, cold_at__isnull=False, restored_at__isnull=False)
                | Q(status=Status.DESTROYED),
                "times",
                "The times are those of its status.",
            ),
            rule(
                Q(restored_at__isnull=True, restored_until__isnull=True)
                | Q(restored_at__isnull=False, restored_until__gt=F("restored_at")),
                "restored_until",
                "What comes back comes back for a time.",
            ),
            rule(
                Q(destroyed_at__isnull=True, destroyed_because="", file_key__isnull=False)
                & ~Q(status=Status.DESTROYED)
                | Q(
                    status=Status.DESTROYED,
                    destroyed_at__isnull=False,
                    destroyed_because__length__gt=0,
                    file_key__isnull=True,
                ),
                "destroyed",
                "A file and its key go together, for a reason.",
            ),
            *policies(*READERS, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["table_name", "-lower_id"],
                serves="docs/queries/partitions_of_table_in_archive.sql: the archive of a table, newest first",
            )
        ]
        triggers = [
            Immutable(
                "table_name",
                "partition_name",
                "lower_id",
                "upper_id",
                "rows",
                "rows_sha256",
                "schema_version",
                "place",
                "file_bytes",
                "file_sha256",
                "manifest_sha256",
                "written_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partition_name} ({self.get_status_display().lower()})"
