"""The retention job: deletes rows whose time is over, as the retention role, and leaves what a legal hold covers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import Model

from audit.choices import RetentionOutcome
from audit.errors import RetentionRefused
from audit.models import RetentionPolicy, RetentionRun
from audit.retention_rules import ENDED_AT
from core.db.clock import database_now
from core.db.context import acting
from core.db.holds import COVERS, HeldBy, held_by_of
from core.db.roles import Role

BATCH = 1000


@dataclass
class Tally:
    """What a run found of one table. `held` rows are over too, and stay."""

    found: int = 0
    deleted: int = 0
    held: int = 0


@dataclass(frozen=True)
class _Table:
    """One table as the job sees it: its name, and the conditions that a row is over and that it is held."""

    name: str
    over: str
    held: str


def executed_policies(table: str = "") -> list[RetentionPolicy]:
    """The policies that the job obeys, in the order of their tables; `table` names one.

    Raises RetentionRefused for a table that has no policy, or one that the job does not obey.
    """
    with acting(Role.RETENTION):
        found = [policy for policy in RetentionPolicy.objects.executed() if table in ("", policy.table_name)]
    if table and not found:
        raise RetentionRefused(f"No rows of {table} are deleted by this job.")
    return found


def retention_run(*, policy: RetentionPolicy, dry_run: bool, batch: int = BATCH) -> RetentionRun:
    """Delete the rows of one table whose time is over, in batches, each in a transaction of its own.

    Runs as the owner, who acts as the retention role. Rows that a legal hold covers are counted and stay. Writes the
    run when it is over; a failure of the database is on it too, and goes on to the caller.
    """
    started = database_now()
    cut_off = _cut_off(policy)
    tally = Tally()
    error: DatabaseError | None = None
    try:
        _delete(_table(policy.table_name), cut_off, tally, dry_run=dry_run, batch=batch)
    except DatabaseError as failure:
        error = failure
    done = RetentionOutcome.REHEARSED if dry_run else RetentionOutcome.DONE
    with acting(Role.RETENTION):
        run = RetentionRun.objects.create(
            policy=policy,
            period=policy.period or "",
            dry_run=dry_run,
            cut_off=cut_off,
            found=tally.found,
            deleted=tally.deleted,
            held=tally.held,
            outcome=RetentionOutcome.FAILED if error else done,
            error=str(error)[:2000] if error else "",
            started_at=started,
            finished_at=database_now(),
        )
    if error is not None:
        raise error
    return run


def _cut_off(policy: RetentionPolicy) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp() - %s::interval", [policy.period])
        return cursor.fetchone()[0]


def _model_of(table: str) -> type[Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _table(name: str) -> _Table:
    held = held_by_of(_model_of(name))
    covered = f"{COVERS}({held.arrays(_model_of(name), 't')})" if isinstance(held, HeldBy) else "false"
    return _Table(name, f"{ENDED_AT[name].replace('{row}', 't')} < %s", covered)


def _delete(table: _Table, cut_off: datetime, tally: Tally, *, dry_run: bool, batch: int) -> None:
    after: UUID | None = None
    while True:
        with acting(Role.RETENTION), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.id, {table.held} FROM {table.name} t "
                f"WHERE {table.over} AND (%s::uuid IS NULL OR t.id > %s::uuid) ORDER BY t.id LIMIT %s",
                [cut_off, after, after, batch],
            )
            rows = cursor.fetchall()
            free = [str(key) for key, held in rows if not held]
            if free and not dry_run:
                # What a person changed meanwhile is asked about again; holds wait for the end of this transaction.
                cursor.execute(
                    f"DELETE FROM {table.name} t WHERE t.id = ANY(%s::uuid[]) AND {table.over}",
                    [free, cut_off],
                )
                deleted = cursor.rowcount
            else:
                deleted = 0
        tally.found += len(rows)
        tally.held += len(rows) - len(free)
        tally.deleted += deleted
        if len(rows) < batch:
            return
        after = rows[-1][0]
