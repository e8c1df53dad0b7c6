"""Partitions leave for the archive: written, read back, recorded, and only then dropped; and files end.

Everything runs as the owner, outside of any transaction, on the maintenance queue. A run that is killed at any point
leaves the rows in the database or a proven file with its record, and the next run goes on from there.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from audit.announcements import archived_partition_destroyed, partition_archived
from audit.choices import ArchivedPartitionStatus as Status
from audit.models import ArchivedPartition
from audit.seals.verification import NO_HURRY
from audit.services.archive_keys import archive_keys_make, archive_keys_of, key_bytes, new_key
from audit.services.held_rows import held_rows_copy
from core.archive.declaration import archived_of, left_out_columns, protected_fields
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.archive.folder import ArchiveFolder
from core.archive.manifest import Manifest, sha256_of
from core.archive.protection import Protection
from core.archive.transfer import Written, load, persons_in, persons_of, write
from core.db.clock import database_now
from core.db.holds import HeldBy, held_by_of, holds_nothing
from core.db.partitions.catalog import id_bounds
from core.db.partitions.detached import DetachedPartition, drop_detached
from core.encryption import Purpose, keys_for
from core.models.identity import uuid7, uuid7_instant
from core.models.partitioned import Partitioned

ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
OVER = "Its time was over by the policy of retention."
REPLACED = "Its rows had come back and left again, in another file."
GONE = "Its rows were in the database, and were over for good there."
LOST = "The file was not there, or was changed, before its rows had left the database."


def partition_archive(*, model: type[Partitioned], partition: DetachedPartition) -> ArchivedPartition:
    """Move a detached partition into the archive; returns its record, with the rows gone from the database.

    A file that an earlier run wrote and recorded is proven again and used. Raises PartitionArchiveRefused (no place, no
    room, a value that no file holds), ArchiveChanged (the file does not read back), PartitionError (somebody objects
    that the rows go): the partition then stands where it stood. Announces: `partition_archived`.
    """
    folder = archive_require(partition.relation)
    archived = _written_before(folder, partition) or _write(folder, model, partition)

    def record() -> None:
        archived.status, archived.cold_at = Status.COLD, database_now()
        archived.save(update_fields=["status", "cold_at"])
        partition_archived.send(
            sender=ArchivedPartition,
            subject=archived,
            detail={
                "partition": archived.partition_name,
                "rows": archived.rows,
                "file_sha256": bytes(archived.file_sha256).hex(),
                "manifest_sha256": bytes(archived.manifest_sha256).hex(),
            },
        )

    drop_detached(model, partition, record=record)
    for earlier in ArchivedPartition.objects.of_partition(partition.name).filter(status=Status.RESTORED):
        archived_partition_destroy(archived=earlier, because=REPLACED)
    return archived


def archive_require(relation: str) -> ArchiveFolder:
    """The archive, if it can take the rows of a table, named for SQL. Raises PartitionArchiveRefused."""
    folder = ArchiveFolder.configured()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size(%s::regclass)", [relation])
        folder.require_room(cursor.fetchone()[0])
    return folder


def _written_before(folder: ArchiveFolder, partition: DetachedPartition) -> ArchivedPartition | None:
    """What a run wrote that was killed before the rows left, if its file is still what it was."""
    found: ArchivedPartition | None = (
        ArchivedPartition.objects.of_partition(partition.name).filter(status=Status.WRITTEN).first()
    )
    if found is None:
        return None
    try:
        manifest_of(folder, found)
    except ArchiveChanged:
        archived_partition_destroy(archived=found, because=LOST)
        return None
    return found


def _write(
    folder: ArchiveFolder, model: type[Partitioned], partition: DetachedPartition
) -> ArchivedPartition:
    """Write, read back, keep, record."""
    with connection.cursor() as cursor:
        persons = persons_of(cursor, model, partition.relation)
    archive_keys_make(persons)
    archive_id, file_key = uuid7(), new_key()
    place = f"{model._meta.db_table}/{partition.name}.{archive_id}.parquet"
    partial = folder.prepared(place)
    kept = False
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(ONE_SNAPSHOT)
                cursor.execute(NO_HURRY)
            with keys_for(Purpose.ARCHIVE, actor=None, reason=f"archive of {partition.name}"):
                protection = None
                if protected_fields(model):
                    # Nobody comes to a detached table; who is erased meanwhile has no key any more.
                    keys = archive_keys_of(persons)
                    protection = Protection(model._meta.db_table, archive_id, key_bytes(file_key), keys)
                with connection.cursor() as cursor:
                    written = write(cursor, model, partition.relation, partial, protection)
                manifest = _manifest(model, partition, archive_id, written, place, partial)
                manifest_sha256 = folder.keep(partial, manifest)
                kept = True
                return _recorded(manifest, file_key, manifest_sha256)
    except BaseException:
        partial.unlink(missing_ok=True)
        if kept:
            folder.remove(place)
        raise


def _manifest(
    model: type[Partitioned],
    partition: DetachedPartition,
    archive_id: UUID,
    written: Written,
    place: str,
    partial: Path,
) -> Manifest:
    lower, upper = id_bounds(partition.period)
    layout = written.layout
    return Manifest(
        archive_id=archive_id,
        database=str(connection.settings_dict["NAME"]),
        app=model._meta.app_label,
        table=model._meta.db_table,
        partition=partition.name,
        lower_id=lower,
        upper_id=upper,
        first_id=written.first_id,
        last_id=written.last_id,
        rows=written.rows,
        rows_sha256=written.rows_sha256,
        schema_version=_schema_version(model._meta.app_label),
        columns=layout.in_file,
        protected=tuple(column.name for column in layout.protected),
        left_out=left_out_columns(model),
        file=place,
        file_bytes=partial.stat().st_size,
        file_sha256=sha256_of(partial),
        written_at=database_now(),
    )


def _recorded(manifest: Manifest, file_key: str, manifest_sha256: str) -> ArchivedPartition:
    archived: ArchivedPartition = ArchivedPartition.objects.create(
        id=manifest.archive_id,
        table_name=manifest.table,
        partition_name=manifest.partition,
        lower_id=manifest.lower_id,
        upper_id=manifest.upper_id,
        rows=manifest.rows,
        rows_sha256=bytes.fromhex(manifest.rows_sha256),
        schema_version=manifest.schema_version,
        place=manifest.file,
        file_bytes=manifest.file_bytes,
        file_sha256=bytes.fromhex(manifest.file_sha256),
        manifest_sha256=bytes.fromhex(manifest_sha256),
        file_key=file_key,
    )
    return archived


def _schema_version(app: str) -> str:
    names = MigrationRecorder(connection).migration_qs.filter(app=app).values_list("name", flat=True)
    return max(names, default="0000")


def manifest_of(folder: ArchiveFolder, archived: ArchivedPartition) -> Manifest:
    """The manifest of a file that is proven to be what was recorded. Raises ArchiveChanged."""
    return folder.proven(
        archived.place,
        file_sha256=bytes(archived.file_sha256).hex(),
        manifest_sha256=bytes(archived.manifest_sha256).hex(),
    )


def protection_of(folder: ArchiveFolder, archived: ArchivedPartition, manifest: Manifest) -> Protection:
    """What opens the personal columns of a file, with the keys that are there. Within `keys_for(Purpose.ARCHIVE)`."""
    key = str(ArchivedPartition.objects.values_list("file_key", flat=True).get(pk=archived.pk))
    persons = persons_in(folder.file(archived.place))
    return Protection(manifest.table, manifest.archive_id, key_bytes(key), archive_keys_of(persons))


def archived_partition_destroy(*, archived: ArchivedPartition, because: str) -> None:
    """Destroy a file, its manifest and its key. The key goes first: then nobody reads a copy's personal columns.

    Announces: `archived_partition_destroyed`.
    """
    with transaction.atomic():
        archived.status, archived.file_key = Status.DESTROYED, None
        archived.destroyed_at, archived.destroyed_because = database_now(), because
        archived.save(update_fields=["status", "file_key", "destroyed_at", "destroyed_because"])
        archived_partition_destroyed.send(
            sender=ArchivedPartition,
            subject=archived,
            reason=because,
            detail={"partition": archived.partition_name, "rows": archived.rows},
        )
    if settings.PARTITION_ARCHIVE_DIRECTORY:
        ArchiveFolder.configured().remove(archived.place)


def archived_partition_end(*, model: type[Partitioned], archived: ArchivedPartition) -> int:
    """Destroy a file whose time is over; returns how many rows were copied out of it for legal holds first.

    Where a hold is in force, the rows come back for that, into a table that nobody else sees. Raises
    PartitionArchiveRefused and ArchiveChanged: the file then stays.
    """
    held, declared = held_by_of(model), archived_of(model)
    copies = 0
    if isinstance(held, HeldBy) and not holds_nothing(held) and (reach := _hold_reach()):
        if declared is not None and declared.told_by_others:
            _require_unheld(archived, reach)
        else:
            copies = _copy_held(model, archived)
    archived_partition_destroy(archived=archived, because=OVER)
    return copies


def _hold_reach() -> set[tuple[str, UUID]]:
    """What holds in force reach: kinds of scopes and their ids."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, id FROM audit_hold_reach()")
        return set(cursor.fetchall())


def _require_unheld(archived: ArchivedPartition, reach: set[tuple[str, UUID]]) -> None:
    """For a table whose rows are told whose they are by rows that have left too: only persons stand in the file.

    Raises PartitionArchiveRefused where a hold reaches one of them, or reaches something that the file cannot tell.
    """
    folder = ArchiveFolder.configured()
    manifest_of(folder, archived)
    persons = set(persons_in(folder.file(archived.place)))
    if any(kind != "person" or identity in persons for kind, identity in reach):
        raise PartitionArchiveRefused(
            f"{archived.partition_name} stays in the archive although its time is over: a legal hold may cover "
            "rows of it."
        )


def _copy_held(model: type[Partitioned], archived: ArchivedPartition) -> int:
    folder = ArchiveFolder.configured()
    manifest = manifest_of(folder, archived)
    beside = f"{archived.partition_name}_held"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(NO_HURRY)
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"CREATE TABLE archive.{beside} (LIKE {table} INCLUDING ALL)")
        path = folder.file(archived.place)
        if manifest.protected:
            with keys_for(Purpose.ARCHIVE, actor=None, reason=f"legal holds over {archived.partition_name}"):
                load(
                    cursor,
                    model,
                    f"archive.{beside}",
                    path,
                    manifest,
                    protection_of(folder, archived, manifest),
                )
        else:
            load(cursor, model, f"archive.{beside}", path, manifest, None)
        wanted, kept = held_rows_copy(model, schema="archive", name=beside)
        if wanted != kept:
            raise PartitionArchiveRefused(
                f"Legal holds cover {wanted} rows of {archived.partition_name} and {kept} copies prove to be those: "
                "the file stays."
            )
        cursor.execute(f"DROP TABLE archive.{beside}")
    return kept


def over_since(archived: ArchivedPartition) -> datetime:
    """When the last row of a file was written at the latest (UTC): from then on its retention counts."""
    return uuid7_instant(archived.upper_id)
