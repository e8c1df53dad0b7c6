"""One import: rows in batches, broken ones reported, all or the good ones kept as the caller chooses."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from core.datasets.registry import BrokenRow, Dataset, Note, ReadRow
from core.db.context import acting
from core.db.refusals import DATABASE_REFUSALS, sentence
from core.db.roles import Role
from core.errors import Refused


class BrokenRows(Refused):
    """The data set has broken rows, and the caller wants all or nothing."""

    code = "broken_rows"

    def __init__(self, broken: list[BrokenRow]) -> None:
        self.broken = broken
        super().__init__(f"{len(broken)} broken row(s): nothing was imported. The first: {broken[0]}.")


@dataclass
class ImportReport:
    """What an import did: rows read, rows that were new, those that could not be imported, and notes on the source."""

    read: int = 0
    new: int = 0
    broken: list[BrokenRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """Rows that were there before."""
        return self.read - self.new - len(self.broken)


def _batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(rows, size)):
        yield batch


def _write(dataset: Dataset, rows: list[ReadRow], report: ImportReport) -> None:
    """Write a batch; when the database refuses it, row by row, so that each refused one can be named."""
    try:
        with transaction.atomic():
            report.new += dataset.write([row.value for row in rows])
    except (Refused, *DATABASE_REFUSALS) as error:
        if len(rows) == 1:
            words = str(error) if isinstance(error, Refused) else sentence(error)
            report.broken.append(BrokenRow(rows[0].file, rows[0].line, words))
            return
        for row in rows:
            _write(dataset, [row], report)


def dataset_import(
    *,
    dataset: Dataset,
    path: Path,
    all_or_nothing: bool,
    progress: Callable[[ImportReport], None] = lambda report: None,
) -> ImportReport:
    """Import the files of `dataset` below `path`, as the worker.

    With `all_or_nothing` the whole import is one transaction and one broken row undoes it (raises `BrokenRows`
    with every broken row); without, each batch is a transaction and broken rows are left out and reported.
    Raises `DatasetRefused` if the files cannot be read. A second run finds everything unchanged.
    """
    report = ImportReport()
    with acting(Role.WORKER) if all_or_nothing else nullcontext():
        for batch in _batches(dataset.read(path), dataset.batch):
            good = [row for row in batch if isinstance(row, ReadRow)]
            report.broken.extend(row for row in batch if isinstance(row, BrokenRow))
            noted = [row for row in batch if isinstance(row, Note)]
            report.notes.extend(noted)
            report.read += len(batch) - len(noted)
            if good and not (all_or_nothing and report.broken):
                with acting(Role.WORKER):
                    _write(dataset, good, report)
            progress(report)
        if all_or_nothing and report.broken:
            raise BrokenRows(report.broken)
    return report
