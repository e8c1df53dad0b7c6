"""Rules of repetition: what is taken, what is refused, and that every evaluation ends."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from performers.errors import RuleRefused
from performers.recurrence import WEEKDAYS, days_of, read_rule, with_end

LISBON = ZoneInfo("Europe/Lisbon")
TUESDAY = date(2026, 12, 1)
EVENING = time(20, 30)


def days(text: str, first_day: date = TUESDAY) -> tuple[date, ...]:
    return days_of(read_rule(text, LISBON), first_day=first_day, local_time=EVENING, zone=LISBON)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "A rule reads such as"),
        ("every tuesday", "A rule reads such as"),
        ("FREQ=DAILY;COUNT=", "A rule reads such as"),
        ("COUNT=3", "FREQ is one of"),
        ("FREQ=FORTNIGHTLY;COUNT=3", "FREQ is one of"),
        ("FREQ=SECONDLY;COUNT=3", "one start a day at most"),
        ("FREQ=MINUTELY;COUNT=3", "one start a day at most"),
        ("FREQ=HOURLY;COUNT=3", "one start a day at most"),
        ("FREQ=DAILY;BYHOUR=9,10,11;COUNT=3", "BYHOUR is not taken"),
        ("FREQ=DAILY;BYSECOND=9;COUNT=3", "BYSECOND is not taken"),
        ("FREQ=YEARLY;BYWEEKNO=20;COUNT=3", "BYWEEKNO is not taken"),
        ("FREQ=YEARLY;BYYEARDAY=200;COUNT=3", "BYYEARDAY is not taken"),
        ("FREQ=DAILY;COUNT=3;X-SPEED=9", "X-SPEED is not taken"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "COUNT stands in the rule twice"),
        ("FREQ=DAILY", "prolong it"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;COUNT=1000000", "COUNT is a number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=0", "COUNT is a number"),
        ("FREQ=DAILY;COUNT=-1", "COUNT is a number"),
        ("FREQ=DAILY;COUNT=٣", "COUNT is a number"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", "INTERVAL is a number from 1 to 366"),
        ("FREQ=DAILY;INTERVAL=-2;COUNT=3", "INTERVAL is a number"),
        ("FREQ=DAILY;COUNT=900", "COUNT=900 goes on after 2028-12-01"),
        ("FREQ=YEARLY;COUNT=4", "COUNT=4 goes on"),
        ("FREQ=DAILY;UNTIL=20281202", "UNTIL lies after 2028-12-01"),
        ("FREQ=DAILY;UNTIL=20991231T235959Z", "UNTIL lies after 2028-12-01"),
        ("FREQ=DAILY;UNTIL=99991231", "a day of this century"),
        ("FREQ=DAILY;UNTIL=00010101T000000Z", "a day of this century"),
        ("FREQ=DAILY;UNTIL=20261130", "falls on no day"),
        ("FREQ=DAILY;UNTIL=20270230", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=20270201T256199Z", "UNTIL is a day"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=3", "BYDAY takes days"),
        ("FREQ=WEEKLY;BYDAY=2MO;COUNT=3", "FREQ=MONTHLY or YEARLY"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=3", "BYDAY counts from 1 to 5"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3", "BYMONTHDAY takes numbers"),
        ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3", "BYMONTHDAY takes numbers"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=3", "BYMONTH takes numbers"),
        ("FREQ=YEARLY;BYMONTH=-1;COUNT=3", "BYMONTH takes numbers"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367;COUNT=3", "BYSETPOS takes numbers"),
        ("FREQ=MONTHLY;BYSETPOS=1;COUNT=3", "BYSETPOS chooses among days"),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1;COUNT=3", "BYSETPOS chooses within a month or a year"),
        ("FREQ=WEEKLY;BYMONTHDAY=13;COUNT=3", "BYMONTHDAY does not go with weeks"),
        ("FREQ=WEEKLY;WKST=9;COUNT=3", "WKST is one of"),
        ("FREQ=DAILY;COUNT=3;" + "BYDAY=MO;" * 100, "400 characters"),
    ],
)
def test_a_rule_that_is_not_taken_says_why(text: str, words: str) -> None:
    with pytest.raises(RuleRefused, match=words):
        days(text)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
        "FREQ=WEEKLY;INTERVAL=200;BYMONTH=2;COUNT=3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=3",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;COUNT=3",
        "FREQ=MONTHLY;BYSETPOS=300;BYDAY=MO;COUNT=3",
    ],
)
def test_a_rule_that_falls_on_no_day_is_found_out(text: str) -> None:
    """Asked directly, dateutil looks for the next day up to the year 9999."""
    with pytest.raises(RuleRefused, match="falls on no day between 2026-12-01 and its end"):
        days(text)


@pytest.mark.parametrize(
    ("text", "spelling", "count", "last"),
    [
        ("rrule:freq=weekly;byday=th,tu;count=4", "FREQ=WEEKLY;COUNT=4;BYDAY=TU,TH", 4, date(2026, 12, 10)),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", "FREQ=MONTHLY;COUNT=3;BYDAY=-1FR", 3, date(2027, 2, 26)),
        ("FREQ=DAILY;UNTIL=20270601", "FREQ=DAILY;UNTIL=20270601T225959Z", 183, date(2027, 6, 1)),
        ("FREQ=DAILY;UNTIL=20270601T190000Z", "FREQ=DAILY;UNTIL=20270601T190000Z", 182, date(2027, 5, 31)),
        ("FREQ=DAILY;UNTIL=20270601T203000", "FREQ=DAILY;UNTIL=20270601T193000Z", 183, date(2027, 6, 1)),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20281201", None, 1, date(2028, 2, 29)),
        ("FREQ=DAILY;COUNT=732", "FREQ=DAILY;COUNT=732", 732, date(2028, 12, 1)),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TU;COUNT=3", None, 3, date(2026, 12, 15)),
    ],
)
def test_what_is_taken_has_one_spelling(text: str, spelling: str | None, count: int, last: date) -> None:
    rule = read_rule(text, LISBON)
    found = days(text)
    assert (len(found), found[-1]) == (count, last)
    assert str(rule) == (spelling or str(rule))
    assert read_rule(str(rule), LISBON) == rule


def _some(values: st.SearchStrategy, most: int = 3) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    day = st.sampled_from(WEEKDAYS)
    if frequency in ("MONTHLY", "YEARLY"):
        day = st.builds(lambda n, d: f"{n or ''}{d}", st.integers(-5, 5), day)
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 20))}", f"COUNT={draw(st.integers(1, 40))}"]
    optional = {
        "BYDAY": _some(day),
        "BYMONTHDAY": _some(st.integers(1, 31) | st.integers(-31, -1)),
        "BYMONTH": _some(st.integers(1, 12)),
        "WKST": st.sampled_from(WEEKDAYS),
    }
    if frequency == "WEEKLY":
        del optional["BYMONTHDAY"]
    for name in draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=3)):
        parts.append(f"{name}={draw(optional[name])}")
    chooses = frequency in ("MONTHLY", "YEARLY") and any(part.startswith("BY") for part in parts)
    if chooses and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(_some(st.integers(1, 3) | st.integers(-3, -1)))}")
    return ";".join(parts)


@settings(max_examples=400)
@example("FREQ=WEEKLY;INTERVAL=19;COUNT=2;BYDAY=MO;BYMONTH=1;WKST=TU", date(2079, 4, 4))
@given(rules(), st.dates(date(2020, 1, 1), date(2089, 12, 31)))
def test_days_are_those_of_dateutil(text: str, first_day: date) -> None:
    """The evaluation at the end of the calendar gives what dateutil gives here and now, and always ends."""
    try:
        found = days(text, first_day)
    except RuleRefused:
        assume(False)
    start = datetime.combine(first_day, time.min)
    assert [datetime.combine(day, time.min) for day in found] == list(rrulestr(text, dtstart=start))


@settings(max_examples=40)
@given(rules(), st.dates(date(2020, 1, 1), date(2080, 12, 31)), st.data())
def test_a_series_that_counts_from_a_later_day_of_its_own_stays_the_same(
    text: str, first_day: date, data: st.DataObject
) -> None:
    """On this, prolonging relies."""
    try:
        found = days(text, first_day)
    except RuleRefused:
        assume(False)
    number = data.draw(st.integers(0, len(found) - 1))
    again = with_end(read_rule(text, LISBON), found[-1], LISBON)
    assert days_of(again, first_day=found[number], local_time=EVENING, zone=LISBON) == found[number:]


def test_a_year_out_of_reach_is_refused() -> None:
    for day in (date(1999, 12, 31), date(2090, 1, 1), date.max):
        with pytest.raises(RuleRefused, match="between 2000 and 2089"):
            days("FREQ=DAILY;COUNT=1", day)
    assert len(days("FREQ=DAILY;COUNT=700", date(2089, 12, 31))) == 700
    assert days("FREQ=DAILY;COUNT=1", TUESDAY + timedelta(days=3)) == (TUESDAY + timedelta(days=3),)
