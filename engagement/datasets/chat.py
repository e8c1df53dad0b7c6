"""Twenty evenings of a public help channel (Ubuntu IRC disentanglement corpus, CC BY 4.0) as rooms of one performer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of, whole_number
from core.datasets.offsets import dataset_offset
from core.datasets.registry import BrokenRow, Dataset, Note, ReadRow, register
from core.models.identity import uuid7_derived
from engagement.services.chat_imports import PastMessage, chat_messages_import
from engagement.services.rooms import room_open
from performers.services.imports import NewPerformer, performers_import
from streams.services.imports import PastStream, Words, streams_import

SET = "chat"
JOINED = datetime(2004, 10, 20, tzinfo=UTC)
"""Before the first evening; a fixed day keeps ids the same in every run."""

HOST = "help_channel"
MESSAGES = ("split", "log", "line_no", "date", "time", "kind", "nick", "text")
LINKS = ("split", "log", "line_a", "line_b")
FORMATTING = re.compile(r"\x03\d{0,2}(?:,\d{1,2})?|[\x00-\x1f\x7f-\x9f\u200e\u200f\ufeff]")
"""Colours and other control codes of IRC, marks of direction and byte order: rooms take none of them."""

MOST_LINES = 10_000
STEP = timedelta(milliseconds=10)
"""Between two lines of a minute: the source knows minutes only, and the order."""

SPREAD = 8
"""Evenings lie within so many weeks before now, so that they are kept a while."""


@dataclass(frozen=True)
class Evening:
    """One log: its name and place in the set, first and last instant (UTC)."""

    log: str
    number: int
    begins_at: datetime
    ends_at: datetime

    @property
    def part(self) -> str:
        """Its name among the recorded offsets."""
        return f"{SET}/log_{re.sub('[^0-9]', '_', self.log)}"


@dataclass(frozen=True)
class Line:
    """A line of a log; `answers` is number and instant of the line that it answers. Without a nick: the system."""

    evening: Evening
    number: int
    at: datetime
    nick: str
    text: str
    answers: tuple[int, datetime] | None


@dataclass(frozen=True)
class _Raw:
    log: str
    number: int
    day: datetime
    time: timedelta | None
    nick: str
    text: str


def _raw(row: Row) -> _Raw:
    text = FORMATTING.sub("", row["text"]).strip()
    if not text:
        raise ValueError("the line says nothing")
    if row["kind"] not in ("message", "system"):
        raise ValueError(f"kind {row['kind'][:20]!r} is neither message nor system")
    clock = time.fromisoformat(row["time"]) if row["time"] else None
    return _Raw(
        log=row["log"],
        number=whole_number(row, "line_no", most=MOST_LINES),
        day=datetime.fromisoformat(row["date"]).replace(tzinfo=UTC),
        time=timedelta(hours=clock.hour, minutes=clock.minute) if clock else None,
        nick=row["nick"] if row["kind"] == "message" else "",
        text=text,
    )


def _link(row: Row) -> tuple[str, int, int]:
    return (
        row["log"],
        whole_number(row, "line_a", most=MOST_LINES),
        whole_number(row, "line_b", most=MOST_LINES),
    )


def read_chat(path: Path) -> Iterator[ReadRow | BrokenRow | Note]:
    """Every line with its instant and what it answers; lines that say nothing are noted. Raises `DatasetRefused`.

    A line is linked to itself where a conversation begins; of several answered lines the latest counts.
    """
    answers: dict[tuple[str, int], int] = {}
    for link in rows_of(path / "reply_links.csv.gz", LINKS, _link):
        if isinstance(link, BrokenRow):
            yield link
            continue
        log, first, second = link.value
        if first < second:
            answers[log, second] = max(first, answers.get((log, second), 0))
    rows: list[Any] = []
    for row in rows_of(path / "messages.csv.gz", MESSAGES, _raw):
        if isinstance(row, ReadRow):
            rows.append(row)
        elif row.reason == "the line says nothing":
            yield Note(row.file, row.line, row.reason)
        else:
            yield row
    for number, (_, group) in enumerate(groupby(rows, key=lambda row: row.value.log)):
        yield from _evening(list(group), number, answers)


def _evening(rows: list[ReadRow], number: int, answers: dict[tuple[str, int], int]) -> Iterator[ReadRow]:
    """The lines of one log: those without a time stand with the line before, and after midnight the day is the next."""
    first = next((row.value.time for row in rows if row.value.time is not None), timedelta())
    day, minute, within = rows[0].value.day, first, 0
    instants: list[datetime] = []
    for row in rows:
        now = minute if row.value.time is None else row.value.time
        if now < minute:
            day += timedelta(days=1)
        within = within + 1 if now == minute and instants else 0
        minute = now
        instants.append(day + minute + within * STEP)
    evening = Evening(rows[0].value.log, number, instants[0], instants[-1])
    at_line = {row.value.number: at for row, at in zip(rows, instants, strict=True)}
    for row, at in zip(rows, instants, strict=True):
        raw = row.value
        answered = answers.get((raw.log, raw.number))
        yield ReadRow(
            row.file,
            row.line,
            Line(
                evening,
                raw.number,
                at,
                raw.nick,
                raw.text,
                (answered, at_line[answered]) if answered is not None and answered in at_line else None,
            ),
        )


def _person_id(nick: str) -> UUID:
    return uuid7_derived(JOINED, SET, nick)


def _host() -> UUID:
    host = _person_id(HOST)
    users_import(people=[NewUser(id=host, handle=HOST, signed_up_at=JOINED)])
    performers_import(
        performers=[
            NewPerformer(
                person_id=host, stage_name="Help Channel", joined_at=JOINED, language="en", is_verified=True
            )
        ]
    )
    return host


def _room(evening: Evening, host: UUID, moved: timedelta) -> UUID:
    stream_id = uuid7_derived(evening.begins_at + moved, SET, evening.log)
    begins_at, ends_at = evening.begins_at + moved, evening.ends_at + moved
    streams_import(
        streams=[
            PastStream(
                id=stream_id,
                performer_id=host,
                words=(Words(since=begins_at, title=f"Help channel, evening of {evening.log[:10]}"),),
                started_at=begins_at,
                ended_at=ends_at + timedelta(minutes=1),
            )
        ]
    )
    return room_open(stream_id=stream_id, actor=None).pk


def _message_id(line_number: int, at: datetime, evening: Evening) -> UUID:
    return uuid7_derived(at, SET, evening.log, str(line_number))


def _write(lines: list[Line]) -> int:
    host = _host()
    nicks = sorted({line.nick for line in lines if line.nick})
    users_import(people=[NewUser(id=_person_id(nick), handle=nick, signed_up_at=JOINED) for nick in nicks])
    new = 0
    for evening, group in groupby(lines, key=lambda line: line.evening):
        found = list(group)
        moved = dataset_offset(evening.part, latest=evening.ends_at, weeks_ago=1 + evening.number % SPREAD)
        room_id = _room(evening, host, moved)
        new += chat_messages_import(
            messages=[
                PastMessage(
                    id=_message_id(line.number, line.at + moved, evening),
                    room_id=room_id,
                    sender_id=_person_id(line.nick) if line.nick else None,
                    body=line.text,
                    reply_to_id=_message_id(line.answers[0], line.answers[1] + moved, evening)
                    if line.answers
                    else None,
                )
                for line in found
            ]
        )
    return new


register(
    Dataset(
        name=SET,
        words="27,500 lines of a help channel in twenty rooms, with answers and lines of the system",
        read=read_chat,
        write=_write,
        batch=2500,
    )
)
