"""Planned broadcasts one by one, time off, and what the public sees of a calendar."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from performers.choices import OccurrenceStatus
from performers.errors import OccurrenceOver, ScheduleRefused
from performers.models import PerformerProfile, ScheduleOccurrence
from performers.selectors import broadcasts_of_week
from performers.services.occurrences import occurrence_cancel, occurrence_move, occurrence_plan
from performers.services.time_off import time_off_take, time_off_withdraw
from performers.wall_clock import local_at, zone_named
from tests.accounts import conftest as fixtures
from tests.accounts.conftest import Announced
from tests.performers.factories_schedule import (
    OccurrenceFactory,
    PerformerFactory,
    as_herself,
    hours,
    status_set,
)
from tests.sql import run

pytestmark = pytest.mark.django_db
announced = fixtures.announced

CANCELLED = OccurrenceStatus.CANCELLED

BEGINNING, END = datetime(1, 1, 1), datetime(9999, 12, 31, 23)  # noqa: DTZ001  (what a clock shows)


@pytest.fixture
def anna(db: None) -> PerformerProfile:
    return PerformerFactory()


def test_one_broadcast_is_planned_on_the_clock_of_a_zone(
    anna: PerformerProfile, announced: Announced
) -> None:
    day = (datetime.now(UTC) + timedelta(days=5)).replace(tzinfo=None, hour=21, minute=0, second=33)
    values = {
        "performer_id": anna.pk,
        "title": "Party",
        "time_zone": "America/Sao_Paulo",
        "duration_minutes": 90,
    }
    row = as_herself(anna, occurrence_plan, local_start=day, **values)
    assert local_at(row.starts_at, zone_named("America/Sao_Paulo")) == day.replace(second=0, microsecond=0)
    assert announced.actions == ["broadcast_planned"]
    for changes, words in (
        ({"local_start": day + timedelta(minutes=80)}, "Another broadcast of this performer"),
        ({"local_start": day - timedelta(days=9)}, "lies in the past"),
        ({"local_start": day + timedelta(days=400)}, "a year ahead"),
        ({"local_start": BEGINNING}, "beyond the calendar|in the past"),
        ({"local_start": END}, "beyond the calendar"),
        ({"local_start": datetime.now(UTC)}, "without an offset"),
        ({"duration_minutes": 0}, "1 minute to 24 hours"),
        ({"duration_minutes": -5}, "1 minute to 24 hours"),
        ({"time_zone": "Neverland"}, "no time zone"),
    ):
        with pytest.raises(ScheduleRefused, match=words):
            as_herself(anna, occurrence_plan, **({"local_start": day + timedelta(days=1)} | values | changes))
    assert ScheduleOccurrence.objects.count() == 1


def test_what_is_over_or_cancelled_is_changed_no_more(anna: PerformerProfile) -> None:
    past = OccurrenceFactory(performer=anna, during=hours(datetime.now(UTC) - timedelta(hours=1)))
    ahead = OccurrenceFactory(performer=anna)
    as_herself(anna, occurrence_cancel, schedule_occurrence_id=ahead.pk, reason="ill")
    later = datetime.now(UTC) + timedelta(days=3)
    for row, words in ((past, "has begun"), (ahead, "is cancelled")):
        with pytest.raises(OccurrenceOver, match=words):
            as_herself(anna, occurrence_move, schedule_occurrence_id=row.pk, start=later)
        with pytest.raises(OccurrenceOver, match=words):
            as_herself(anna, occurrence_cancel, schedule_occurrence_id=row.pk)
    with acting(Role.VIEWER, user_id=past.performer_id), pytest.raises(NotThere):
        occurrence_cancel(schedule_occurrence_id=uuid4(), actor=None)


def test_time_off_and_broadcasts_exclude_one_another(anna: PerformerProfile, announced: Announced) -> None:
    row = OccurrenceFactory(performer=anna)
    day = row.starts_at.date()
    values: dict[str, Any] = {"performer_id": anna.pk, "time_zone": "UTC"}
    with pytest.raises(ScheduleRefused, match="Move or cancel them first"):
        as_herself(anna, time_off_take, first_day=day, last_day=day, **values)
    taken = as_herself(
        anna, time_off_take, first_day=day, last_day=day + timedelta(days=1), cancel_broadcasts=True, **values
    )
    assert ScheduleOccurrence.objects.get(pk=row.pk).status == CANCELLED
    assert announced.actions == ["broadcast_cancelled", "time_off_taken"]
    assert taken.during.upper - taken.during.lower == timedelta(days=2)
    free = OccurrenceFactory(performer=anna, during=hours(row.starts_at + timedelta(days=4)))
    with pytest.raises(ScheduleRefused, match="in the performer's time off"):
        as_herself(anna, occurrence_move, schedule_occurrence_id=free.pk, start=row.starts_at)
    with pytest.raises(ScheduleRefused, match="in the performer's time off"):
        as_herself(
            anna, occurrence_plan, performer_id=anna.pk, title="Party", time_zone="UTC", duration_minutes=10,
            local_start=row.starts_at.replace(tzinfo=None),
        )  # fmt: skip
    for first, last, words in (
        (1, 0, "before the first"),
        (0, 366, "366 days at most"),
        (-40, -30, "are over"),
        (1, 1, "Other time off covers"),
    ):
        with pytest.raises(ScheduleRefused, match=words):
            days = {"first_day": day + timedelta(days=first), "last_day": day + timedelta(days=last)}
            as_herself(anna, time_off_take, **days, **values)
    as_herself(anna, time_off_withdraw, time_off_id=taken.pk)
    as_herself(anna, occurrence_move, schedule_occurrence_id=free.pk, start=row.starts_at)
    with pytest.raises(OccurrenceOver):
        as_herself(anna, time_off_withdraw, time_off_id=taken.pk)


def test_a_week_is_shown_on_the_clock_of_the_viewer(
    anna: PerformerProfile, django_assert_num_queries: Any
) -> None:
    monday = (datetime.now(UTC) + timedelta(days=20)).date()
    midnight = datetime.combine(monday, time(0), tzinfo=zone_named("Asia/Seoul")).astimezone(UTC)
    inside = [
        OccurrenceFactory(performer=anna, during=hours(midnight - timedelta(hours=1))),
        OccurrenceFactory(performer=anna, during=hours(midnight + timedelta(days=7, hours=-1))),
    ]
    OccurrenceFactory(performer=anna, during=hours(midnight - timedelta(hours=4)))
    OccurrenceFactory(performer=anna, during=hours(midnight + timedelta(days=7, hours=1)))
    other = OccurrenceFactory(during=hours(midnight + timedelta(days=2)))
    OccurrenceFactory(
        performer=PerformerFactory(status="expired"), during=hours(midnight + timedelta(days=2))
    )
    with acting(Role.VIEWER, user_id=uuid4()), django_assert_num_queries(1):
        week = broadcasts_of_week(first_day=monday, time_zone="Asia/Seoul")
    assert [row.occurrence_id for row in week] == [inside[0].pk, other.pk, inside[1].pk]
    assert (week[0].starts_at.hour, week[0].starts_at.tzinfo) == (23, zone_named("Asia/Seoul"))
    hers = broadcasts_of_week(first_day=monday, time_zone="Asia/Seoul", performer_ids=[anna.pk])
    assert [row.occurrence_id for row in hers] == [row.pk for row in inside]
    for day, zone in ((monday, "Nowhere"), (date.min, "UTC"), (date.max, "UTC")):
        with pytest.raises(ScheduleRefused):
            broadcasts_of_week(first_day=day, time_zone=zone)


def test_the_calendar_is_public_exactly_while_the_performer_is(anna: PerformerProfile) -> None:
    OccurrenceFactory(performer=anna)
    for status, public in (("paused", True), ("expired", False), ("submitted", False), ("verified", True)):
        status_set(anna.pk, status)
        row = ScheduleOccurrence.objects.get(performer=anna)
        assert (row.is_public, row.version) == (public, 1), status
        with acting(Role.VIEWER, user_id=uuid4()):
            assert ScheduleOccurrence.objects.exists() is public


def test_a_cancelled_broadcast_is_news_and_one_that_never_came_about_is_none(anna: PerformerProfile) -> None:
    for status, public in (
        ("scheduled", True),
        ("cancelled", True),
        ("conflicting", False),
        ("withdrawn", False),
    ):
        with acting(Role.OWNER):
            row = OccurrenceFactory(performer=anna, status="scheduled" if status != "conflicting" else status)
            if row.status != status:
                run(
                    "UPDATE performers_scheduleoccurrence SET status = %s, is_public = NOT %s, "
                    "cancelled_at = CASE WHEN %s = 'cancelled' THEN now() END WHERE id = %s",
                    [status, public, status, row.pk],
                )
        # Neither a performer who leaves and returns nor the statement makes it public.
        for step in ("expired", "submitted", "verified"):
            status_set(anna.pk, step)
        assert ScheduleOccurrence.objects.get(pk=row.pk).is_public is public, status
        with acting(Role.VIEWER, user_id=uuid4()):
            assert ScheduleOccurrence.objects.filter(pk=row.pk).exists() is public
        run("DELETE FROM performers_scheduleoccurrence WHERE id = %s", [row.pk])
