"""Business days, by which the clocks of copyright notices run (17 USC 512(g)(2)(C)).

Days are those of the designated agent, in the eastern United States: Monday to Friday without the federal holidays
(5 USC 6103), on the day on which each is observed. The day on which something arrives does not count.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

AGENT_ZONE = ZoneInfo("America/New_York")
"""Where the designated agent sits (37 CFR 201.38); a day begins at midnight there."""

DAY = timedelta(days=1)
SATURDAY = 5


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """The federal holidays that are observed within a year; the list is the library's."""
    return frozenset(day for day in holidays.country_holidays("US", years=year) if day.year == year)


def is_business_day(day: date) -> bool:
    """Whether the agent's office works on that day."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year)


def business_days_after(instant: datetime, count: int) -> datetime:
    """The end (UTC) of the `count`-th business day after the day of `instant`.

    Raises ValueError for a naive instant and for a count below one.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone; a day of the agent is one of instants.")
    if count < 1:
        raise ValueError("Business days are counted from one.")
    day = instant.astimezone(AGENT_ZONE).date()
    while count:
        day += DAY
        count -= is_business_day(day)
    return datetime.combine(day + DAY, time(), AGENT_ZONE).astimezone(instant.tzinfo)
