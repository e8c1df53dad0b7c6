"""Where periods end: on the day of the month and at the time of day at which the first one began, in UTC.

A month that is shorter ends the period on its last day, and the next one returns to the day: 31 January, 28 February,
31 March. The twin in SQL is `billing_anchored_end`.
"""

import calendar
import datetime as dt


def anchored_end(starts_at: dt.datetime, months: int, *, day: int, time: dt.time) -> dt.datetime:
    """The instant (UTC) so many months after the month of `starts_at`, on the day and at the time of the anchor.

    Raises ValueError for an instant without a zone, and for a day that no month has.
    """
    if starts_at.tzinfo is None:
        raise ValueError("An instant has a zone.")
    if not 1 <= day <= 31:
        raise ValueError("An anchor is a day from 1 to 31.")
    start = starts_at.astimezone(dt.UTC)
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return dt.datetime.combine(dt.date(year, month, min(day, last)), time, tzinfo=dt.UTC)


def anchored_start(ends_at: dt.datetime, months: int, *, day: int, time: dt.time) -> dt.datetime:
    """The instant (UTC) at which a whole period began that ends at `ends_at`. Raises ValueError as `anchored_end`."""
    return anchored_end(ends_at, -months, day=day, time=time)


def whole_second(instant: dt.datetime) -> dt.datetime:
    """The instant without its fraction of a second: periods are counted in seconds."""
    return instant.astimezone(dt.UTC).replace(microsecond=0)
