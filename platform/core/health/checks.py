"""The kernel's own checks: schema, partitions, background work."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from core.db.partitions.maintenance import ahead_shortages
from core.db.partitions.registry import partitioned_models
from core.health.registry import Finding, failed, health_check, ok, warning
from core.jobs.schedule import Scheduled, schedule

LAG_WARNS = 60
LAG_FAILS = 300
"""Seconds for which a due job may wait."""

DEAD_LETTERS_FAIL = 20
OVERDUE = timedelta(minutes=5)
"""How late the schedule may be."""


@cache
def _migrations_of_code() -> frozenset[tuple[str, str]]:
    """App and name of every migration of this release; a process's code does not change."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


@health_check("migrations")
def migrations_are_applied() -> Finding:
    """Does the schema fit the code?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM migrations_applied()")
        applied = {(app, name) for app, name in cursor.fetchall()}
    missing = len(_migrations_of_code() - applied)
    if missing:
        return failed("Migrations of this release are not applied: run migrate.", missing=missing)
    return ok("All are applied.", missing=0)


@health_check("partitions")
def partitions_are_ahead() -> Finding:
    """Has every partitioned table at least three periods ahead?"""
    models = list(partitioned_models())
    short = [model._meta.db_table for model in ahead_shortages(models)]
    if short:
        words = f"Too few periods ahead: {', '.join(sorted(short))}. Run partitions_maintain."
        return failed(words, tables=len(models), short=len(short))
    return ok("Three periods ahead at least.", tables=len(models), short=0)


def _queue() -> dict[str, Any]:
    """What job_health says, asked once for each check that needs it: it costs a millisecond."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lag_seconds, dead_letters, workers, scheduled, since FROM job_health(%s)",
            [settings.JOB_STALLED_SECONDS],
        )
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


@health_check("workers")
def workers_are_alive() -> Finding:
    """Does anybody do the background work?"""
    alive = _queue()["workers"]
    if not alive:
        return failed(
            "No worker is alive: start `manage.py worker` and `manage.py maintenance_worker`.", alive=0
        )
    return ok("Workers are alive.", alive=alive)


@health_check("job_lag")
def jobs_are_done_in_time() -> Finding:
    """How long does the oldest job wait that should have run?"""
    lag = round(_queue()["lag_seconds"] or 0, 1)
    if lag > LAG_FAILS:
        return failed("Due work waits for too long: more workers, or a look at what they do.", seconds=lag)
    if lag > LAG_WARNS:
        return warning("Due work waits.", seconds=lag)
    return ok("Work is done when it is due.", seconds=lag)


@health_check("schedule")
def schedule_is_kept() -> Finding:
    """Was each entry of the schedule put into the queue when its time came?"""
    queue = _queue()
    last = {name: datetime.fromtimestamp(at, UTC) for name, at in json.loads(queue["scheduled"]).items()}
    overdue = [
        entry.command
        for entry in schedule()
        if is_overdue(entry, last=last.get(entry.command) or queue["since"], now=timezone.now())
    ]
    if overdue:
        words = f"Not begun when it should: {', '.join(overdue)}. Is a worker of its queue alive?"
        return failed(words, entries=len(schedule()), overdue=len(overdue))
    return ok("Everything was begun in time.", entries=len(schedule()), overdue=0)


def is_overdue(entry: Scheduled, *, last: datetime | None, now: datetime) -> bool:
    """Whether a period after the last one has begun, more than `OVERDUE` ago, and nothing happened."""
    return last is not None and entry.next_run(last) + OVERDUE < now


@health_check("dead_letters")
def few_jobs_failed_for_good() -> Finding:
    """How many jobs wait for a decision of staff?"""
    number = _queue()["dead_letters"]
    if number >= DEAD_LETTERS_FAIL:
        return failed("Many jobs failed for good: look at them in the back office.", number=number)
    if number:
        return warning(
            "Jobs failed for good: run them again or give them up, in the back office.", number=number
        )
    return ok("None.", number=0)
