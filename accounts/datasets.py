"""The people of the public follow graph (MUSAE Twitch social networks, ENGB and PTBR).

Rows carry no names: a handle is made of the language and the number of the row. Ids are derived from them and
from the day of joining, so that a second import meets the rows of the first.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from accounts.models.user import HANDLE_PATTERN
from accounts.services.users import NewUser, users_import
from core.datasets.registry import BrokenRow, Dataset, DatasetRefused, ReadRow, register
from core.models.identity import uuid7_derived

COLLECTED = datetime(2018, 5, 31, tzinfo=UTC)
"""The source counts days on the platform up to May 2018; a fixed end keeps ids the same in every run."""

COLUMNS = ("new_id", "days", "mature", "views", "partner")
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


def _person(language: Language, row: dict[str, str | None]) -> NewUser:
    """The person of a row. Raises ValueError with a sentence."""
    if None in row or any(row.get(column) is None for column in COLUMNS):
        raise ValueError(f"expected {len(COLUMNS)} columns: {', '.join(COLUMNS)}")
    number, days = str(row["new_id"]), str(row["days"])
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"new_id {number[:40]!r} is no number")
    if not (days.isascii() and days.isdecimal() and len(days) <= 9) or int(days) > OLDEST_DAYS:
        raise ValueError(f"days {days[:40]!r} is no number between 0 and {OLDEST_DAYS}")
    for column in ("mature", "partner"):
        if row[column] not in ("True", "False"):
            raise ValueError(f"{column} {str(row[column])[:40]!r} is neither True nor False")
    if not str(row["views"]).isdecimal():
        raise ValueError(f"views {str(row['views'])[:40]!r} is no number")
    joined = COLLECTED - timedelta(days=int(days))
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
        file = path / language.file
        seen: set[str] = set()
        try:
            with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines)
                if tuple(reader.fieldnames or ()) != COLUMNS:
                    raise DatasetRefused(f"{file}: the first line is not {','.join(COLUMNS)}.")
                for row in reader:
                    try:
                        person = _person(language, row)
                        if person.handle in seen:
                            raise ValueError(f"new_id {row['new_id']} stands in the file twice")
                    except ValueError as error:
                        yield BrokenRow(language.file, reader.line_num, str(error))
                    else:
                        seen.add(person.handle)
                        yield ReadRow(language.file, reader.line_num, person)
        except FileNotFoundError:
            raise DatasetRefused(f"{file} is not there. Give the folder that holds it.") from None
        except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
            raise DatasetRefused(f"{file} cannot be read: {error}.") from error


register(
    Dataset(
        name="follow_graph",
        words="9,038 live streamers, British and Brazilian",
        read=read_people,
        write=lambda people: users_import(people=people),
    )
)
