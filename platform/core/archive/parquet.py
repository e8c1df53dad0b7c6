"""Writes rows into a Parquet file and reads them back, by DuckDB, as the texts that PostgreSQL spells.

Rows go through a pipe, so that no second copy of a partition lies on the disk, and nothing of DuckDB is loaded at run
time: Parquet and its zstd are built in.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb

from core.archive.columns import Column, quoted
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused

Row = tuple[str | None, ...]

LONGEST_ROW = 16 * 1024 * 1024
"""In bytes of CSV; a longer one is refused."""

LONGEST_CHARACTER = 4
"""In bytes of UTF-8."""

ROW_GROUP = 122_880
BATCH = 10_000
WAIT_SECONDS = 0.005
CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that loads nothing and spells time in UTC."""
    database = duckdb.connect(":memory:", config=CONFIGURATION)
    database.execute("SET TimeZone = 'UTC'")
    return database


def write_rows(path: Path, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    """Write rows, in the order in which they come, into a new file; returns how many.

    Raises PartitionArchiveRefused when the disk is full or DuckDB cannot take a value; what `rows` raises goes through.
    The file is then not there or not whole: the caller removes it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="versbottomlex-pipe-") as folder,
        ThreadPoolExecutor(1) as thread,
    ):
        pipe = Path(folder) / "rows"
        os.mkfifo(pipe, 0o600)
        writing = thread.submit(_copy, pipe, path, columns)
        with contextlib.suppress(BrokenPipeError):  # DuckDB has stopped reading, and its own error says why.
            _feed(pipe, rows, writing)
        try:
            return writing.result()
        except duckdb.Error as error:
            raise PartitionArchiveRefused(_explained(path, error)) from error


def _copy(pipe: Path, path: Path, columns: Sequence[Column]) -> int:
    texts = ", ".join(f"{_literal(column.name)}: 'VARCHAR'" for column in columns)
    taken = ", ".join(column.into_file for column in columns)
    with connect() as database:
        (count,) = database.execute(
            f"COPY (SELECT {taken} FROM read_csv({_literal(str(pipe))}, columns = {{{texts}}}, auto_detect = false, "
            "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, "
            f"new_line = '\\n', parallel = false, max_line_size = {LONGEST_ROW}, buffer_size = {2 * LONGEST_ROW})) "
            f"TO {_literal(str(path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        ).fetchone()  # type: ignore[misc]
    return int(count)


def _feed(pipe: Path, rows: Iterable[Row], reader: "Future[int]") -> None:
    with os.fdopen(_opened(pipe, reader), "w", encoding="utf-8", newline="") as target:
        for row in rows:
            line = ",".join(["" if value is None else _in_quotes(value) for value in row]) + "\n"
            if len(line) * LONGEST_CHARACTER > LONGEST_ROW and len(line.encode()) > LONGEST_ROW:
                raise PartitionArchiveRefused(
                    f"Row {row[0]} is longer than {LONGEST_ROW:,} bytes. Nothing left the database."
                )
            target.write(line)


def _opened(pipe: Path, reader: "Future[int]") -> int:
    """The writing end, once DuckDB has opened the other. Raises BrokenPipeError when it never will."""
    while True:
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            if reader.done():
                raise BrokenPipeError from None
            time.sleep(WAIT_SECONDS)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


def _in_quotes(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if '"' in value else f'"{value}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def read_rows(path: Path, columns: Sequence[Column]) -> Iterator[Row]:
    """The rows of a file in its order, as PostgreSQL spells them. Raises ArchiveChanged where it is no such file."""
    wanted = ", ".join(column.from_file for column in columns)
    try:
        with connect() as database:
            found = database.execute(f"SELECT {wanted} FROM read_parquet({_literal(str(path))})")
            while rows := found.fetchmany(BATCH):
                yield from rows
    except duckdb.Error as error:
        raise ArchiveChanged(f"{path.name} cannot be read: {_first_line(error)}") from error


def open_views(files: dict[str, list[Path]]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with one view for each table over its files, which reads nothing else and writes nowhere."""
    database = connect()
    for table, paths in files.items():
        listed = ", ".join(_literal(str(path)) for path in paths)
        database.execute(
            f"CREATE VIEW {quoted(table)} AS SELECT * FROM read_parquet([{listed}], union_by_name = true)"
        )
    allowed = ", ".join(_literal(str(path)) for paths in files.values() for path in paths)
    database.execute(f"SET allowed_paths = [{allowed}]")
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def _explained(path: Path, error: duckdb.Error) -> str:
    words = _first_line(error)
    if "No space left" in words or "File too large" in words or "Disk quota" in words:
        return f"{path.parent} is full: free some space and run again. Nothing left the database."
    return f"{path.name} could not be written: {words}. Nothing left the database."


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0][:500]
