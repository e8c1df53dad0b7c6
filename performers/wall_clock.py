"""Time on the clock of a place, and the instants it names (RFC 5545, section 3.3.5).

A time that the clocks skip is counted with the offset before the gap, so it comes later by the length of the gap; of a
time that comes twice, the first is meant. That is how `zoneinfo` reads a time with fold 0 (PEP 495).
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from performers.errors import ScheduleRefused

_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})
"""Files beside the zones that name no place, or another one on each machine."""


@cache
def zone_names() -> frozenset[str]:
    """Names of the IANA database that this installation knows."""
    return frozenset(available_timezones() - _NO_PLACES)


def zone_named(name: str) -> ZoneInfo:
    """The zone with this name. Raises ScheduleRefused."""
    if name not in zone_names():
        raise ScheduleRefused(
            f"{name[:64]!r} is no time zone of the IANA database. Give one such as Europe/Lisbon."
        )
    return ZoneInfo(name)


def instant_at(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) that a naive time on the clock of `zone` names. Raises ScheduleRefused beyond the calendar."""
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        raise ScheduleRefused("That day lies beyond the calendar.") from None


def local_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock of `zone` shows at `instant`, naive."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def days_between(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open span (UTC) from the midnight that begins `first` to the one that ends `last`.

    Raises ScheduleRefused for days before 2000 and after 2999.
    """
    if first.year < 2000 or last.year > 2999:
        raise ScheduleRefused("That day lies beyond the calendar.")
    start, end = (datetime.combine(day, time.min) for day in (first, last + timedelta(days=1)))
    return instant_at(start, zone), instant_at(end, zone)
