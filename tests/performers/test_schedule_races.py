"""Two write one calendar at the same moment, on connections of their own."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core.db.context import acting
from core.db.roles import Role
from performers.errors import ScheduleRefused
from performers.models import PerformerProfile, ScheduleOccurrence, ScheduleSeries, TimeOff
from performers.services.expansion import series_expand
from performers.services.occurrences import occurrence_plan
from performers.services.time_off import time_off_take
from tests.accounts.test_races import at_once
from tests.performers.factories_schedule import SOON, PerformerFactory, SeriesFactory, hours, person_of
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)


def herself(performer: PerformerProfile, service: Any, **arguments: Any) -> Callable[[], Any]:
    def act() -> Any:
        with acting(Role.PERFORMER, user_id=performer.pk):
            return service(
                performer_id=performer.pk, actor=person_of(performer), time_zone="UTC", **arguments
            )

    return act


def broadcast(performer: PerformerProfile, minutes: int = 0) -> Callable[[], Any]:
    start = (SOON + timedelta(minutes=minutes)).replace(tzinfo=None)
    return herself(performer, occurrence_plan, title="Show", local_start=start, duration_minutes=60)


def raw(performer: PerformerProfile, table: str, ready: Barrier) -> Callable[[], Any]:
    """Somebody without the services, who looks first, waits until the other one has looked too, and then writes."""
    columns = {
        "performers_timeoff": "(performer_id, during, time_zone) VALUES (%s, %s, 'UTC')",
        "performers_scheduleoccurrence": (
            "(performer_id, during, original_day, original_start, time_zone, title, status, reason, is_public) "
            f"VALUES (%s, %s, '2027-01-01', '{SOON.isoformat()}', 'UTC', 'Show', 'scheduled', '', false)"
        ),
    }[table]

    def act() -> Any:
        with acting(Role.PERFORMER, user_id=performer.pk):
            run("SELECT count(*) FROM performers_scheduleoccurrence, performers_timeoff")
            ready.wait(timeout=10)
            run(f"INSERT INTO {table} {columns}", [performer.pk, hours()])

    return act


def test_one_time_is_taken_once() -> None:
    """Services and raw SQL, broadcast against broadcast, and broadcast against time off, on four calendars."""
    first, second, third, fourth = PerformerFactory.create_batch(4)
    day = SOON.date()

    outcomes = at_once(broadcast(first), broadcast(first, 30), broadcast(first, -30))
    assert sum(isinstance(outcome, ScheduleRefused) for outcome in outcomes) in (1, 2)
    assert all(isinstance(outcome, ScheduleRefused | ScheduleOccurrence) for outcome in outcomes)

    away = herself(second, time_off_take, first_day=day, last_day=day)
    outcomes = at_once(broadcast(second), away)
    assert [type(outcome) for outcome in outcomes].count(ScheduleRefused) == 1, outcomes
    assert ScheduleOccurrence.objects.filter(performer=second).count() + TimeOff.objects.count() == 1

    for performer, tables in (
        (third, ("performers_timeoff", "performers_scheduleoccurrence")),
        (fourth, ("performers_scheduleoccurrence", "performers_scheduleoccurrence")),
    ):
        ready = Barrier(2)
        outcomes = at_once(*(raw(performer, table, ready) for table in tables))
        failed = [outcome for outcome in outcomes if outcome is not None]
        assert len(failed) == 1, outcomes
        assert isinstance(failed[0], DatabaseError)
        assert (
            "time off" in str(failed[0])
            or "scheduled in this time" in str(failed[0])
            or "excl" in str(failed[0])
        )

    # A snapshot older than the lock would not see what the lock waited for.
    with pytest.raises(DatabaseError, match="READ COMMITTED"), transaction.atomic():
        run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        run(
            "INSERT INTO performers_timeoff (performer_id, during, time_zone) VALUES (%s, %s, 'UTC')",
            [first.pk, hours(SOON + timedelta(days=9), 24)],
        )
    connection.close()


def test_two_workers_make_each_occurrence_once() -> None:
    series: ScheduleSeries = SeriesFactory()

    def expand() -> Any:
        with acting(Role.WORKER):
            return series_expand(schedule_series_id=series.pk)

    made = [outcome["made"] for outcome in at_once(expand, expand)]
    assert sorted(made) == [0, series.occurrences.count()]
