"""Rules of repetition: a strict subset of RFC 5545, section 3.3.10, whose evaluation always ends.

Allowed: FREQ of DAILY, WEEKLY, MONTHLY or YEARLY; INTERVAL; COUNT or UNTIL, one of them always; BYDAY; BYMONTHDAY;
BYMONTH; BYSETPOS; WKST. Nothing within a day (BYHOUR and the like): a series has one start a day at most. Every series
ends within two years of its first day. python-dateutil evaluates what is left, on days alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from performers.errors import RuleRefused
from performers.models.schedule_series import LONGEST_SERIES
from performers.wall_clock import instant_at, local_at

FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
WITHIN_A_DAY = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})

LONGEST_RULE = 400
MOST_OCCURRENCES = 1000
"""Occurrences of a series."""

MOST_INTERVAL = 366
LATEST_FIRST_DAY = date(2090, 1, 1)
"""Up to here the calendar repeats after 28 years, on which `_late_twin` relies."""

_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
_SIGNED = re.compile(r"[+-]?[0-9]{1,3}", re.ASCII)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?", re.ASCII)


@dataclass(frozen=True)
class Rule:
    """A rule as read. `days` pairs the ordinal (0: every one) with the weekday (0: Monday); `until` is an instant."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0

    def __str__(self) -> str:
        """The value of an RRULE, its parts in one order, UNTIL in UTC."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until.astimezone(UTC):%Y%m%dT%H%M%SZ}")
        for name, values in (("BYMONTH", self.months), ("BYMONTHDAY", self.month_days)):
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.days:
            parts.append("BYDAY=" + ",".join(f"{ordinal or ''}{WEEKDAYS[day]}" for ordinal, day in self.days))
        if self.positions:
            parts.append(f"BYSETPOS={','.join(map(str, self.positions))}")
        if self.week_start:
            parts.append(f"WKST={WEEKDAYS[self.week_start]}")
        return ";".join(parts)


def _numbers(name: str, text: str, most: int, *, signed: bool = True) -> tuple[int, ...]:
    found = set()
    for item in text.split(","):
        if not _SIGNED.fullmatch(item) or not 1 <= abs(int(item)) <= most or (int(item) < 0 and not signed):
            span = f"1 to {most}" + (f" or -{most} to -1" if signed else "")
            raise RuleRefused(
                f"{name} takes numbers from {span}, separated by commas; {item[:20]!r} is none."
            )
        found.add(int(item))
    return tuple(sorted(found))


def _number(name: str, text: str, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= most:
        raise RuleRefused(f"{name} is a number from 1 to {most}; {text[:20]!r} is not.")
    return int(text)


def _days(text: str, frequency: str) -> tuple[tuple[int, int], ...]:
    found = set()
    for item in text.split(","):
        match = _DAY.fullmatch(item)
        if match is None:
            raise RuleRefused(f"BYDAY takes days such as MO,WE or 1FR,-1SU; {item[:20]!r} is none.")
        ordinal = int(match[1] or 0)
        if match[1] is not None and not 1 <= abs(ordinal) <= 5:
            raise RuleRefused(f"BYDAY counts from 1 to 5, or from -5 to -1; {item!r} does not.")
        if ordinal and frequency not in ("MONTHLY", "YEARLY"):
            raise RuleRefused(
                f"{item} counts days within a month or a year; write it with FREQ=MONTHLY or YEARLY."
            )
        found.add((ordinal, WEEKDAYS.index(match[2])))
    return tuple(sorted(found))


def _until(text: str, zone: ZoneInfo) -> datetime:
    match = _UNTIL.fullmatch(text)
    try:
        if match is None or not 2000 <= int(match[1]) < 2100:
            raise ValueError(text)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        if match[4] is None:
            return instant_at(datetime.combine(date(year, month, day), time(23, 59, 59)), zone)
        moment = datetime.combine(date(year, month, day), time(hour, minute, second))
        return moment.replace(tzinfo=UTC) if match[7] else instant_at(moment, zone)
    except ValueError:
        raise RuleRefused(
            f"UNTIL is a day of this century, such as 20270630; {text[:20]!r} is none."
        ) from None


def _parts(text: str) -> dict[str, str]:
    if len(text) > LONGEST_RULE:
        raise RuleRefused(f"A rule has {LONGEST_RULE} characters at most.")
    found: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value:
            raise RuleRefused("A rule reads such as FREQ=WEEKLY;BYDAY=TU,TH;COUNT=20.")
        if name not in PARTS:
            raise RuleRefused(f"{name[:20]} is not taken in a rule. Taken are {', '.join(PARTS)}.")
        if name in found:
            raise RuleRefused(f"{name} stands in the rule twice.")
        found[name] = value
    return found


def read_rule(text: str, zone: ZoneInfo) -> Rule:
    """Read the value of an RRULE; a date or local time in UNTIL is meant in `zone`, a date up to its end.

    Evaluates nothing. Raises RuleRefused with a sentence about the first part that is not taken.
    """
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency in WITHIN_A_DAY:
        raise RuleRefused("A series has one start a day at most. Take FREQ=DAILY, or make another series.")
    if frequency not in FREQUENCIES:
        raise RuleRefused(f"FREQ is one of {', '.join(FREQUENCIES)}.")
    _combination_check(parts, frequency)
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise RuleRefused(
            "A series ends: give COUNT or UNTIL, not both, within two years of its first day. "
            "Before it ends, prolong it."
        )
    return Rule(
        frequency=frequency,
        interval=_number("INTERVAL", parts.get("INTERVAL", "1"), MOST_INTERVAL),
        count=_number("COUNT", parts["COUNT"], MOST_OCCURRENCES) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"], zone) if "UNTIL" in parts else None,
        months=_numbers("BYMONTH", parts["BYMONTH"], 12, signed=False) if "BYMONTH" in parts else (),
        month_days=_numbers("BYMONTHDAY", parts["BYMONTHDAY"], 31) if "BYMONTHDAY" in parts else (),
        days=_days(parts["BYDAY"], frequency) if "BYDAY" in parts else (),
        positions=_numbers("BYSETPOS", parts["BYSETPOS"], 366) if "BYSETPOS" in parts else (),
        week_start=_week_start(parts.get("WKST", "MO")),
    )


def _combination_check(parts: dict[str, str], frequency: str) -> None:
    """What RFC 5545 forbids together, and positions within a week, which dateutil counts from the first day."""
    if "BYMONTHDAY" in parts and frequency == "WEEKLY":
        raise RuleRefused("BYMONTHDAY does not go with weeks; write it with FREQ=DAILY, MONTHLY or YEARLY.")
    if "BYSETPOS" in parts:
        if frequency not in ("MONTHLY", "YEARLY"):
            raise RuleRefused(
                "BYSETPOS chooses within a month or a year; write it with FREQ=MONTHLY or YEARLY."
            )
        if not parts.keys() & {"BYDAY", "BYMONTHDAY", "BYMONTH"}:
            raise RuleRefused("BYSETPOS chooses among days; name them by BYDAY or BYMONTHDAY.")


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise RuleRefused(f"WKST is one of {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(text)


def _shape(year: int) -> tuple[tuple[int, bool], ...]:
    """Weekday of New Year and leap day or not, of a year and the three after it."""
    return tuple(
        (date(y, 1, 1).weekday(), date(y, 12, 31).timetuple().tm_yday == 366) for y in range(year, year + 4)
    )


def _late_twin(year: int) -> int:
    """The last year before 9996 whose calendar, and that of the three years after it, is the same as that of `year`.

    dateutil searches to the year 9999 for the next day of a rule that has none, such as 30 February. Asked about
    the twin, it has at most 32 years to search.
    """
    shape = _shape(year)
    return next(twin for twin in range(9995, 9995 - 28, -1) if _shape(twin) == shape)


def _evaluated(rule: Rule, first_day: date, last_day: date) -> Iterator[date]:
    """Days of the rule from `first_day` to `last_day`, two years later at most, whatever COUNT and UNTIL say."""
    shift = date(_late_twin(first_day.year), 1, 1) - date(first_day.year, 1, 1)
    found = rrule(
        FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(first_day + shift, time.min),
        until=datetime.combine(last_day + shift, time.min),
        interval=rule.interval,
        bymonth=rule.months or None,
        bymonthday=rule.month_days or None,
        byweekday=[weekday(day, ordinal or None) for ordinal, day in rule.days] or None,
        bysetpos=rule.positions or None,
        wkst=rule.week_start,
    )
    try:
        for moment in found:
            yield moment.date() - shift
    except ValueError:
        # A week that begins beyond the year 9999 (dateutil steps whole weeks): no day of the calendar is left.
        return


def days_of(rule: Rule, *, first_day: date, local_time: time, zone: ZoneInfo) -> tuple[date, ...]:
    """Every day on which the rule falls, on the clock of `zone`; the first one is `first_day` or later.

    At most `LONGEST_SERIES` days ahead are looked at. Raises RuleRefused when there is none, and when the rule goes on
    beyond that.
    """
    if not date(2000, 1, 1) <= first_day < LATEST_FIRST_DAY:
        raise RuleRefused("The first day of a series lies between 2000 and 2089.")
    limit = first_day + timedelta(days=LONGEST_SERIES)
    if rule.until is not None and local_at(rule.until, zone).date() > limit:
        raise RuleRefused(
            f"A series ends within two years: UNTIL lies after {limit:%Y-%m-%d}. "
            "Take an earlier day, and prolong it later."
        )
    found = []
    for day in _evaluated(rule, first_day, limit):
        if rule.until is not None and instant_at(datetime.combine(day, local_time), zone) > rule.until:
            break
        found.append(day)
        if len(found) == rule.count:
            break
    if not found:
        raise RuleRefused(f"This rule falls on no day between {first_day:%Y-%m-%d} and its end.")
    if rule.count is not None and len(found) < rule.count:
        raise RuleRefused(
            f"A series ends within two years: COUNT={rule.count} goes on after {limit:%Y-%m-%d}, by when there are "
            f"{len(found)}. Take a lower number, and prolong the series later."
        )
    return tuple(found)


def with_end(rule: Rule, last_day: date, zone: ZoneInfo) -> Rule:
    """The same rule, up to the end of `last_day`."""
    return replace(rule, count=None, until=instant_at(datetime.combine(last_day, time(23, 59, 59)), zone))
