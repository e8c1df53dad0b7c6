"""What was counted in each minute of a marathon: viewers and messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.datasets.files import Row, rows_of, whole_number
from core.datasets.registry import BrokenRow, DatasetRefused
from streams.datasets.marathon_streams import MINUTE, MINUTE_COLUMNS, MINUTES, minute_of

MOST_MESSAGES = 10**9


@dataclass(frozen=True)
class CountedMinute:
    """One minute of the source (UTC); `viewers` is None where nobody counted, `messages` is what chat said in it."""

    at: datetime
    viewers: int | None
    messages: int


@dataclass(frozen=True)
class Curve:
    """The minutes of one marathon, in order; some are not there at all."""

    event: str
    minutes: tuple[CountedMinute, ...]

    @property
    def starts_at(self) -> datetime:
        """The first minute, in the time of the source."""
        return self.minutes[0].at

    @property
    def ends_at(self) -> datetime:
        """The end of the last minute, in the time of the source."""
        return self.minutes[-1].at + MINUTE


@dataclass(frozen=True)
class Stretch:
    """From one minute in which somebody was counted to the next one; longer than a minute, nobody counted between."""

    since: datetime
    before: int
    until: datetime
    after: int

    @property
    def is_silent(self) -> bool:
        """Whether minutes lie between of which nothing is known, or in which the source counted nobody."""
        return self.until - self.since > MINUTE


def stretches(curve: Curve) -> Iterator[Stretch]:
    """The curve as steps between minutes with viewers.

    Numbers of nought stand between thousands in the source, for a few minutes: its counter was down. They are kept as
    they are: nobody is seen in those minutes, and everybody is back afterwards.
    """
    last: CountedMinute | None = None
    for minute in curve.minutes:
        if not minute.viewers:
            continue
        if last is not None and last.viewers:
            yield Stretch(last.at, last.viewers, minute.at, minute.viewers)
        last = minute


def _counted(row: Row) -> tuple[str, CountedMinute]:
    minute = minute_of(row)
    messages = whole_number(row, "chats", most=MOST_MESSAGES)
    return minute.event, CountedMinute(minute.at, minute.viewers, messages)


def curves_of(path: Path) -> dict[str, Curve]:
    """The curve of each marathon in the folder `path`. Raises `DatasetRefused` for a row that cannot be read."""
    found: dict[str, list[CountedMinute]] = {}
    for row in rows_of(path / MINUTES, MINUTE_COLUMNS, _counted):
        if isinstance(row, BrokenRow):
            raise DatasetRefused(f"{row.file}, line {row.line}: {row.reason}.")
        event, minute = row.value
        found.setdefault(event, []).append(minute)
    return {
        event: Curve(event, tuple(sorted(minutes, key=lambda minute: minute.at)))
        for event, minutes in found.items()
    }


def milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970 (UTC)."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
