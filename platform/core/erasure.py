"""Erasing a person, floor by floor: each app registers what it destroys and what it keeps.

`accounts` erases first and sets the account to erased; the other floors follow in the same transaction, from the lowest
to the highest, and one that fails undoes all. Each checks in the database that the person is erased, so
that its function can do no harm in other hands, and does nothing when run again.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Destroyed:
    """Rows of `table` that go, or whose personal columns are emptied; `words` say what, for people."""

    table: str
    words: str
    rows: int


@dataclass(frozen=True)
class Kept:
    """Rows of `table` that stay under the person's id alone; `why` names the law, `until` the end."""

    table: str
    words: str
    rows: int
    why: str
    until: str


@dataclass(frozen=True)
class ErasureReport:
    """What is or was destroyed and what is kept. `objects` are keys to be deleted from object storage."""

    destroyed: tuple[Destroyed, ...] = ()
    kept: tuple[Kept, ...] = ()
    objects: tuple[str, ...] = ()

    def __add__(self, other: "ErasureReport") -> "ErasureReport":
        return ErasureReport(
            self.destroyed + other.destroyed, self.kept + other.kept, self.objects + other.objects
        )

    def as_json(self) -> dict[str, Any]:
        """For programs and archives: every line with all it says."""
        return asdict(self)

    def as_counts(self) -> dict[str, dict[str, int]]:
        """For the trail: rows by table, and no words; lines without a row are left out."""
        lines: dict[str, Iterable[Destroyed | Kept]] = {"destroyed": self.destroyed, "kept": self.kept}
        return {name: {line.table: line.rows for line in found if line.rows} for name, found in lines.items()}


@dataclass(frozen=True)
class Eraser:
    """What one app does when a person is erased.

    `survey(person_id)` tells and changes nothing, before and after; `erase(person_id)` destroys, and tells what it
    destroyed and keeps. `order` follows the floors of the house: accounts 10, performers 20, ... audit 70.
    """

    order: int
    name: str
    survey: Callable[[UUID], ErasureReport]
    erase: Callable[[UUID], ErasureReport]


_erasers: list[Eraser] = []


def register_eraser(eraser: Eraser) -> Eraser:
    """Add an app's part. Call it once, when the app is ready. Raises ValueError for a name that is taken."""
    if any(known.name == eraser.name for known in _erasers):
        raise ValueError(f"An eraser {eraser.name!r} is registered already.")
    _erasers.append(eraser)
    return eraser


def remove_eraser(name: str) -> None:
    """Take a part away again, as tests do."""
    _erasers[:] = [eraser for eraser in _erasers if eraser.name != name]


def erasers() -> list[Eraser]:
    """Every part, from the lowest floor to the highest."""
    return sorted(_erasers, key=lambda eraser: eraser.order)
