"""Periods of the calendar, in UTC, against Python's and PostgreSQL's own."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.db.partitions.calendar import MOST_AT_ONCE, Every, PartitionPlan, Period, periods
from core.db.partitions.catalog import id_bounds, parse_bounds
from core.models.identity import uuid7_floor

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 11, 30), timezones=OFFSETS)  # noqa: DTZ001
CUTS = st.sampled_from(Every)


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(CUTS, INSTANTS)
def test_every_instant_lies_in_its_period(every, instant):
    period = Period.containing(every, instant)
    assert period.start <= instant < period.end
    assert Period.containing(every, period.start) == period
    assert Period.containing(every, period.end) == period.moved(1)
    assert period.moved(1).start == period.end
    lower, upper = id_bounds(period)
    assert lower <= uuid7_floor(instant) < upper


@given(CUTS, INSTANTS, st.integers(0, 400))
def test_periods_cover_a_range_without_gap(every, start, days):
    last = datetime(9999, 11, 30, tzinfo=UTC)
    assume(start < last)
    end = start + min(timedelta(days=days, microseconds=1), last - start)
    found = list(periods(every, start, end))
    assert found[0].start <= start < found[0].end
    assert found[-1].start < end <= found[-1].end
    assert all(one.end == other.start for one, other in pairwise(found))


@pytest.mark.django_db
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CUTS, INSTANTS)
def test_postgresql_cuts_at_the_same_instants(every, instant):
    with connection.cursor() as cursor:
        cursor.execute("select date_trunc(%s, %s, 'UTC')", [every.value, instant])
        assert cursor.fetchone() == (Period.containing(every, instant).start,)


def test_names_tell_the_period():
    instant = datetime(2026, 11, 30, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert Period.containing(Every.MONTH, instant).suffix == "p2026_12"
    assert Period.containing(Every.DAY, instant).suffix == "p2026_12_01"


def test_plan_makes_one_period_more_than_it_promises():
    wanted = PartitionPlan(every=Every.MONTH, ahead=3, behind=2).wanted(day("2026-11-22"))
    assert [period.suffix for period in wanted] == [
        "p2026_09", "p2026_10", "p2026_11", "p2026_12", "p2027_01", "p2027_02", "p2027_03",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{"ahead": 2}, {"behind": -1}])
def test_plan_refuses_too_little(wrong):
    with pytest.raises(ValueError, match=r"At least 3|negative"):
        PartitionPlan(every=Every.DAY, **wrong)


def test_ranges_that_cannot_be_meant_are_refused():
    with pytest.raises(ValueError, match="before it begins"):
        list(periods(Every.DAY, day("2026-01-02"), day("2026-01-01")))
    with pytest.raises(ValueError, match=f"more than {MOST_AT_ONCE} partitions"):
        list(periods(Every.DAY, day("1970-01-01"), day("2026-01-01")))
    with pytest.raises(ValueError, match="no time zone"):
        Every.MONTH.floor(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="calendar has no"):
        Period.containing(Every.MONTH, day("9999-12-31")).moved(1)


@pytest.mark.parametrize("text", [None, "DEFAULT", "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"])
def test_bounds_that_are_no_ids_are_left_alone(text):
    assert parse_bounds(text) is None


def test_open_bounds_reach_to_the_ends():
    lower, upper = parse_bounds("FOR VALUES FROM (MINVALUE) TO (MAXVALUE)")
    assert lower.int == 0
    assert upper.int == 2**128 - 1
