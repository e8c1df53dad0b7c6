"""How a table says that its rows are about people, where that does not follow from its columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Provided: TypeAlias = bool | tuple[str, ...]
"""What a person provided (GDPR art. 20): everything that is given, nothing, or these fields."""

ROW = "{row}"
"""In a condition: the row. What contains it is SQL, everything else a path of foreign keys."""

PERSON = "{person}"
"""In a condition: whose archive is made."""


@dataclass(frozen=True)
class Way:
    """One way in which a row is somebody's.

    `path` is a path of foreign keys that ends at the person (`conversation__first_person`), or SQL over `{row}` and
    `{person}`. `withheld` names fields that are not handed out on this way, each with its reason. `shown` gives fields
    another expression, SQL over `{row}` and `{person}`. Of ways that lead to one row the first counts.
    """

    path: str
    withheld: Mapping[str, str] = field(default_factory=dict)
    provided: Provided | None = None
    shown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Rows are handed to whom they are about.

    Without `ways` these follow from `held_by` and the foreign keys of the model. `withheld` and `provided` hold on
    every way that says nothing else. `shown_secrets` names fields that sound like secrets and are none.
    """

    ways: tuple[Way, ...] = ()
    withheld: Mapping[str, str] = field(default_factory=dict)
    provided: Provided = False
    shown_secrets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Withheld:
    """Rows are about people and are not handed out; `why` is told to them and to the auditor."""

    why: str


@dataclass(frozen=True)
class Nobodys:
    """No row is about somebody who could ask for it here; `why` is for the auditor."""

    why: str


Decision: TypeAlias = Given | Withheld | Nobodys
