"""The archive of one person: a ZIP of JSON Lines with a manifest and the meanings of all columns.

    data/<table>.jsonl   a row a line (https://jsonlines.org), UTF-8
    columns.json         every column of these tables: meaning, privacy class, whether it is given
    manifest.json        schema version, whose, made when; rows and SHA-256 of each file; the information of art. 15(1)

What is written goes straight on to the target, so that an archive of any size needs the memory of one batch.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from audit.personal_data.information import INFORMATION, columns_of, not_handed_out, told_of
from audit.personal_data.map import PersonalTable

FORMAT = "versbottomlex-personal-archive"
SCHEMA_VERSION = 1

Reader = Callable[[PersonalTable], Iterator[list[str]]]


@dataclass(frozen=True)
class About:
    """Whose archive it is and why it is made."""

    person_id: str
    reference: str
    kind: str
    made_at: datetime


@dataclass(frozen=True)
class Contents:
    """What was written: rows by table, those with rows only."""

    rows: dict[str, int]

    @property
    def total(self) -> int:
        """How many rows."""
        return sum(self.rows.values())


def write_archive(
    target: IO[bytes],
    about: About,
    tables: Iterable[PersonalTable],
    withheld: list[PersonalTable],
    read: Reader,
) -> Contents:
    """Write the whole archive of a person; `read` gives the rows of a table in batches."""
    files: list[dict[str, Any]] = []
    meanings: dict[str, Any] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for table in tables:
            name = f"data/{table.table}.jsonl"
            if (written := _write_rows(archive, name, about, read(table))) is not None:
                rows, digest = written
                files.append({"file": name, "rows": rows, "sha256": digest, **told_of(table)})
                meanings[table.table] = columns_of(table)
        columns = _write_json(archive, "columns.json", about, meanings)
        _write_json(
            archive,
            "manifest.json",
            about,
            {
                "format": FORMAT,
                "schema_version": SCHEMA_VERSION,
                "kind": about.kind,
                "request": about.reference,
                "person": about.person_id,
                "made_at": about.made_at.isoformat(),
                "files": files,
                "columns": {"file": "columns.json", "sha256": columns},
                "not_handed_out": not_handed_out(withheld),
                "information": INFORMATION,
            },
        )
    return Contents({entry["table"]: entry["rows"] for entry in files})


def _entry(name: str, about: About) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, about.made_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _write_rows(
    archive: zipfile.ZipFile, name: str, about: About, batches: Iterator[list[str]]
) -> tuple[int, str] | None:
    """Rows and digest of a file; None, and no file, where there is no row."""
    first = next(batches, None)
    if first is None:
        return None
    digest, rows = hashlib.sha256(), 0
    with archive.open(_entry(name, about), "w", force_zip64=True) as file:
        for lines in _chain(first, batches):
            piece = ("\n".join(lines) + "\n").encode()
            file.write(piece)
            digest.update(piece)
            rows += len(lines)
    return rows, digest.hexdigest()


def _chain(first: list[str], rest: Iterator[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rest


def _write_json(archive: zipfile.ZipFile, name: str, about: About, value: Any) -> str:
    content = json.dumps(value, ensure_ascii=False, indent=2).encode()
    archive.writestr(_entry(name, about), content)
    return hashlib.sha256(content).hexdigest()
