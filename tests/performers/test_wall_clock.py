"""A series keeps its time on the clock, in every zone, over every change of the clocks between 2020 and 2030."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from performers.errors import ScheduleRefused
from performers.models import ScheduleOccurrence, ScheduleSeries
from performers.services.expansion import AHEAD, occurrences_make, series_plan
from performers.wall_clock import days_between, instant_at, local_at, zone_named, zone_names
from tests.performers.factories_schedule import PerformerFactory, SeriesFactory

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
WEEK, MINUTE = timedelta(weeks=1), timedelta(minutes=1)


@cache
def changes_of(name: str) -> tuple[datetime, ...]:
    """The instants, to the minute, at which the clocks of a zone change; shorter ones than a week would hide."""
    zone, found, before = ZoneInfo(name), [], FIRST
    while before < LAST:
        after = before + WEEK
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            early, late = before, after
            while late - early > MINUTE:
                middle = early + (late - early) / 2
                middle = middle.replace(second=0, microsecond=0)
                if middle in (early, late):
                    break
                if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
                    early = middle
                else:
                    late = middle
            found.append(late)
        before = after
    return tuple(found)


@cache
def changing_zones() -> tuple[str, ...]:
    return tuple(sorted(name for name in zone_names() if changes_of(name)))


def meant(local: datetime, zone: ZoneInfo) -> datetime:
    """What RFC 5545 says, worked out from the offsets around alone."""
    guess = local.replace(tzinfo=UTC)
    offsets = [(guess + timedelta(days=days)).astimezone(zone).utcoffset() or timedelta() for days in (-2, 2)]
    there = [guess - offset for offset in offsets if local_at(guess - offset, zone) == local]
    return min(there) if there else guess - offsets[0]


def test_every_change_of_every_zone_is_read_as_the_standard_says() -> None:
    skipped = repeated = 0
    for name in changing_zones():
        zone = zone_named(name)
        for change in changes_of(name):
            shown = local_at(change, zone)
            for minutes in (-90, -60, -45, -30, -1, 0, 1, 30, 59, 60, 90):
                local = shown + timedelta(minutes=minutes)
                instant = instant_at(local, zone)
                assert instant == meant(local, zone), (name, local)
                moved = local_at(instant, zone) - local
                skipped += moved > timedelta()
                repeated += local_at(instant + timedelta(hours=1), zone) == local
                assert timedelta() <= moved <= timedelta(hours=24)
    assert len(changing_zones()) > 150
    assert skipped > 1000
    assert repeated > 1000


@settings(max_examples=60)
@given(st.data())
def test_a_series_keeps_its_time_on_the_clock(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(changing_zones()))
    change = data.draw(st.sampled_from(changes_of(name)))
    zone, clock = zone_named(name), data.draw(st.times().map(lambda t: t.replace(second=0, microsecond=0)))
    first_day = local_at(change, zone).date() - timedelta(days=data.draw(st.integers(0, 20)))
    series = ScheduleSeries(
        time_zone=name, first_day=first_day, local_time=clock, duration_minutes=60, rule="FREQ=DAILY;COUNT=40"
    )
    found = series_plan(series, FIRST - timedelta(days=365), LAST + timedelta(days=365))
    for day, during in found.items():
        local, shown = datetime.combine(day, clock), local_at(during.lower, zone)
        assert during.lower == meant(local, zone)
        assert during.upper - during.lower == timedelta(hours=1)
        if shown != local:  # skipped by the clocks: later by the gap
            before, after = (
                (during.lower + timedelta(days=days)).astimezone(zone).utcoffset() for days in (-1.5, 1.5)
            )
            assert before is not None and after is not None
            assert shown - local == after - before
    assert len(found) == 40


@pytest.mark.django_db
@settings(max_examples=12)
@given(st.data())
def test_what_was_moved_or_cancelled_survives_and_the_rest_keeps_its_time(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(changing_zones()))
    zone = zone_named(name)
    now = data.draw(st.sampled_from(changes_of(name))) - timedelta(
        days=data.draw(st.integers(0, 40)), minutes=7
    )
    first_day = local_at(now, zone).date()
    rule, clock = data.draw(st.sampled_from(["FREQ=DAILY;COUNT=200", "FREQ=WEEKLY;COUNT=60"])), time(2, 30)
    series = SeriesFactory(
        performer=PerformerFactory(), time_zone=name, first_day=first_day, rule=rule, local_time=clock,
        duration_minutes=60, last_day=first_day + timedelta(days=500),
    )  # fmt: skip
    occurrences_make(series, now)
    rows = list(series.occurrences.order_by("original_day"))
    assert rows
    moved, cancelled = rows[len(rows) // 3], rows[len(rows) // 2]
    hour = timedelta(hours=5)
    span = (moved.during.lower + hour, moved.during.upper + hour)
    ScheduleOccurrence.objects.filter(pk=moved.pk).update(during=span, moved_at=now)
    if cancelled != moved:
        ScheduleOccurrence.objects.filter(pk=cancelled.pk).update(status="cancelled", cancelled_at=now)
    touched = {moved.pk, cancelled.pk}

    def state() -> list[tuple[object, ...]]:
        return list(
            ScheduleOccurrence.objects.filter(pk__in=touched)
            .order_by("pk")
            .values_list("pk", "during", "status", "original_start", "original_day")
        )

    before, everything = state(), set(series.occurrences.values_list("pk", "during", "status"))
    assert not +occurrences_make(series, now), "a second expansion changes nothing"
    assert set(series.occurrences.values_list("pk", "during", "status")) == everything

    series.local_time = time(21, 45)
    series.save(update_fields=["local_time"])
    later = now + timedelta(days=data.draw(st.integers(0, 10)))
    occurrences_make(series, later)
    assert state() == before
    ahead = series.occurrences.filter(status="scheduled", moved_at=None, starts_at__gt=later)
    taken = {row.original_day for row in (moved, cancelled)}
    for row in ahead:
        assert row.original_day not in taken
        assert row.during.lower == meant(datetime.combine(row.original_day, time(21, 45)), zone)
        assert later < row.during.lower <= later + AHEAD


def test_zones_that_are_none() -> None:
    for name in (
        "",
        "Europe/Lisboa",
        "Mars/Olympus",
        "../../etc/passwd",
        "localtime",
        "Factory",
        "utc+2",
        "\x00",
    ):
        with pytest.raises(ScheduleRefused, match="no time zone of the IANA database"):
            zone_named(name)


def test_days_have_the_length_of_the_place() -> None:
    zone = zone_named("Europe/Lisbon")
    start, end = days_between(date(2027, 3, 28), date(2027, 3, 28), zone)
    assert end - start == timedelta(hours=23)
    with pytest.raises(ScheduleRefused, match="beyond the calendar"):
        instant_at(datetime.combine(date.min, time(0)), zone_named("Asia/Seoul"))
