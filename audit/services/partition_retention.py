"""Retention of whole partitions: what is over leaves its table, for the archive or for good, and the archive ends too.

Runs as the owner, outside of any transaction. One run works on a table at a time. What legal holds cover is copied out
by `core.vetoes.partition_leaving` before a partition leaves, and once more before it is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit.announcements import retention_obeyed
from audit.choices import ArchivedPartitionStatus as Status
from audit.choices import RetentionAction, RetentionOutcome
from audit.errors import RetentionRefused
from audit.models import ArchivedPartition, HeldRow, RetentionPolicy, RetentionRun
from audit.retention_duties import declared_models
from audit.services.partition_archives import (
    GONE,
    archive_require,
    archived_partition_destroy,
    archived_partition_end,
    over_since,
    partition_archive,
)
from audit.services.retention_counts import Tally, partitions_over, rows_count
from core.archive.declaration import archived_of
from core.archive.errors import PartitionArchiveRefused
from core.db.clock import database_now
from core.db.context import acting
from core.db.partitions.calendar import Period
from core.db.partitions.catalog import find_partitions
from core.db.partitions.detach import detach_partition
from core.db.partitions.detached import DetachedPartition, detached_partitions, drop_detached
from core.db.partitions.errors import PartitionError
from core.db.partitions.manager import required_table
from core.db.partitions.turns import turn_if_free
from core.db.roles import Role
from core.models.partitioned import Partitioned

LONGEST = 1000
LONGEST_ERROR = 2000
HINDRANCES = (PartitionError, PartitionArchiveRefused, DatabaseError)


@dataclass
class _Work:
    """What a run did to one table, and what stood in the way."""

    tally: Tally = field(default_factory=Tally)
    archived: int = 0
    left: int = 0
    destroyed: int = 0
    notes: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def attempt(self, action: Callable[[], None]) -> bool:
        """Do it, and note what stands in the way; returns whether it was done."""
        try:
            action()
        except HINDRANCES as error:
            self.errors.append(error)
            return False
        return True

    def waits_for(self, obstacle: str | None) -> bool:
        """Note why something does not leave now, if there is a reason; returns whether there is."""
        if obstacle is not None:
            self.notes.append(obstacle)
        return obstacle is not None


def partitions_retain(*, policy: RetentionPolicy, dry_run: bool) -> RetentionRun:
    """Let every partition of a table leave whose time in the database is over, and destroy archives whose time is over.

    Returns the run, which is on record however it ended: rows found, deleted and archived, whole partitions, what was
    copied out for holds, what waits and why. A partition to whose leaving somebody objects does not keep the others;
    one that cannot get into the archive does. What failed goes on to the caller in the end. Raises RetentionRefused
    when another run works on the table, PartitionError, PartitionArchiveRefused, ArchiveChanged. Announces:
    `retention_obeyed`, `partition_archived`, `archived_partition_destroyed`.
    """
    model = declared_models()[policy.table_name]
    if not issubclass(model, Partitioned):
        raise RetentionRefused(f"{policy.table_name} is not partitioned.")
    started = database_now()
    cut_off = _instant_before(policy.online_period or policy.period or "")
    work = _Work()
    if dry_run:
        work.tally = rows_count(model, cut_off)
        work.notes.append(_rehearsed(policy))
        return _record(policy, started, cut_off, work, dry_run=True)
    with turn_if_free(connection, required_table(connection, model)) as free:
        if not free:
            raise RetentionRefused(
                f"Another run takes partitions of {policy.table_name} away. Nothing was done; run again when it has "
                "ended."
            )
        copies = HeldRow.objects.filter(source_table=policy.table_name).count()
        _leave(model, policy, cut_off, work)
        _end_archives(model, policy, work)
        copies = HeldRow.objects.filter(source_table=policy.table_name).count() - copies
    if copies:
        work.notes.insert(0, f"{copies} rows copied out for legal holds")
    run = _record(policy, started, cut_off, work, dry_run=False)
    if work.errors:
        raise work.errors[0]
    return run


def _instant_before(period: str) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp() - %s::interval", [period])
        found: datetime = cursor.fetchone()[0]
        return found


def _leave(model: type[Partitioned], policy: RetentionPolicy, cut_off: datetime, work: _Work) -> None:
    """First what an earlier run left behind, then one partition after the other, each to its end.

    None is detached while another cannot get to its end: rows that nobody sees any more would pile up.
    """
    for detached in detached_partitions(model):
        if detached.period.end <= cut_off and not work.waits_for(
            _obstacle(model, detached.name, detached.period)
        ):
            work.attempt(lambda detached=detached: _take_away(model, policy, detached, work))  # type: ignore[misc]
    if work.errors:
        return
    for name, period in partitions_over(model, cut_off):
        if work.waits_for(_obstacle(model, name, period)):
            continue
        if not work.attempt(lambda name=name, period=period: _detach(model, policy, name, period)):  # type: ignore[misc]
            continue
        gone = DetachedPartition(name, period)
        if not work.attempt(lambda gone=gone: _take_away(model, policy, gone, work)):  # type: ignore[misc]
            return


def _detach(model: type[Partitioned], policy: RetentionPolicy, name: str, period: Period) -> None:
    """What cannot be archived is not detached in the first place."""
    if _goes_to_archive(policy, period):
        table = required_table(connection, model)
        archive_require(f'"{table.schema}"."{name}"')
    detach_partition(model, name)


def _goes_to_archive(policy: RetentionPolicy, period: Period) -> bool:
    """Whether rows of a period are to be kept outside of the database; else they are over for good."""
    return policy.action == RetentionAction.ARCHIVE and period.end > _instant_before(policy.period or "")


def _take_away(
    model: type[Partitioned], policy: RetentionPolicy, detached: DetachedPartition, work: _Work
) -> None:
    if _goes_to_archive(policy, detached.period):
        rows = partition_archive(model=model, partition=detached).rows
        work.archived += rows
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {detached.relation}")
            (rows,) = cursor.fetchone()
        drop_detached(model, detached)
        work.tally.deleted += rows
    work.tally.found += rows
    work.tally.partitions += 1
    work.left += 1


def _obstacle(model: type[Partitioned], name: str, period: Period) -> str | None:
    """Why a partition does not leave now although it is over: it came back for a time, or others go before it."""
    back = ArchivedPartition.objects.of_partition(name).filter(
        status=Status.RESTORED, restored_until__gt=timezone.now()
    )
    if (archived := back.first()) is not None:
        return f"{name} came back until {archived.restored_until:%Y-%m-%d %H:%M} UTC"
    for first in _before(model):
        there = [one.name for one in detached_partitions(first) if one.period == period]
        table = required_table(connection, first)
        there += [one.name for one in find_partitions(connection, table) if one.overlaps(period)]
        if there:
            return f"{name} waits for {there[0]}"
    return None


def _before(model: type[Partitioned]) -> list[type[Partitioned]]:
    """The tables whose partitions leave before those of `model`."""
    return [
        other
        for other in apps.get_models()
        if (declared := archived_of(other)) is not None
        and model._meta.label in declared.before
        and issubclass(other, Partitioned)
    ]


def leaving_order(policies: list[RetentionPolicy]) -> list[RetentionPolicy]:
    """Policies of partitions in the order in which their tables are taken: first those for which others wait."""
    known = declared_models()

    def place(policy: RetentionPolicy) -> tuple[int, str]:
        model = known[policy.table_name]
        return _after(model) if issubclass(model, Partitioned) else 0, policy.table_name

    return sorted(policies, key=place)


def _after(model: type[Partitioned]) -> int:
    """How many tables leave one after the other before this one."""
    return max((1 + _after(first) for first in _before(model)), default=0)


def _end_archives(model: type[Partitioned], policy: RetentionPolicy, work: _Work) -> None:
    """Files whose whole time is over, and those that nothing needs any more since their rows went another way."""
    cut_off = _instant_before(policy.period or "")
    standing = _standing(model)
    found = ArchivedPartition.objects.with_file().filter(table_name=policy.table_name).order_by("lower_id")
    for archived in found:

        def end(archived: ArchivedPartition = archived) -> None:
            if archived.status == Status.COLD:
                archived_partition_end(model=model, archived=archived)
            else:
                archived_partition_destroy(archived=archived, because=GONE)
            work.destroyed += 1

        is_cold = archived.status == Status.COLD
        if over_since(archived) <= cut_off if is_cold else archived.partition_name not in standing:
            work.attempt(end)
    if work.destroyed:
        work.notes.append(f"{work.destroyed} files of the archive destroyed")


def _standing(model: type[Partitioned]) -> set[str]:
    """The partitions of a table that stand in the database, attached or detached."""
    attached = find_partitions(connection, required_table(connection, model))
    return {one.name for one in attached} | {one.name for one in detached_partitions(model)}


def _rehearsed(policy: RetentionPolicy) -> str:
    cut_off = _instant_before(policy.period or "")
    cold = ArchivedPartition.objects.askable().filter(table_name=policy.table_name)
    files = sum(over_since(one) <= cut_off for one in cold)
    return f"{files} files of the archive would be destroyed" if files else ""


def _record(
    policy: RetentionPolicy, started: datetime, cut_off: datetime, work: _Work, *, dry_run: bool
) -> RetentionRun:
    tally, error = work.tally, "\n".join(str(error) for error in work.errors)
    done = RetentionOutcome.REHEARSED if dry_run else RetentionOutcome.DONE
    notes = "; ".join(note for note in (policy.obeyed_by, *work.notes) if note)
    with transaction.atomic():
        with acting(Role.RETENTION):
            run: RetentionRun = RetentionRun.objects.create(
                policy=policy,
                period=policy.period or "",
                dry_run=dry_run,
                cut_off=cut_off,
                found=tally.found,
                deleted=tally.deleted,
                archived=work.archived,
                held=tally.held,
                partitions=tally.partitions,
                is_estimate=tally.is_estimate,
                explanation=notes[:LONGEST],
                outcome=RetentionOutcome.FAILED if work.errors else done,
                error=error[:LONGEST_ERROR],
                started_at=started,
                finished_at=database_now(),
            )
        if work.left:
            retention_obeyed.send(
                sender=RetentionPolicy,
                actor=None,
                subject=policy,
                detail={
                    "deleted": tally.deleted,
                    "archived": work.archived,
                    "partitions": work.left,
                    "period": policy.period,
                },
            )
    return run
