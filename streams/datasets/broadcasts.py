"""Broadcasts of ten Korean performers over two years (Stelive data): streams, archives, titles in another script.

The source has days and no times of day. A performer's broadcasts of a day follow one another from the evening on, as
she cannot have been on air twice at once; a long day pushes the next one back.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo

from core.datasets.files import Row, rows_of, truth, whole_number
from core.datasets.registry import BrokenRow, ReadRow

FILE = "broadcasts.csv.gz"
COLUMNS = ("broadcast", "performer", "title", "date", "duration_min", "category", "view_count", "is_collab")
SEOUL = ZoneInfo("Asia/Seoul")
EVENING = time(19)
LONGEST = Decimal(48 * 60)
"""Minutes of the longest broadcast that is believed."""

MOST_VIEWS = 10**12
FIRST_DAY = date(2007, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Broadcast:
    """One broadcast. `started_at` is UTC and an estimate (see the module); `duration` is the source's."""

    number: int
    performer: str
    title: str
    day: date
    duration: timedelta
    category: str
    collaboration: bool
    started_at: datetime | None = None

    @property
    def key(self) -> str:
        """The name of the broadcast in the source."""
        return f"b{self.number:06d}"


def _number(row: Row, column: str, prefix: str) -> int:
    text = row[column]
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise ValueError(f"{column} {text[:40]!r} is not written {prefix}01")
    return int(digits)


def _minutes(text: str) -> timedelta:
    try:
        minutes = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"duration_min {text[:40]!r} is no number of minutes") from None
    if not minutes.is_finite() or not 0 < minutes <= LONGEST:
        raise ValueError(f"duration_min {text[:40]!r} lies not between 0 and {LONGEST} minutes")
    return timedelta(seconds=int(minutes * 60))


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"date {text[:40]!r} is no day, as in 2025-12-31") from None
    if day < FIRST_DAY:
        raise ValueError(f"date {text[:40]!r} lies before {FIRST_DAY}")
    return day


def broadcast_of(row: Row) -> Broadcast:
    """The broadcast of a row. Raises ValueError with a sentence."""
    whole_number(row, "view_count", most=MOST_VIEWS)
    return Broadcast(
        number=_number(row, "broadcast", "b"),
        performer=f"performer_{_number(row, 'performer', 'performer_'):02d}",
        title=row["title"].strip(),
        day=_day(row["date"]),
        duration=_minutes(row["duration_min"]),
        category=row["category"].strip(),
        collaboration=truth(row, "is_collab"),
    )


def _beginnings(broadcasts: list[Broadcast]) -> dict[int, datetime]:
    """When each broadcast began, by its number: one after the other, the source naming the latest first."""
    by_performer: dict[str, list[Broadcast]] = defaultdict(list)
    for broadcast in broadcasts:
        by_performer[broadcast.performer].append(broadcast)
    found = {}
    for rows in by_performer.values():
        free_from = datetime.min.replace(tzinfo=UTC)
        for broadcast in sorted(rows, key=lambda row: (row.day, -row.number)):
            evening = datetime.combine(broadcast.day, EVENING, SEOUL).astimezone(UTC)
            found[broadcast.number] = max(evening, free_from)
            free_from = found[broadcast.number] + broadcast.duration
    return found


def read_broadcasts(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Every broadcast in file order, broken rows and repeated ones as `BrokenRow`. Raises `DatasetRefused`."""
    rows = list(rows_of(path / FILE, COLUMNS, broadcast_of))
    beginnings = _beginnings([row.value for row in rows if isinstance(row, ReadRow)])
    seen: set[int] = set()
    for row in rows:
        if isinstance(row, BrokenRow):
            yield row
        elif row.value.number in seen:
            yield BrokenRow(row.file, row.line, f"broadcast {row.value.key} stands in the file twice")
        else:
            seen.add(row.value.number)
            yield replace(row, value=replace(row.value, started_at=beginnings[row.value.number]))
