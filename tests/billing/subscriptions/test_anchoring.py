"""Where periods end: published months, leap years, and that Python and the database say the same."""

import calendar
import datetime as dt
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.anchoring import anchored_end, anchored_start, whole_second

NOON = dt.time(12, 30, 15)


def at(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(text), NOON, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("months", "days"),
    [
        # The billing cycle anchor of Stripe ("Subscriptions", "Billing cycle"): 31 January, the last day of February,
        # 31 March, 30 April; and the published example of the anchors: 31 January, 28 February, 31 March.
        (1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]),
        # RFC 3339, appendix C: 2028 is a leap year, 2100 is none.
        (1, ["2028-01-31", "2028-02-29", "2028-03-31"]),
        (1, ["2100-01-30", "2100-02-28", "2100-03-30"]),
        # A year from 29 February.
        (12, ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        # Three months and six from the last of November and of August.
        (3, ["2026-11-30", "2027-02-28", "2027-05-30"]),
        (6, ["2026-08-31", "2027-02-28", "2027-08-31"]),
    ],
)
def test_published_months(months: int, days: list[str]) -> None:
    anchor = int(days[0][-2:])
    for before, after in pairwise(days):
        assert anchored_end(at(before), months, day=anchor, time=NOON) == at(after)
        assert anchored_start(at(after), months, day=anchor, time=NOON) == at(before)


def test_the_anchor_is_in_utc() -> None:
    """31 January, 23:30 in New York is 1 February in UTC, which is where periods are counted."""
    new_york = dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
    start = whole_second(new_york)
    assert start.day == 1
    assert anchored_end(start, 1, day=start.day, time=start.time()).date() == dt.date(2026, 3, 1)


@pytest.mark.parametrize("day", [0, 32])
def test_no_month_has_such_a_day(day: int) -> None:
    with pytest.raises(ValueError, match="1 to 31"):
        anchored_end(at("2026-01-31"), 1, day=day, time=NOON)
    with pytest.raises(ValueError, match="zone"):
        anchored_end(dt.datetime(2026, 1, 31), 1, day=1, time=NOON)  # noqa: DTZ001


INSTANTS = st.datetimes(
    min_value=dt.datetime(2001, 1, 1),  # noqa: DTZ001
    max_value=dt.datetime(2160, 1, 1),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


@given(start=INSTANTS, months=st.sampled_from([1, 3, 6, 12]), count=st.integers(1, 30))
def test_months_never_drift(start: dt.datetime, months: int, count: int) -> None:
    """However many periods went by, the day is the anchor's or the month's last, and no month is left out."""
    start = whole_second(start)
    end = start
    for _ in range(count):
        end = anchored_end(end, months, day=start.day, time=start.time())
    passed = (end.year - start.year) * 12 + end.month - start.month
    assert passed == months * count
    assert end.day == min(start.day, calendar.monthrange(end.year, end.month)[1])
    assert end.time() == start.time()


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(start=INSTANTS, months=st.integers(-24, 24), day=st.integers(1, 31))
def test_the_database_says_the_same(start: dt.datetime, months: int, day: int) -> None:
    start = whole_second(start)
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_anchored_end(%s, %s, %s, %s)", [start, months, day, start.time()])
        (said,) = cursor.fetchone()
    assert said == anchored_end(start, months, day=day, time=start.time())
