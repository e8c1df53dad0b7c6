"""The people of the public follow graph (MUSAE Twitch social networks, ENGB and PTBR).

Rows carry no names: a handle is made of the language and the number of the row. Ids are derived from them and
from the day of joining, so that a second import meets the rows of the first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from accounts.models.user import HANDLE_PATTERN
from accounts.services.users import NewUser, users_import
from core.datasets.files import Row, rows_of, truth, whole_number
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.models.identity import uuid7_derived

COLLECTED = datetime(2018, 5, 31, tzinfo=UTC)
"""The source counts days on the platform up to May 2018; a fixed end keeps ids the same in every run."""

COLUMNS = ("new_id", "days", "mature", "views", "partner")
MOST_VIEWS = 10**12
OLDEST_DAYS = (COLLECTED - datetime(2007, 1, 1, tzinfo=UTC)).days


@dataclass(frozen=True)
class Language:
    """One file of the set, and what its people have in common."""

    file: str
    prefix: str
    locale: str
    time_zone: str
    country: str | None


LANGUAGES = (
    Language("ENGB_users.csv.gz", "engb", "en-GB", "Europe/London", "GB"),
    Language("PTBR_users.csv.gz", "ptbr", "pt-BR", "America/Sao_Paulo", "BR"),
)


def person_of(language: Language, row: Row) -> NewUser:
    """The person of a row. Raises ValueError with a sentence."""
    number, days = row["new_id"], whole_number(row, "days", most=OLDEST_DAYS)
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"new_id {number[:40]!r} is no number")
    for column in ("mature", "partner"):
        truth(row, column)
    whole_number(row, "views", most=MOST_VIEWS)
    joined = COLLECTED - timedelta(days=days)
    handle = f"{language.prefix}_{number.lstrip('0') or '0'}"
    if not re.fullmatch(HANDLE_PATTERN, handle):
        raise ValueError(f"new_id {number[:40]!r} is too long a number")
    return NewUser(
        id=uuid7_derived(joined, "follow_graph", handle),
        handle=handle,
        locale=language.locale,
        time_zone=language.time_zone,
        country=language.country,
        signed_up_at=joined,
    )


def read_people(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Everybody in both files, broken rows and repeated ids as `BrokenRow`. Raises `DatasetRefused`."""
    for language in LANGUAGES:
        seen: set[str] = set()
        for row in rows_of(path / language.file, COLUMNS, partial(person_of, language)):
            if isinstance(row, ReadRow) and row.value.handle in seen:
                number = row.value.handle.partition("_")[2]
                yield BrokenRow(row.file, row.line, f"new_id {number} stands in the file twice")
                continue
            if isinstance(row, ReadRow):
                seen.add(row.value.handle)
            yield row


register(
    Dataset(
        name="follow_graph",
        words="9,038 live streamers, British and Brazilian",
        read=read_people,
        write=lambda people: users_import(people=people),
    )
)
