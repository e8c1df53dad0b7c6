"""Business days over holidays and the changes of the clock, and the window of a restoration."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.business_days import AGENT_ZONE, business_days_after, federal_holidays, is_business_day
from audit.takedown_choices import NoticeStatus
from audit.takedown_clocks import NOTICE_CLOCKS, restoration_window

FIRST = datetime(2011, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 35 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
"""Every minute of 35 years."""


def local(text: str) -> datetime:
    """An instant of the agent's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=AGENT_ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("received", "count", "last_day"),
    [
        # Thanksgiving, Thursday 26 November 2026: it does not count, the Friday after it does.
        ("2026-11-25T10:00", 1, "2026-11-27"),
        ("2026-11-25T10:00", 10, "2026-12-10"),
        # Christmas on a Friday, New Year's Day on a Friday.
        ("2026-12-23T10:00", 3, "2026-12-29"),
        ("2026-12-23T10:00", 10, "2027-01-08"),
        # Christmas Day 2021 was a Saturday, observed on the Friday before; so was New Year's Day 2022.
        ("2021-12-23T10:00", 1, "2021-12-27"),
        ("2021-12-30T10:00", 1, "2022-01-03"),
        # Independence Day 2021 was a Sunday, observed on the Monday after.
        ("2021-07-02T10:00", 1, "2021-07-06"),
        # Received on a Saturday: the Monday is the first day.
        ("2026-03-07T23:00", 1, "2026-03-09"),
    ],
)
def test_known_days(received: str, count: int, last_day: str) -> None:
    end = datetime.combine(date.fromisoformat(last_day) + timedelta(days=1), time(), AGENT_ZONE)
    assert business_days_after(local(received), count) == end


@given(INSTANTS, st.integers(1, 30))
def test_as_many_business_days_lie_between_as_were_counted(instant: datetime, count: int) -> None:
    end = business_days_after(instant, count)
    assert end.astimezone(AGENT_ZONE).time() == time()
    first = instant.astimezone(AGENT_ZONE).date() + timedelta(days=1)
    last = end.astimezone(AGENT_ZONE).date() - timedelta(days=1)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert sum(map(is_business_day, days)) == count
    assert is_business_day(last)
    assert end > instant


@given(INSTANTS, st.timedeltas(timedelta(), timedelta(days=40)), st.integers(1, 30))
def test_who_comes_later_waits_no_shorter(instant: datetime, later: timedelta, count: int) -> None:
    assert business_days_after(instant + later, count) >= business_days_after(instant, count)
    assert business_days_after(instant, count + 1) > business_days_after(instant, count)


@given(INSTANTS)
def test_the_window_opens_after_ten_whole_days_and_closes_within_fourteen(instant: datetime) -> None:
    window = restoration_window(instant)
    assert instant + timedelta(days=11) < window.opens < window.closes
    assert window.closes < instant + timedelta(days=28)
    assert timedelta(days=4) <= window.closes - window.opens + timedelta(hours=1)


@given(st.integers(2011, 2045))
def test_a_year_has_the_federal_holidays(year: int) -> None:
    observed = {day for day in federal_holidays(year) if day.weekday() < 5}
    assert 9 <= len(observed) <= 12
    assert not any(is_business_day(day) for day in observed)
    november = [date(year, 11, day) for day in range(22, 29)]
    (thanksgiving,) = [day for day in november if day.weekday() == 3]
    assert thanksgiving in observed


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        business_days_after(datetime(2026, 1, 1), 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="counted from one"):
        business_days_after(datetime(2026, 1, 1, tzinfo=UTC), 0)
    with pytest.raises(ValueError, match="rule of its own"):
        NOTICE_CLOCKS[NoticeStatus.COUNTER_NOTICED].due(datetime(2026, 1, 1, tzinfo=UTC))
