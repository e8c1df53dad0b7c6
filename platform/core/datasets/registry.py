"""Data sets that can be imported, by name. Each app registers its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Refused


class DatasetRefused(Refused):
    """The data set is unknown, or its files are not there or not readable."""

    code = "dataset_refused"


@dataclass(frozen=True)
class ReadRow:
    """A row as `write` takes it, and where it stands."""

    file: str
    line: int
    value: Any


@dataclass(frozen=True)
class BrokenRow:
    """A row that cannot be imported: where it stands and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True)
class Note:
    """Something that whoever imports should know, and that stops nothing: a gap in the source, where it stands."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.words}"


@dataclass(frozen=True)
class Dataset:
    """One data set.

    `read(path)` yields a `ReadRow`, a `BrokenRow` or a `Note`, in file order; `write(values)` imports a batch through
    the services, returns how many rows were new, and writes nothing when it raises; `batch` is the size of a
    transaction.
    """

    name: str
    words: str
    read: Callable[[Path], Iterator[ReadRow | BrokenRow | Note]]
    write: Callable[[list[Any]], int]
    batch: int = 1000


_datasets: dict[str, Dataset] = {}


def register(dataset: Dataset) -> Dataset:
    """Make a data set known to `manage.py import_dataset`."""
    if dataset.name in _datasets:
        raise ValueError(f"The data set {dataset.name} is registered twice.")
    _datasets[dataset.name] = dataset
    return dataset


def dataset(name: str) -> Dataset:
    """The data set with this name. Raises `DatasetRefused` naming those that exist."""
    if name not in _datasets:
        known = ", ".join(sorted(_datasets))
        raise DatasetRefused(f"There is no data set called {name}. Known are: {known}.")
    return _datasets[name]


def names() -> list[str]:
    """The names of all data sets."""
    return sorted(_datasets)
