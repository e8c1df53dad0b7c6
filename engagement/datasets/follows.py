"""Who follows whom, from the public follow graph (MUSAE Twitch social networks, ENGB and PTBR).

The source names each pair once and not who follows whom: whoever has more views is followed, at a tie the second. The
same pair gives the same follow in every run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from accounts.datasets import COLUMNS, LANGUAGES, MOST_VIEWS, Language, person_of
from core.datasets.files import Row, rows_of, whole_number
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from engagement.services.follows import NewFollow, follows_import

PAIR = ("from", "to")


@dataclass(frozen=True)
class _Known:
    """A person of the graph: the number in the source, the id here, the views."""

    number: str
    id: UUID
    views: int


def _known(language: Language, row: Row) -> _Known:
    person = person_of(language, row)
    if person.id is None:
        raise ValueError(f"{person.handle} has no id")
    number = person.handle.partition("_")[2]
    return _Known(number, person.id, whole_number(row, "views", most=MOST_VIEWS))


def _follow(people: dict[str, _Known], row: Row) -> NewFollow:
    for column in PAIR:
        if row[column] not in people:
            raise ValueError(f"{column} {row[column][:40]!r} is nobody of the graph")
    first, second = (people[row[column]] for column in PAIR)
    if first == second:
        raise ValueError(f"{first.number} cannot follow themselves")
    follower, followed = (second, first) if first.views > second.views else (first, second)
    return NewFollow(user_id=follower.id, performer_id=followed.id)


def read_follows(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Every pair of both files; broken rows, those of the people too, as `BrokenRow`. Raises `DatasetRefused`."""
    for language in LANGUAGES:
        people: dict[str, _Known] = {}
        for row in rows_of(path / language.file, COLUMNS, partial(_known, language)):
            if isinstance(row, BrokenRow):
                yield row
            else:
                people.setdefault(row.value.number, row.value)
        edges = language.file.replace("_users", "_edges")
        yield from rows_of(path / edges, PAIR, partial(_follow, people))


register(
    Dataset(
        name="follows",
        words="66,623 pairs of the follow graph: who follows whom",
        read=read_follows,
        write=lambda follows: follows_import(follows=follows),
        batch=5_000,
    )
)
