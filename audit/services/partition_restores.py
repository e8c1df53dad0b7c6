"""Partitions come back from the archive for a time: for an inquiry, a court, or a person who asks for their data."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from audit.announcements import partition_restored
from audit.choices import ArchivedPartitionStatus as Status
from audit.models import ArchivedPartition
from audit.seals.verification import NO_HURRY
from audit.services.partition_archives import manifest_of, protection_of
from core.archive.declaration import archived_of
from core.archive.errors import PartitionArchiveRefused
from core.archive.folder import ArchiveFolder
from core.archive.manifest import Manifest
from core.archive.transfer import Loaded, load
from core.db.clock import database_now
from core.db.partitions.catalog import find_partitions
from core.db.partitions.detached import period_of, require_absent, return_partition
from core.db.partitions.manager import required_table
from core.db.partitions.names import partition_name
from core.encryption import Purpose, keys_for
from core.models.partitioned import Partitioned


def archived_partition_named(name: str) -> ArchivedPartition:
    """The archive of a partition whose rows are in no database. Raises PartitionArchiveRefused."""
    found = list(ArchivedPartition.objects.of_partition(name)[:10])
    cold: ArchivedPartition | None = next((one for one in found if one.status == Status.COLD), None)
    if cold is not None:
        return cold
    if found:
        raise PartitionArchiveRefused(
            f"{name} is {found[0].get_status_display().lower()}: nothing to bring back."
        )
    raise PartitionArchiveRefused(f"The archive of this database has no partition {name}.")


def archived_model(archived: ArchivedPartition) -> type[Partitioned]:
    """The model of the table. Raises PartitionArchiveRefused where this release has none."""
    for model in apps.get_models():
        if model._meta.db_table == archived.table_name and issubclass(model, Partitioned):
            return model
    raise PartitionArchiveRefused(f"This release has no partitioned table {archived.table_name}.")


def record_of_manifest(content: bytes, name: str) -> ArchivedPartition:
    """The record of a manifest. Raises PartitionArchiveRefused for one of another database, ArchiveChanged for none."""
    manifest = Manifest.from_bytes(content, name)
    archived: ArchivedPartition | None = ArchivedPartition.objects.filter(pk=manifest.archive_id).first()
    if archived is None:
        raise PartitionArchiveRefused(
            f"{name} is of another database ({manifest.database}), or of a state that this one does not remember: "
            f"it has no archive {manifest.archive_id}. Nothing came back."
        )
    return archived


def partition_restore(*, archived: ArchivedPartition, until: datetime, reason: str) -> Loaded:
    """Bring the rows of a file back into their table, proven to be those that left, until an instant (UTC).

    Runs as the owner, outside of any transaction; rows are seen when all are there and proven. Afterwards retention
    archives the partition again. What was erased since stays away. Raises PartitionArchiveRefused (not in the archive,
    no reason, a time that is past, columns that are gone), ArchiveChanged (file or manifest are not those that were
    written), PartitionError (rows of that time stand in the database). Announces: `partition_restored`.
    """
    if archived.status != Status.COLD:
        raise PartitionArchiveRefused(f"{archived} is not in the archive: nothing to bring back.")
    if not reason.strip():
        raise PartitionArchiveRefused("Rows come back for a reason: say which.")
    if until <= timezone.now():
        raise PartitionArchiveRefused("The time until which rows come back lies in the past.")
    folder = ArchiveFolder.configured()
    model = archived_model(archived)
    require_absent(model, archived.partition_name)
    _require_those_before(model, archived.partition_name)
    manifest = manifest_of(folder, archived)
    loaded: list[Loaded] = []

    def fill(relation: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(NO_HURRY)
            loaded.append(_load(cursor, folder, archived, model, relation, manifest))

    def finish() -> None:
        archived.status, archived.restored_at, archived.restored_until = (
            Status.RESTORED,
            database_now(),
            until,
        )
        archived.save(update_fields=["status", "restored_at", "restored_until"])
        (done,) = loaded
        partition_restored.send(
            sender=ArchivedPartition,
            subject=archived,
            reason=reason,
            detail={
                "partition": archived.partition_name,
                "rows": done.rows,
                "omitted": done.omitted,
                "emptied": done.emptied,
                "until": until.isoformat(),
            },
        )

    return_partition(model, archived.partition_name, fill, finish)
    return loaded[0]


def _require_those_before(model: type[Partitioned], name: str) -> None:
    """Raises PartitionArchiveRefused where rows on which these rest have not come back: events without their leaves."""
    declared, period = archived_of(model), period_of(model, name)
    for label in declared.before if declared else ():
        other: Any = apps.get_model(label)
        table = required_table(connection, other)
        if not any(there.covers(period) for there in find_partitions(connection, table)):
            wanted = partition_name(table.name, period.suffix)
            raise PartitionArchiveRefused(f"{name} comes back after {wanted}: bring that one back first.")


def _load(
    cursor: Any,
    folder: ArchiveFolder,
    archived: ArchivedPartition,
    model: type[Partitioned],
    relation: str,
    manifest: Manifest,
) -> Loaded:
    path = folder.file(archived.place)
    if not manifest.protected:
        return load(cursor, model, relation, path, manifest, None)
    with keys_for(Purpose.ARCHIVE, actor=None, reason=f"return of {archived.partition_name}"):
        return load(cursor, model, relation, path, manifest, protection_of(folder, archived, manifest))
