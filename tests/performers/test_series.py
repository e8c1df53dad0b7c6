"""Series: published, expanded, changed, prolonged, ended; moved, cancelled, in conflict."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from audit.models import JobRun
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import StaleVersion
from performers.choices import OccurrenceStatus
from performers.errors import OccurrenceOver, RuleRefused, ScheduleRefused
from performers.models import PerformerProfile, ScheduleOccurrence, ScheduleSeries
from performers.selectors import broadcasts_ahead
from performers.services.expansion import series_expand
from performers.services.occurrences import occurrence_cancel, occurrence_move
from performers.services.series import MOST_SERIES, series_change, series_end, series_prolong, series_publish
from performers.services.time_off import time_off_take, time_off_withdraw
from performers.wall_clock import local_at, zone_named
from tests.accounts import conftest as fixtures
from tests.accounts.conftest import Announced
from tests.performers.factories_schedule import (
    OccurrenceFactory,
    PerformerFactory,
    SeriesFactory,
    as_herself,
    hours,
    person_of,
    plan,
    status_set,
)

pytestmark = pytest.mark.django_db
announced = fixtures.announced

LISBON = zone_named("Europe/Lisbon")
SCHEDULED, CONFLICTING = OccurrenceStatus.SCHEDULED, OccurrenceStatus.CONFLICTING
CANCELLED, WITHDRAWN = OccurrenceStatus.CANCELLED, OccurrenceStatus.WITHDRAWN


@pytest.fixture
def anna(db: None) -> PerformerProfile:
    return PerformerFactory()


def publish(performer: PerformerProfile, **changes: Any) -> ScheduleSeries:
    return as_herself(performer, series_publish, performer_id=performer.pk, plan=plan(**changes))


def expand(series: ScheduleSeries) -> dict[str, int]:
    with acting(Role.WORKER):
        return dict(+series_expand(schedule_series_id=series.pk))


def rows(series: ScheduleSeries, *statuses: str) -> list[ScheduleOccurrence]:
    found = series.occurrences.order_by("original_start", "pk")
    return list(found.filter(status__in=statuses) if statuses else found)


def test_a_series_is_made_eight_weeks_ahead_and_no_further(
    anna: PerformerProfile, announced: Announced
) -> None:
    series = publish(anna, rule="rrule:freq=daily;count=100")
    made = rows(series)
    assert 54 <= len(made) <= 57
    assert {(row.status, row.title, row.time_zone, row.is_public) for row in made} == {
        (SCHEDULED, "Evening show", "Europe/Lisbon", True)
    }
    assert {local_at(row.starts_at, LISBON).time() for row in made} == {time(20, 30)}
    assert all(row.during.upper - row.during.lower == timedelta(hours=2) for row in made)
    assert made[-1].starts_at <= datetime.now(UTC) + timedelta(weeks=8)
    assert (series.rule, (series.last_day - series.first_day).days) == ("FREQ=DAILY;COUNT=100", 99)
    assert expand(series) == {}
    said = announced.only("series_published")
    assert (said["subject"], said["detail"]["rule"], said["detail"]["made"]) == (anna, series.rule, len(made))


def test_what_a_performer_touched_survives_a_changed_rule(anna: PerformerProfile) -> None:
    series = publish(anna)
    first, second, third, fourth, *_ = rows(series)
    as_herself(
        anna, occurrence_move, schedule_occurrence_id=second.pk, start=second.starts_at + timedelta(hours=3)
    )
    as_herself(anna, occurrence_cancel, schedule_occurrence_id=third.pk, reason="ill")
    ScheduleSeries.objects.get(pk=series.pk)
    as_herself(
        anna,
        series_change,
        schedule_series_id=series.pk,
        plan=plan(
            title="Late show", local_time=time(22), rule="FREQ=DAILY;COUNT=30", first_day=first.original_day
        ),
    )
    first, second, third, fourth = (
        ScheduleOccurrence.objects.get(pk=row.pk) for row in (first, second, third, fourth)
    )
    assert (first.status, second.status, third.status, fourth.status) == (
        WITHDRAWN, SCHEDULED, CANCELLED, WITHDRAWN,
    )  # fmt: skip
    assert (second.starts_at - second.original_start, second.title) == (timedelta(hours=3), "Evening show")
    living = [row for row in rows(series) if row.status != WITHDRAWN]
    assert len({row.original_day for row in living}) == len(living) == 30
    new = [row for row in living if row.pk not in (second.pk, third.pk)]
    assert {(local_at(row.starts_at, LISBON).time(), row.title) for row in new} == {(time(22), "Late show")}
    assert expand(series) == {}


def test_what_a_changed_rule_makes_just_the_same_keeps_its_row(anna: PerformerProfile) -> None:
    series = publish(anna)
    before = {row.pk for row in rows(series)}
    first_day = rows(series)[0].original_day
    as_herself(
        anna,
        series_change,
        schedule_series_id=series.pk,
        plan=plan(title="Another name", rule="FREQ=DAILY;COUNT=10", first_day=first_day),
        expected_version=series.version,
    )
    kept = rows(series, SCHEDULED)
    assert ({row.pk for row in kept} < before, len(kept), len(rows(series))) == (True, 10, 20)
    assert {row.title for row in kept} == {"Another name"}
    with pytest.raises(StaleVersion):
        as_herself(
            anna, series_change, schedule_series_id=series.pk, plan=plan(), expected_version=series.version
        )


def test_every_second_week_stays_the_same_when_prolonged(anna: PerformerProfile) -> None:
    series = publish(anna, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=2")
    days = [row.original_day for row in rows(series)]
    until = days[-1] + timedelta(weeks=100)
    prolonged = as_herself(anna, series_prolong, schedule_series_id=series.pk, until=until)
    assert (prolonged.last_day - days[0]).days % 14 == 0
    assert prolonged.last_day > until - timedelta(days=14)
    found = [row.original_day for row in rows(series, SCHEDULED)]
    assert found[:2] == days
    assert {(day - days[0]).days % 14 for day in found} == {0}
    with pytest.raises(ScheduleRefused, match="goes on to .* already"):
        as_herself(anna, series_prolong, schedule_series_id=series.pk, until=days[-1])
    with pytest.raises(ScheduleRefused, match="within two years"):
        as_herself(anna, series_prolong, schedule_series_id=series.pk, until=until + timedelta(days=900))


def test_a_collision_is_a_row_that_is_seen_and_scheduled_when_time_comes_free(anna: PerformerProfile) -> None:
    series = SeriesFactory(performer=anna)
    day = series.first_day + timedelta(days=3)
    start = datetime.combine(day, time(21), tzinfo=LISBON)
    other = OccurrenceFactory(performer=anna, during=hours(start.astimezone(UTC)))
    time_off = as_herself(
        anna, time_off_take, performer_id=anna.pk, first_day=day + timedelta(days=2),
        last_day=day + timedelta(days=3), time_zone="Europe/Lisbon",
    )  # fmt: skip
    counts = expand(series)
    assert counts["in_conflict"] == 3
    in_conflict = rows(series, CONFLICTING)
    assert [(row.original_day - day).days for row in in_conflict] == [0, 2, 3]
    shown = broadcasts_ahead(performer_id=anna.pk, time_zone="Asia/Seoul", limit=200)
    assert not {row.occurrence_id for row in shown} & {row.pk for row in in_conflict}
    assert expand(series) == {}
    as_herself(anna, occurrence_cancel, schedule_occurrence_id=other.pk)
    assert expand(series) == {"freed": 1}
    as_herself(anna, time_off_withdraw, time_off_id=time_off.pk)
    assert not rows(series, CONFLICTING)


def test_one_in_conflict_is_scheduled_by_moving_it(anna: PerformerProfile) -> None:
    row = OccurrenceFactory(performer=anna, status=CONFLICTING)
    OccurrenceFactory(performer=anna)
    with pytest.raises(ScheduleRefused, match="Another broadcast of this performer"):
        as_herself(
            anna, occurrence_move, schedule_occurrence_id=row.pk, start=row.starts_at + timedelta(hours=1)
        )
    moved = as_herself(
        anna, occurrence_move, schedule_occurrence_id=row.pk, start=row.starts_at + timedelta(hours=2)
    )
    assert (moved.status, moved.moved_at is None) == (SCHEDULED, False)


def test_an_ended_series_leaves_what_was_moved(anna: PerformerProfile) -> None:
    series = publish(anna)
    moved = rows(series)[0]
    as_herself(
        anna, occurrence_move, schedule_occurrence_id=moved.pk, start=moved.starts_at - timedelta(minutes=30),
        duration_minutes=20,
    )  # fmt: skip
    support = PerformerFactory()
    with acting(Role.SUPPORT, user_id=support.pk):
        series_end(schedule_series_id=series.pk, actor=person_of(support), reason="asked by telephone")
    assert [row.pk for row in rows(series, SCHEDULED)] == [moved.pk]
    assert len(rows(series, WITHDRAWN)) == 19
    assert expand(series) == {"resting": 1}
    for service, arguments in (
        (series_end, {}),
        (series_change, {"plan": plan()}),
        (series_prolong, {"until": series.last_day + timedelta(days=9)}),
    ):
        with pytest.raises(OccurrenceOver, match="was ended"):
            as_herself(anna, service, schedule_series_id=series.pk, **arguments)


def yesterday() -> Any:
    return datetime.now(UTC).date() - timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rule": "FREQ=DAILY"}, "A series ends"),
        ({"rule": "FREQ=DAILY;COUNT=1000000"}, "1 to 1000"),
        ({"rule": "FREQ=MINUTELY;COUNT=5"}, "one start a day"),
        ({"rule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1"}, "falls on no day"),
        ({"time_zone": "Moon/Tranquility"}, "no time zone of the IANA database"),
        ({"duration_minutes": -60}, "1 minute to 24 hours"),
        ({"duration_minutes": 1441}, "1 minute to 24 hours"),
        ({"title": " \t "}, "Title must have|is not blank"),
        ({"title": "x" * 101}, "1 to 100 characters"),
        ({"title": "evil \u202e live"}, "no control characters"),
        ({"local_time": time(20, 30, 30)}, "a minute of the clock"),
        ({"first_day": yesterday()}, "lies in the past"),
        ({"first_day": yesterday(), "rule": "FREQ=DAILY;COUNT=1"}, "makes no broadcast any more"),
        ({"first_day": yesterday() + timedelta(days=400)}, "a year ahead at most"),
    ],
)
def test_what_cannot_be_published_says_why_and_writes_nothing(
    anna: PerformerProfile, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises((ScheduleRefused, RuleRefused), match=words):
        publish(anna, **changes)
    assert not ScheduleSeries.objects.exists()
    assert not ScheduleOccurrence.objects.exists()


def test_who_may_not_plan(anna: PerformerProfile) -> None:
    for status in ("draft", "submitted", "offboarded"):
        with pytest.raises(ScheduleRefused, match="once the application is accepted"):
            publish(PerformerFactory(status=status))
    other = PerformerFactory()
    with (
        acting(Role.PERFORMER, user_id=other.pk),
        pytest.raises(ScheduleRefused, match="may not plan for this one"),
    ):
        series_publish(performer_id=anna.pk, plan=plan(), actor=person_of(other))
    series = publish(anna)
    with acting(Role.PERFORMER, user_id=other.pk), pytest.raises(NotThere):
        series_end(schedule_series_id=series.pk, actor=person_of(other))
    SeriesFactory.create_batch(MOST_SERIES - 1, performer=anna)
    with pytest.raises(ScheduleRefused, match="20 series run"):
        publish(anna)
    with acting(Role.WORKER), pytest.raises(NotThere):
        series_expand(schedule_series_id=uuid4())


def test_the_job_expands_what_is_due_and_one_that_fails_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, broken, left, last = SeriesFactory.create_batch(4)
    status_set(left.performer_id, "offboarded")
    # A zone that this installation does not know (any more).
    ScheduleSeries.objects.filter(pk=broken.pk).update(time_zone="Atlantis/Capital")
    with pytest.raises(CommandError, match="1 series could not be expanded"):
        call_command("schedules_expand")
    assert JobRun.objects.get().counts["failed"] == 1
    assert [row.occurrences.exists() for row in (first, broken, left, last)] == [True, False, False, True]
    assert ScheduleSeries.objects.get(pk=left.pk).ended_at is not None
    ScheduleSeries.objects.filter(pk=broken.pk).update(time_zone="Europe/Madrid")
    call_command("schedules_expand")
    assert broken.occurrences.exists()
    call_command("schedules_expand")
    assert capsys.readouterr().out.endswith("nothing is due\n")
