"""Purging archives whose time is over: their files and what hangs on them go, the decisions about them stay."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from core.errors import Refused
from core.vetoes import Vetoed, purge_requested
from streams.announcements import archive_purged
from streams.errors import ArchiveRefused
from streams.models import Archive, ObjectRemoval
from streams.services.archives import tell

Place = tuple[datetime, UUID]
"""Where a batch ended: the purge time and the id of its last archive."""


@dataclass(frozen=True)
class Batch:
    """What a batch did: `purged` and `held` archives, `objects` listed for removal, and where it ended (None: done)."""

    counts: Counter[str]
    last: Place | None


@transaction.atomic
def archive_purge(*, archive_id: UUID) -> int:
    """Purge one archive that is due; returns how many objects were listed for removal from storage.

    Runs as the worker. Locks: the archive. Raises: `core.vetoes.Vetoed` (a hold, in its words), ArchiveRefused (not
    due, purged before, or a trigger of a higher floor objects), NotThere. Announces: `archive_purged`.
    """
    archive = locked(Archive, archive_id)
    purge_requested.require(sender=Archive, archive=archive)
    with refused_as(ArchiveRefused), connection.cursor() as cursor:
        cursor.execute("SELECT objects FROM streams_archive_purge(%s)", [archive.pk])
        (objects,) = cursor.fetchone()
    tell(archive_purged, archive, None, changed=("purged_at",), detail={"objects": len(objects)})
    return len(objects)


@transaction.atomic
def archives_purge(*, batch: int = 50, after: Place | None = None) -> Batch:
    """Purge a batch of archives that are due, the longest overdue first, beginning behind `after`.

    What somebody else holds a lock on is left out, so that several workers share the work; what is under a hold is
    counted and asked about again in the next run. Runs as the worker. Announces: `archive_purged` for each.
    """
    due = Archive.all_objects.due_for_purge()
    if after is not None:
        at, key = after
        due = due.filter(Q(purge_at__gt=at) | Q(purge_at=at, pk__gt=key))
    found = list(due.select_for_update(skip_locked=True).values_list("purge_at", "pk")[:batch])
    counts: Counter[str] = Counter()
    for _, archive_id in found:
        try:
            counts["objects"] += archive_purge(archive_id=archive_id)
            counts["purged"] += 1
        except (Vetoed, ArchiveRefused):
            counts["held"] += 1
    last: Any = found[-1] if len(found) == batch else None
    return Batch(counts, last)


def archives_due() -> Iterator[tuple[UUID, tuple[str, ...]]]:
    """What a purge would do now: each archive that is due, with what stands against it. Changes nothing."""
    for archive in Archive.all_objects.due_for_purge().iterator(chunk_size=500):
        yield archive.pk, tuple(str(veto) for veto in purge_requested.ask(sender=Archive, archive=archive))


@transaction.atomic
def object_removal_confirm(*, object_removal_id: UUID) -> ObjectRemoval:
    """Note that the storage has deleted an object. Runs as the worker. Raises: Refused (before), NotThere."""
    row = ObjectRemoval.objects.filter(pk=object_removal_id).first()
    if row is not None and row.confirmed_at is not None:
        raise Refused("This object was removed before.")
    row = locked(ObjectRemoval, object_removal_id)
    row.confirmed_at = database_now()
    row.save(update_fields=["confirmed_at"])
    return row
