"""Two charity marathons of a week each, minute by minute (Games Done Quick statistics): long streams.

Times of both files are UTC. Viewer numbers are missing for some minutes, and minutes are missing altogether: what is
missing stays missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of, whole_number
from core.datasets.offsets import dataset_offset
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.models.identity import uuid7_derived
from performers.services.imports import NewPerformer, PastOccurrence, occurrences_import, performers_import
from streams.datasets.categories import GAMES, category_named
from streams.services.imports import PastStream, Words, streams_import
from streams.services.viewer_counts import ViewerCount, viewer_counts_record

SET = "marathon_streams"
RUNS = "schedule.csv.gz"
MINUTES = "timeseries_per_minute.csv.gz"
RUN_COLUMNS = ("event", "id", "game", "category", "start_time", "duration")
MINUTE_COLUMNS = ("event", "time", "viewers", "tweets", "chats", "emotes", "donations_cum", "amount_usd_cum")
MINUTE = timedelta(minutes=1)
MOST_VIEWERS = 10**9
LONGEST_RUN = timedelta(days=2)
EVENTS = {"agdq2018": "Awesome Games Done Quick 2018", "sgdq2019": "Summer Games Done Quick 2019"}
WEEKS_AGO = {"agdq2018": 24, "sgdq2019": 0}
"""The marathons are of January and of June: half a year stays between them."""

JOINED = datetime(2010, 1, 1, tzinfo=UTC)
PERFORMER = "speedrun_marathons"
LONGEST_TITLE = 140


@dataclass(frozen=True, kw_only=True)
class Run:
    """One game of the schedule: planned to end at `ends_at`, on air until `until`, when the next one begins."""

    event: str
    number: str
    game: str
    goal: str
    starts_at: datetime
    ends_at: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Minute:
    """One minute; `viewers` is None where nobody counted."""

    event: str
    at: datetime
    viewers: int | None


@dataclass(frozen=True)
class Marathon:
    """One of the marathons, from its first minute to the end of its last one, in the time of the source (UTC)."""

    event: str
    starts_at: datetime
    ends_at: datetime
    runs: tuple[Run, ...] = ()

    @property
    def title(self) -> str:
        """The name that viewers know it by."""
        return EVENTS[self.event]


@dataclass(frozen=True)
class Part:
    """A game or a minute with the marathon that it belongs to, so that rows can come in any batch."""

    marathon: Marathon
    row: Run | Minute


def _event(row: Row) -> str:
    if row["event"] not in EVENTS:
        raise ValueError(f"event {row['event'][:40]!r} is none of {', '.join(EVENTS)}")
    return row["event"]


def _instant(text: str, column: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{column} {text[:40]!r} is no time, as in 2018-01-07T14:00:00") from None
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    if not datetime(2010, 1, 1, tzinfo=UTC) <= instant < datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError(f"{column} {text[:40]!r} lies not between 2010 and 2100")
    return instant


def _duration(text: str) -> timedelta:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) == 2 for part in parts):
        raise ValueError(f"duration {text[:40]!r} is not written hh:mm:ss")
    hours, minutes, seconds = map(int, parts)
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < duration <= LONGEST_RUN or minutes > 59 or seconds > 59:
        raise ValueError(f"duration {text[:40]!r} lies not between a second and {LONGEST_RUN.days} days")
    return duration


def run_of(row: Row) -> Run:
    """The game of a row of the schedule. Raises ValueError with a sentence."""
    game = row["game"].strip()
    if not game:
        raise ValueError("the game has no name")
    starts_at = _instant(row["start_time"], "start_time")
    return Run(
        event=_event(row),
        number=str(whole_number(row, "id", most=10**12)),
        game=game,
        goal=row["category"].strip(),
        starts_at=starts_at,
        ends_at=starts_at + _duration(row["duration"]),
    )


def minute_of(row: Row) -> Minute:
    """The minute of a row of the time series. Raises ValueError with a sentence."""
    at = _instant(row["time"], "time")
    if at.second or at.microsecond:
        raise ValueError(f"time {row['time'][:40]!r} is no whole minute")
    viewers = whole_number(row, "viewers", most=MOST_VIEWERS) if row["viewers"] else None
    return Minute(event=_event(row), at=at, viewers=viewers)


def _marathons(minutes: list[Minute]) -> dict[str, Marathon]:
    found: dict[str, Marathon] = {}
    for minute in minutes:
        known = found.get(minute.event, Marathon(minute.event, minute.at, minute.at))
        found[minute.event] = Marathon(
            minute.event, min(known.starts_at, minute.at), max(known.ends_at, minute.at + MINUTE)
        )
    return found


def _with_runs(marathon: Marathon, runs: list[Run]) -> Marathon:
    """The marathon with its games in order, each on air until the next one, the last until the end."""
    ordered = sorted((run for run in runs if run.event == marathon.event), key=lambda run: run.starts_at)
    ends = [*(run.starts_at for run in ordered[1:]), marathon.ends_at]
    return replace(
        marathon, runs=tuple(replace(run, until=end) for run, end in zip(ordered, ends, strict=False))
    )


def read_marathons(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Marathons, games of the schedule, then minutes; broken and repeated rows as `BrokenRow`.

    Values are `Marathon` and `Part`. Raises `DatasetRefused`.
    """
    minutes = list(rows_of(path / MINUTES, MINUTE_COLUMNS, minute_of))
    marathons = _marathons([row.value for row in minutes if isinstance(row, ReadRow)])
    seen: set[tuple[str, str]] = set()
    runs = [_placed(row, marathons, seen) for row in rows_of(path / RUNS, RUN_COLUMNS, run_of)]
    good = [row.value for row in runs if isinstance(row, ReadRow)]
    marathons = {event: _with_runs(marathon, good) for event, marathon in marathons.items()}
    for marathon in marathons.values():
        yield ReadRow(RUNS, 1, marathon)
    for row in [*runs, *(_placed(row, marathons, seen) for row in minutes)]:
        yield (
            row
            if isinstance(row, BrokenRow)
            else replace(row, value=Part(marathons[row.value.event], row.value))
        )


def _placed(
    row: ReadRow | BrokenRow, marathons: dict[str, Marathon], seen: set[tuple[str, str]]
) -> ReadRow | BrokenRow:
    """The row, or why it has no place: it stands in the file twice, or lies outside of its marathon."""
    if isinstance(row, BrokenRow):
        return row
    value: Run | Minute = row.value
    name, at = (value.number, value.starts_at) if isinstance(value, Run) else (value.at.isoformat(), value.at)
    marathon = marathons.get(value.event)
    if (value.event, name) in seen:
        return BrokenRow(row.file, row.line, f"{name} of {value.event} stands in the file twice")
    seen.add((value.event, name))
    if marathon is None or not marathon.starts_at <= at < marathon.ends_at:
        return BrokenRow(row.file, row.line, f"{name} lies outside of the minutes of {value.event}")
    return row


def _moved_by(marathon: Marathon) -> timedelta:
    return dataset_offset(
        f"{SET}/{marathon.event}", latest=marathon.ends_at, weeks_ago=WEEKS_AGO[marathon.event]
    )


def _stream_id(marathon: Marathon) -> UUID:
    return uuid7_derived(marathon.starts_at + _moved_by(marathon), SET, marathon.event)


def _performer_id() -> UUID:
    """Whoever holds the marathons, added when they are new."""
    key = uuid7_derived(JOINED, SET, PERFORMER)
    users_import(people=[NewUser(id=key, handle=PERFORMER, locale="en-US", signed_up_at=JOINED)])
    performers_import(
        performers=[
            NewPerformer(
                person_id=key,
                stage_name="Speedrun Marathons",
                joined_at=JOINED,
                country="US",
                language="en",
                is_verified=True,
            )
        ]
    )
    return key


def _marathon_import(marathon: Marathon) -> int:
    """The stream of a marathon, with what it was called game by game; 1 if it is new."""
    performer, moved = _performer_id(), _moved_by(marathon)
    games = category_named(GAMES)
    words = [Words(since=marathon.starts_at + moved, title=marathon.title, category_id=games)]
    words += [
        Words(
            since=run.starts_at + moved,
            title=f"{marathon.title}: {run.game}"[:LONGEST_TITLE].strip(),
            description=run.goal,
            category_id=category_named(run.game, parent_id=games),
        )
        for run in marathon.runs
        if run.starts_at > marathon.starts_at
    ]
    past = PastStream(
        id=_stream_id(marathon),
        performer_id=performer,
        words=tuple(words),
        started_at=marathon.starts_at + moved,
        ended_at=marathon.ends_at + moved,
    )
    return len(streams_import(streams=[past]))


def _runs_import(parts: list[Part], moved: dict[str, timedelta]) -> int:
    performer = _performer_id()
    runs = [part.row for part in parts if isinstance(part.row, Run)]
    return occurrences_import(
        occurrences=[
            PastOccurrence(
                id=uuid7_derived(run.starts_at + moved[run.event], SET, run.event, run.number),
                performer_id=performer,
                title=run.game,
                starts_at=run.starts_at + moved[run.event],
                ends_at=run.ends_at + moved[run.event],
            )
            for run in runs
        ]
    )


def _minutes_import(parts: list[Part], marathons: dict[str, Marathon], moved: dict[str, timedelta]) -> int:
    streams = {event: _stream_id(marathon) for event, marathon in marathons.items()}
    return viewer_counts_record(
        counts=[
            ViewerCount(stream_id=streams[row.event], at=row.at + moved[row.event], viewers=row.viewers)
            for row in (part.row for part in parts)
            if isinstance(row, Minute) and row.viewers is not None
        ]
    )


def _write(values: list[Marathon | Part]) -> int:
    new = sum(_marathon_import(value) for value in values if isinstance(value, Marathon))
    parts = [value for value in values if isinstance(value, Part)]
    marathons = {part.marathon.event: part.marathon for part in parts}
    moved = {event: _moved_by(marathon) for event, marathon in marathons.items()}
    return new + _runs_import(parts, moved) + _minutes_import(parts, marathons, moved)


register(
    Dataset(
        name=SET,
        words="two charity marathons of a week: long streams, their games and 19,877 minutes",
        read=read_marathons,
        write=_write,
        batch=2000,
    )
)
