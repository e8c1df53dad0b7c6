"""Reading the files of public data sets: gzipped CSV with a header row, every broken row named by file and line."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from core.datasets.registry import BrokenRow, DatasetRefused, ReadRow

Row = dict[str, str]
T = TypeVar("T")


def rows_of(file: Path, columns: Sequence[str], parse: Callable[[Row], T]) -> Iterator[ReadRow | BrokenRow]:
    """What `parse` makes of every row, in file order; a row for which it raises ValueError is a `BrokenRow`.

    Raises `DatasetRefused` when the file is missing, is no gzipped CSV in UTF-8, or has other columns than `columns`.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != tuple(columns):
                raise DatasetRefused(f"{file}: the first line is not {','.join(columns)}.")
            for row in reader:
                try:
                    if None in row or any(row.get(column) is None for column in columns):
                        raise ValueError(f"expected {len(columns)} columns: {', '.join(columns)}")
                    value = parse(row)
                except ValueError as error:
                    yield BrokenRow(file.name, reader.line_num, str(error))
                else:
                    yield ReadRow(file.name, reader.line_num, value)
    except FileNotFoundError:
        raise DatasetRefused(f"{file} is not there. Give the folder that holds it.") from None
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise DatasetRefused(f"{file} cannot be read: {error}.") from error


def whole_number(row: Row, column: str, *, least: int = 0, most: int) -> int:
    """The whole number in `column`. Raises ValueError with a sentence when it is none, or beyond the bounds."""
    text = row[column]
    if not (text.isascii() and text.isdecimal() and len(text) <= 18) or not least <= int(text) <= most:
        raise ValueError(f"{column} {text[:40]!r} is no number between {least} and {most}")
    return int(text)


def truth(row: Row, column: str) -> bool:
    """True or False, written like this. Raises ValueError with a sentence for anything else."""
    if row[column] not in ("True", "False"):
        raise ValueError(f"{column} {row[column][:40]!r} is neither True nor False")
    return row[column] == "True"
