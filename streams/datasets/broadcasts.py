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
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of, truth, whole_number
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.models.identity import uuid7_derived
from performers.services.imports import NewPerformer, performers_import
from streams.datasets.categories import GAMES, category_named
from streams.services.imports import PastArchive, PastStream, Words, archives_import, streams_import

FILE = "broadcasts.csv.gz"
COLUMNS = ("broadcast", "performer", "title", "date", "duration_min", "category", "view_count", "is_collab")
SEOUL = ZoneInfo("Asia/Seoul")
EVENING = time(19)
LONGEST = Decimal(48 * 60)
"""Minutes of the longest broadcast that is believed."""

MOST_VIEWS = 10**12
FIRST_DAY = date(2007, 1, 1)
JOINED = datetime(2023, 6, 1, tzinfo=UTC)
"""The source does not say since when its performers perform; earlier than the first broadcast."""

STAGE_NAMES = ("달빛", "별하", "은하수", "새벽", "노을", "바람", "파도", "햇살", "구름", "솔내음")
"""Moonlight, star, Milky Way, dawn, sunset, wind, wave, sunshine, cloud, scent of pines."""

PLACES = {"talk": "Talk", "음악/노래": "Music", "asmr": "ASMR", "그림/아트": "Art"}
"""What is no game, by its name in the source."""

REVIEWED_HERE = 40
"""So many broadcasts, the newest, wait for a moderator; the others were reviewed where they come from."""


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


def _performer_ids(names: set[str]) -> dict[str, UUID]:
    """The performers of these names in the source, added when they are new."""
    ids = {name: uuid7_derived(JOINED, "broadcasts", name) for name in names}
    numbers = {name: int(name.rpartition("_")[2]) for name in names}
    users_import(
        people=[
            NewUser(
                id=ids[name],
                handle=f"seoul_{numbers[name]:02d}",
                locale="ko-KR",
                time_zone=SEOUL.key,
                country="KR",
                signed_up_at=JOINED,
            )
            for name in names
        ]
    )
    performers_import(
        performers=[
            NewPerformer(
                person_id=ids[name],
                stage_name=f"{STAGE_NAMES[numbers[name] % len(STAGE_NAMES)]} {numbers[name]:02d}",
                joined_at=JOINED,
                country="KR",
                language="ko",
                is_verified=True,
            )
            for name in names
        ]
    )
    return ids


def _category_ids(names: set[str]) -> dict[str, UUID]:
    games = category_named(GAMES)
    return {
        name: category_named(PLACES[name.lower()])
        if name.lower() in PLACES
        else category_named(name, parent_id=games)
        for name in sorted(names)
        if name
    }


def _write(broadcasts: list[Broadcast]) -> int:
    performers = _performer_ids({broadcast.performer for broadcast in broadcasts})
    categories = _category_ids({broadcast.category for broadcast in broadcasts})
    streams, archives = [], []
    for broadcast in broadcasts:
        # Of the day and the source's own name: the estimated time of day may change with the rows around it.
        day = datetime.combine(broadcast.day, time(), SEOUL)
        stream_id = uuid7_derived(day, "broadcasts", broadcast.key)
        started_at = broadcast.started_at or day
        streams.append(
            PastStream(
                id=stream_id,
                performer_id=performers[broadcast.performer],
                words=(
                    Words(
                        since=started_at,
                        title=broadcast.title,
                        category_id=categories.get(broadcast.category),
                    ),
                ),
                started_at=started_at,
                ended_at=started_at + broadcast.duration,
                language="ko",
            )
        )
        archives.append(
            PastArchive(
                id=uuid7_derived(day, "broadcasts", broadcast.key, "archive"),
                stream_id=stream_id,
                duration=broadcast.duration,
                published_at=None
                if broadcast.number <= REVIEWED_HERE
                else started_at + broadcast.duration + timedelta(hours=1),
            )
        )
    found = streams_import(streams=streams)
    archives_import(archives=archives)
    return len(found)


register(
    Dataset(
        name="broadcasts",
        words="4,375 broadcasts of ten Korean performers as streams and archives",
        read=read_broadcasts,
        write=_write,
        batch=500,
    )
)
