"""Rows of a partition into a file, proven by reading them back; and out of a file into a table, proven likewise."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Model

from core.archive.columns import Column, columns_of, quoted, spell_alike
from core.archive.declaration import archived_of, left_out_columns, persons_sql, protected_fields
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.archive.manifest import Manifest
from core.archive.parquet import Row, read_rows, write_rows
from core.archive.protection import Protection

PROTECTED_FOR = Column("protected_for", "uuid[]")
PROTECTED = Column("protected", "bytea")
KEY = "id"
AT_ONCE = 20_000
"""Rows that one statement puts back."""


class RowsDigest:
    """SHA-256 over rows in their order, each as a JSON array and a newline; counts them and keeps the span of ids."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.rows = 0
        self.first: str | None = None
        self.last: str | None = None

    def add(self, key: str | None, row: Sequence[str | None]) -> None:
        """Take one row; `key` is its id."""
        self._digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        self.rows += 1
        self.first = self.first or key
        self.last = key

    @property
    def sha256(self) -> str:
        """In hexadecimal digits."""
        return self._digest.hexdigest()


@dataclass(frozen=True)
class Layout:
    """Which columns of a table stand in a file in plain, and which are encrypted there."""

    model: type[Model]
    plain: tuple[Column, ...]
    protected: tuple[Column, ...]

    @classmethod
    def of(cls, cursor: Any, model: type[Model], relation: str) -> "Layout":
        """The layout of a table as it stands."""
        columns = columns_of(cursor, relation, left_out_columns(model))
        hidden = {field.column for field in protected_fields(model)}
        return cls(
            model,
            tuple(column for column in columns if column.name not in hidden),
            tuple(column for column in columns if column.name in hidden),
        )

    @property
    def in_file(self) -> tuple[Column, ...]:
        """The columns of the file."""
        return (*self.plain, PROTECTED_FOR, PROTECTED) if self.protected else self.plain

    @cached_property
    def key_at(self) -> int:
        """Where the id stands among the plain columns."""
        return next(at for at, column in enumerate(self.plain) if column.name == KEY)

    def persons(self, row: str) -> str:
        """SQL: whose a row is."""
        return persons_sql(self.model, row)


@dataclass(frozen=True)
class Written:
    """What was written and proven."""

    rows: int
    rows_sha256: str
    first_id: UUID | None
    last_id: UUID | None
    layout: Layout


@dataclass(frozen=True)
class Loaded:
    """What came back. `omitted` rows stayed away since their words are erased, `emptied` ones came without them."""

    rows: int
    omitted: int
    emptied: int


def persons_of(cursor: Any, model: type[Model], relation: str) -> list[UUID]:
    """Everybody whose rows with encrypted columns a table holds."""
    if not protected_fields(model):
        return []
    cursor.execute(f"SELECT DISTINCT p FROM {relation} t, unnest({persons_sql(model, 't')}) p ORDER BY 1")
    return [person for (person,) in cursor.fetchall()]


def persons_in(path: Path) -> list[UUID]:
    """Everybody whose keys a file needs."""
    found = {text for (text,) in read_rows(path, [PROTECTED_FOR])}
    return sorted({person for text in found for person in _ids(text)})


def write(
    cursor: Any, model: type[Model], relation: str, path: Path, protection: Protection | None
) -> Written:
    """Write every row of a table into a new file, in the order of the ids, then read the file back and compare.

    Within one snapshot. Raises PartitionArchiveRefused (the disk is full, a value that the file cannot hold), and
    ArchiveChanged when what was read back is not what was written.
    """
    spell_alike(cursor)
    layout = Layout.of(cursor, model, relation)
    plain, hidden = RowsDigest(), RowsDigest()
    write_rows(
        path, layout.in_file, _for_file(_read(cursor, layout, relation), layout, protection, plain, hidden)
    )
    back, back_hidden = RowsDigest(), RowsDigest()
    for row, persons, stored in _from_file(path, layout):
        back.add(row[layout.key_at], row)
        if stored is not None and protection is not None:
            key = str(row[layout.key_at])
            back_hidden.add(key, protection.decrypt(key, persons, stored))
    if (plain.rows, plain.sha256, hidden.sha256) != (back.rows, back.sha256, back_hidden.sha256):
        raise ArchiveChanged(
            f"{path.name} does not read back as it was written ({plain.rows} rows, {back.rows} read). Nothing left the "
            "database."
        )
    first, last = (UUID(one) if one else None for one in (plain.first, plain.last))
    return Written(plain.rows, plain.sha256, first, last, layout)


def _read(cursor: Any, layout: Layout, relation: str) -> Iterator[Row]:
    """Rows as PostgreSQL spells them: plain columns, then whose they are and the encrypted ones."""
    wanted = [f"t.{quoted(column.name)}" for column in layout.plain]
    if layout.protected:
        wanted += [layout.persons("t"), *(f"t.{quoted(column.name)}" for column in layout.protected)]
    statement = f"COPY (SELECT {', '.join(wanted)} FROM {relation} t ORDER BY t.{KEY}) TO STDOUT"
    with cursor.copy(statement) as copy:
        yield from copy.rows()


def _for_file(
    rows: Iterable[Row], layout: Layout, protection: Protection | None, plain: RowsDigest, hidden: RowsDigest
) -> Iterator[Row]:
    width, key_at = len(layout.plain), layout.key_at
    if not layout.protected or protection is None:
        for row in rows:
            plain.add(row[key_at], row)
            yield row
        return
    for row in rows:
        shown, key, persons, values = row[:width], str(row[key_at]), _ids(row[width]), row[width + 1 :]
        plain.add(key, shown)
        if not protection.can_read(persons):  # Erased since: the words go to no file.
            yield (*shown, row[width], None)
            continue
        hidden.add(key, values)
        yield (*shown, row[width], "\\x" + protection.encrypt(key, persons, values).hex())


def _from_file(path: Path, layout: Layout) -> Iterator[tuple[Row, list[UUID], bytes | None]]:
    """Plain columns, whose the row is, and its encrypted columns."""
    width = len(layout.plain)
    for row in read_rows(path, layout.in_file):
        if layout.protected:
            stored = row[width + 1]
            yield row[:width], _ids(row[width]), bytes.fromhex(stored[2:]) if stored else None
        else:
            yield row, [], None


def load(
    cursor: Any,
    model: type[Model],
    relation: str,
    path: Path,
    manifest: Manifest,
    protection: Protection | None,
) -> Loaded:
    """Put the rows of a file into an empty table and compare what stands there then with what the manifest says.

    Rows whose keys are gone come back without their words, or stay away, as the model says. Raises
    PartitionArchiveRefused when the table no longer has the columns of the file, ArchiveChanged when the rows are not
    those of the manifest.
    """
    spell_alike(cursor)
    layout = _layout_of_file(cursor, model, relation, manifest)
    declared = archived_of(model)
    omits = declared is not None and declared.omits_erased
    every, kept = RowsDigest(), RowsDigest()
    counted = {"omitted": 0, "emptied": 0}
    written = [column for column in layout.plain if not column.generated]
    places = [at for at, column in enumerate(layout.plain) if not column.generated]
    names = ", ".join(quoted(column.name) for column in (*written, *layout.protected))

    def rows() -> Iterator[Row]:
        for row, persons, stored in _from_file(path, layout):
            key = row[layout.key_at]
            every.add(key, row)
            values: Row = ()
            if layout.protected:
                readable = stored is not None and protection is not None and protection.can_read(persons)
                if not readable and omits:
                    counted["omitted"] += 1
                    continue
                if readable:
                    values = protection.decrypt(str(key), persons, stored)  # type: ignore[union-attr,arg-type]
                else:
                    counted["emptied"] += 1
                    values = (None,) * len(layout.protected)
            kept.add(key, row)
            yield (*(row[at] for at in places), *values)

    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    coming = rows()
    # A statement at a time, since PostgreSQL remembers each row of one until its foreign keys are checked.
    while part := list(islice(coming, AT_ONCE)):
        with cursor.copy(f"COPY {relation} ({names}) FROM STDIN") as copy:
            for row in part:
                copy.write_row(row)
    if (every.rows, every.sha256) != (manifest.rows, manifest.rows_sha256):
        raise ArchiveChanged(
            f"{path.name} holds {every.rows} rows that are not the {manifest.rows} of its manifest. Nothing came back."
        )
    there = RowsDigest()
    for row in _read(cursor, Layout(model, layout.plain, ()), relation):
        there.add(row[layout.key_at], row)
    if there.sha256 != kept.sha256:
        raise ArchiveChanged(
            f"The rows of {path.name} do not stand in the database as they left it. Nothing came back."
        )
    return Loaded(there.rows, **counted)


def _layout_of_file(cursor: Any, model: type[Model], relation: str, manifest: Manifest) -> Layout:
    """The layout that the manifest describes. Raises PartitionArchiveRefused where the table cannot take it."""
    table = {column.name: column for column in columns_of(cursor, relation)}
    plain = tuple(
        column for column in manifest.columns if column.name not in (PROTECTED_FOR.name, PROTECTED.name)
    )
    for column in plain:
        now = table.get(column.name)
        if now is None or (now.type, now.generated) != (column.type, column.generated):
            is_now = "is gone" if now is None else f"is {now.type} now"
            raise PartitionArchiveRefused(
                f"{manifest.table}.{column.name} was {column.type} when {manifest.partition} left "
                f"({manifest.schema_version}) and {is_now}: the rows cannot come back. Ask the file instead "
                "(archive query)."
            )
    missing = [name for name in manifest.protected if name not in table]
    if missing:
        raise PartitionArchiveRefused(
            f"{manifest.table} has no column {', '.join(missing)} any more: the rows cannot come back. Ask the file "
            "instead (archive query)."
        )
    return Layout(model, plain, tuple(table[name] for name in manifest.protected))


def _ids(text: str | None) -> list[UUID]:
    """The ids of an array as PostgreSQL spells it."""
    inside = (text or "{}").strip("{}")
    return [UUID(one) for one in inside.split(",")] if inside else []
