"""15,298 copyright notices, counter-notices and retractions that GitHub published: dates and sizes, no names.

The source says when each arrived and how long it is. What it does not say is ours, always the same way, and written
down in docs/guides/takedowns.md: the time of day, which elements a notice has, which notice an answer answers, when a
notice was carried out there, and which archives here it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal
from uuid import UUID

from audit.datasets.complaint_ways import Archives, past_notice
from audit.services.takedown_import_answers import (
    PastCounterNotice,
    PastRetraction,
    counter_notices_import,
    retractions_import,
)
from audit.services.takedown_imports import notices_import
from audit.takedown_elements import NOTICE_ELEMENTS
from core.datasets.files import Row, rows_of, whole_number
from core.datasets.offsets import dataset_offset
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.db.clock import database_now
from core.models.identity import uuid7_derived

NAME = "complaints"
FILE = "notices.csv.gz"
COLUMNS = (
    "notice_id",
    "date",
    "kind",
    "bytes",
    "words",
    "urls",
    "github_targets",
    "private_redactions",
    "network_claim",
    "mentions_anti_circumvention",
)
MOST = 10**9
FIRST_DAY = date(1998, 10, 28)
"""The day on which 17 USC 512 became law."""

OFFICE_OPENS = time(13, tzinfo=UTC)
OFFICE_MINUTES = 8 * 60

WORDS_OF_A_WORK, WORDS_OF_STATEMENTS = 60, 100
"""Shorter texts cannot describe a work, or hold both statements that the law asks for."""

ANSWERED_AFTER = timedelta(days=2)
"""An answer follows the notice by two days at least: before, nothing was disabled that it could be about."""

QUEUE = 60
"""So many of the newest notices that nobody answered wait here for somebody to decide."""

Kind = Literal["notice", "counter_notice", "retraction"]
KINDS: tuple[Kind, ...] = ("notice", "counter_notice", "retraction")


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One row. `received_at` is in the time of the source; `answers` is the notice that it answers, `latest` the last
    instant of the file, `waits` whether it is one of the newest notices without an answer."""

    key: str
    kind: Kind
    received_at: datetime
    elements: frozenset[str]
    words: int
    urls: int
    targets: int
    claims_copies: bool
    claims_circumvention: bool
    latest: datetime | None = None
    answers: "Complaint | None" = None
    waits: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether a notice has every element of the law."""
        return len(self.elements) == len(NOTICE_ELEMENTS)

    def id(self, shift: timedelta) -> UUID:
        """The id of its row, in the time into which it is moved."""
        return uuid7_derived(self.received_at + shift, NAME, self.key)


def number_of(key: str) -> int:
    """A number that is always the same for a name of the source."""
    return int.from_bytes(sha256(key.encode()).digest()[:6], "big")


def _flag(row: Row, column: str) -> bool:
    if row[column] not in ("0", "1"):
        raise ValueError(f"{column} {row[column][:40]!r} is neither 0 nor 1")
    return row[column] == "1"


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"date {text[:40]!r} is no day, as in 2023-12-31") from None
    if day < FIRST_DAY:
        raise ValueError(f"date {text[:40]!r} lies before {FIRST_DAY}")
    return day


def _elements(words: int, urls: int, redactions: int) -> frozenset[str]:
    """What the sizes tell: contact and signature are what the source blacks out, the material is what it links."""
    found = {
        "is_signed": redactions > 0,
        "contact_given": redactions > 0,
        "material_identified": urls > 0,
        "work_identified": words >= WORDS_OF_A_WORK,
        "good_faith_stated": words >= WORDS_OF_STATEMENTS,
        "accuracy_sworn": words >= WORDS_OF_STATEMENTS,
    }
    return frozenset(name for name, given in found.items() if given)


def complaint_of(row: Row) -> Complaint:
    """The complaint of a row. Raises ValueError with a sentence."""
    key, kind = row["notice_id"], row["kind"]
    if not (key.startswith("n_") and key.isascii() and key[2:].isalnum() and len(key) <= 40):
        raise ValueError(f"notice_id {key[:40]!r} is not written n_0123abcd")
    if kind not in KINDS:
        raise ValueError(f"kind {kind[:40]!r} is none of: {', '.join(KINDS)}")
    whole_number(row, "bytes", most=MOST)
    words, urls, targets, redactions = (
        whole_number(row, column, most=MOST)
        for column in ("words", "urls", "github_targets", "private_redactions")
    )
    opens = datetime.combine(_day(row["date"]), OFFICE_OPENS)
    return Complaint(
        key=key,
        kind=kind,
        received_at=opens + timedelta(minutes=number_of(key) % OFFICE_MINUTES),
        elements=_elements(words, urls, redactions),
        words=words,
        urls=urls,
        targets=targets,
        claims_copies=_flag(row, "network_claim"),
        claims_circumvention=_flag(row, "mentions_anti_circumvention"),
    )


def _pair(complaints: list[Complaint]) -> dict[str, Complaint]:
    """Which notice each answer answers: the closest earlier one that is complete and that nothing answers yet."""
    open_notices: list[Complaint] = []
    found: dict[str, Complaint] = {}
    for complaint in sorted(complaints, key=lambda row: (row.received_at, row.key)):
        if complaint.kind == "notice":
            if complaint.is_complete:
                open_notices.append(complaint)
            continue
        for place in range(len(open_notices) - 1, -1, -1):
            if open_notices[place].received_at + ANSWERED_AFTER <= complaint.received_at:
                found[complaint.key] = open_notices.pop(place)
                break
    return found


def read_complaints(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Every complaint in file order, notices first; broken rows and repeated ones as `BrokenRow`.

    Raises `DatasetRefused`.
    """
    rows = list(rows_of(path / FILE, COLUMNS, complaint_of))
    good: dict[str, ReadRow] = {}
    for row in rows:
        if isinstance(row, BrokenRow):
            yield row
        elif row.value.key in good:
            yield BrokenRow(row.file, row.line, f"{row.value.key} stands in the file twice")
        else:
            good[row.value.key] = row
    if not good:
        return
    complaints = [row.value for row in good.values()]
    pairs = _pair(complaints)
    answered = {notice.key for notice in pairs.values()}
    notices = [row for row in complaints if row.kind == "notice" and row.key not in answered]
    newest = sorted(notices, key=lambda row: (row.received_at, row.key))[-QUEUE:]
    waiting = {row.key for row in newest}
    latest = max(row.received_at for row in complaints)
    # Answers come last: what they answer is there by then, in whatever batch.
    for row in sorted(good.values(), key=lambda row: row.value.kind != "notice"):
        value = row.value
        if value.kind != "notice" and value.key not in pairs:
            yield BrokenRow(row.file, row.line, f"{value.key} answers no notice that came before it")
            continue
        answers = pairs.get(value.key)
        yield replace(row, value=replace(value, latest=latest, answers=answers, waits=value.key in waiting))


def _write(complaints: list[Complaint]) -> int:
    now = database_now()
    shift = dataset_offset(NAME, latest=complaints[0].latest or complaints[0].received_at)
    archives = Archives.of_platform()
    notices = [
        past_notice(row, number=number_of(row.key), shift=shift, now=now, archives=archives)
        for row in complaints
        if row.kind == "notice"
    ]
    counters = [
        PastCounterNotice(
            id=row.id(shift),
            source_reference=row.key,
            notice_id=row.answers.id(shift),
            received_at=row.received_at + shift,
        )
        for row in complaints
        if row.kind == "counter_notice" and row.answers
    ]
    retractions = [
        PastRetraction(notice_id=row.answers.id(shift), at=row.received_at + shift)
        for row in complaints
        if row.kind == "retraction" and row.answers
    ]
    return (
        len(notices_import(notices=notices))
        + len(counter_notices_import(counters=counters))
        + retractions_import(retractions=retractions)
    )


register(
    Dataset(
        name=NAME,
        words="15,298 copyright notices, counter-notices and retractions with their clocks",
        read=read_complaints,
        write=_write,
        batch=1000,
    )
)
