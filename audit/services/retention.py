"""The retention job: deletes rows whose time is over, as the retention role, and leaves what a legal hold covers.

Each batch is a transaction. The owner, as whom the job runs, finds the rows and locks them, so that nothing about them
changes; the retention role deletes them, and the triggers of each table ask again whether the time is over and whether
a hold covers. Holds that are being placed wait for the batch, or the batch for them.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from accounts.models import User
from audit.announcements import records_released, retention_obeyed
from audit.choices import RetentionDuty, RetentionOutcome
from audit.errors import RetentionRefused
from audit.models import RetentionPolicy, RetentionRun
from audit.retention_duties import children_of, declared_models, executed_models
from audit.retention_sql import Place, Table, table_of
from audit.services.partition_retention import leaving_order, partitions_retain
from audit.services.retention_counts import Tally, rows_count
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role

BATCH = 1000
LONGEST_ERROR = 2000
LONGEST_EXPLANATION = 1000
FOREIGN_KEY = "23503"


@dataclass
class _Work:
    """What a run did to one table."""

    tally: Tally = field(default_factory=Tally)
    went_along: Counter[str] = field(default_factory=Counter)


def executed_policies(table: str = "") -> list[RetentionPolicy]:
    """The policies that the job obeys, rows that refer to others before those, then partitions; `table` names one.

    Raises RetentionRefused for a table that has no policy, or one that the job does not obey.
    """
    with acting(Role.RETENTION):
        found = {policy.table_name: policy for policy in RetentionPolicy.objects.executed()}
    ordered = [found[name] for model in executed_models() if (name := model._meta.db_table) in found]
    ordered += leaving_order([one for one in found.values() if one.duty == RetentionDuty.PARTITIONS])
    if table:
        ordered = [policy for policy in ordered if policy.table_name == table]
        if not ordered:
            raise RetentionRefused(f"No rows of {table} are deleted by this job.")
    return ordered


def counted_policies(table: str = "") -> list[RetentionPolicy]:
    """Every other policy with a period: what is over is counted, and who obeys it, or why nobody does, is told.

    Raises RetentionRefused for a table that has no policy with a period.
    """
    with acting(Role.RETENTION):
        periods = RetentionPolicy.objects.filter(period__isnull=False)
        found = list(periods.filter(table_name=table) if table else periods.filter(is_executed=False))
    if table and not found:
        raise RetentionRefused(f"No rows of {table} are deleted after a period.")
    known = declared_models()
    return sorted((policy for policy in found if policy.table_name in known), key=lambda one: one.table_name)


def retention_run(*, policy: RetentionPolicy, dry_run: bool, batch: int = BATCH) -> RetentionRun:
    """Delete the rows of one table whose time is over, in batches, each in a transaction of its own.

    Runs as the owner, who acts as the retention role. Rows that a legal hold covers are counted and stay, and so do
    those to which others still refer. Writes the run when it is over; a failure of the database is on it too, and goes
    on to the caller. A run that is killed is begun again: what it deleted is gone, the rest is found. Locks: the rows
    of a batch, by key; what another run has locked is left to it. Announces: `records_released` for each person whose
    records the law let go, `retention_obeyed`. A partitioned table is left to `partitions_retain`.
    """
    if policy.duty == RetentionDuty.PARTITIONS:
        return partitions_retain(policy=policy, dry_run=dry_run)
    if not dry_run and policy.duty != RetentionDuty.ROWS:
        raise RetentionRefused(f"No rows of {policy.table_name} are deleted by this job.")
    started = database_now()
    cut_off = _cut_off(policy)
    model = declared_models()[policy.table_name]
    work = _Work()
    error: DatabaseError | None = None
    try:
        if dry_run:
            work.tally = rows_count(model, cut_off)
        else:
            _delete(table_of(model), cut_off, work, batch)
    except DatabaseError as failure:
        error = failure
    tally, done = work.tally, RetentionOutcome.REHEARSED if dry_run else RetentionOutcome.DONE
    with transaction.atomic():
        with acting(Role.RETENTION):
            run = RetentionRun.objects.create(
                policy=policy,
                period=policy.period or "",
                dry_run=dry_run,
                cut_off=cut_off,
                found=tally.found,
                deleted=tally.deleted,
                held=tally.held,
                bound=tally.bound,
                partitions=tally.partitions,
                is_estimate=tally.is_estimate,
                explanation=_explanation(policy, work)[:LONGEST_EXPLANATION],
                outcome=RetentionOutcome.FAILED if error else done,
                error=str(error)[:LONGEST_ERROR] if error else "",
                started_at=started,
                finished_at=database_now(),
            )
        if tally.deleted:
            detail = {"deleted": tally.deleted, "held": tally.held, "period": policy.period}
            retention_obeyed.send(sender=RetentionPolicy, actor=None, subject=policy, detail=detail)
    if error is not None:
        raise error
    return run


def _explanation(policy: RetentionPolicy, work: _Work) -> str:
    along = [f"{count} of {table} went along" for table, count in sorted(work.went_along.items())]
    return "; ".join(part for part in (policy.obeyed_by, *along) if part)


def _cut_off(policy: RetentionPolicy) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp() - %s::interval", [policy.period])
        return cursor.fetchone()[0]


def _delete(table: Table, cut_off: datetime, work: _Work, batch: int) -> None:
    after: Place | None = None
    while True:
        with transaction.atomic():
            rows = table.find(cut_off, after=after, limit=batch, lock=True)
            free = [row.key for row in rows if not row.held and not row.bound]
            people = table.people_of(free) if table.over.person else {}
            gone = _delete_rows(table, free, work)
            _tell(table, [people[key] for key in gone if key in people])
        work.tally.found += len(rows)
        work.tally.held += sum(row.held for row in rows)
        work.tally.bound += sum(row.bound and not row.held for row in rows)
        work.tally.deleted += len(gone)
        if len(rows) < batch:
            return
        after = rows[-1].place


def _delete_rows(table: Table, keys: list[UUID], work: _Work) -> list[UUID]:
    """Delete all at once, or, where one of them may not go, one by one; returns what went.

    What came in between (a hold, an addition to a person's records, a row that refers to one of these) is refused by
    the table itself, and must not keep the others.
    """
    if not keys:
        return []
    try:
        work.went_along.update(_delete_together(table, keys))
        return keys
    except IntegrityError:
        gone = []
        for key in keys:
            try:
                work.went_along.update(_delete_together(table, [key]))
                gone.append(key)
            except IntegrityError as refusal:
                if getattr(refusal.__cause__, "sqlstate", "") == FOREIGN_KEY:
                    work.tally.bound += 1
                else:
                    work.tally.held += 1
        return gone


def _delete_together(table: Table, keys: list[UUID]) -> Counter[str]:
    """In a savepoint, with foreign keys asked at once: what goes along first, then the rows."""
    along: Counter[str] = Counter()
    with acting(Role.RETENTION), connection.cursor() as cursor:
        for child, column in children_of(table.model):
            name = child._meta.db_table
            cursor.execute(f"DELETE FROM {name} c WHERE c.{column} = ANY(%s::uuid[])", [keys])
            along[name] += cursor.rowcount
        cursor.execute(f"DELETE FROM {table.name} t WHERE t.{table.key} = ANY(%s::uuid[])", [keys])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return along


def _tell(table: Table, people: list[UUID]) -> None:
    """The trail hears of each person whose records the law let go, in the transaction in which they went."""
    counted = Counter(people)
    known: dict[Any, Model] = dict(User.objects.in_bulk(sorted(counted)))
    for person_id, rows in sorted(counted.items()):
        records_released.send(
            sender=User,
            actor=None,
            subject=known[person_id],
            detail={"table": table.name, "rows": rows},
        )
