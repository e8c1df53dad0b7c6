"""Files of the archive hold what PostgreSQL spells, to the byte; and personal columns open with their keys alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.archive.columns import TYPED, Column, spell_alike
from core.archive.errors import ArchiveChanged, PartitionArchiveRefused
from core.archive.parquet import LONGEST_ROW, read_rows, write_rows
from core.archive.protection import Protection

EXAMPLES = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: In microseconds from the epoch: from the year 1 to the year 9999.
INSTANT = st.integers(-62_135_510_400 * 10**6, 253_402_214_400 * 10**6).map(
    lambda one: EPOCH + timedelta(microseconds=one)
)
VALUES = {
    "uuid": st.uuids(),
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamp with time zone": INSTANT,
    "xid8": st.integers(0, 2**64 - 1).map(str),
    "bytea": st.binary(),
    "text": TEXT,
    "jsonb": st.dictionaries(TEXT, TEXT | st.integers() | st.none()).map(json.dumps),
    "inet": st.ip_addresses().map(str),
    "text[]": st.lists(TEXT | st.none()),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
    "tstzrange": INSTANT.map(lambda one: f"[{one.isoformat()},)"),
}


def test_every_type_that_is_stored_as_such_is_tried() -> None:
    assert set(TYPED) <= set(VALUES)


@pytest.mark.django_db
def test_values_come_back_as_postgresql_spelled_them(tmp_path: Path) -> None:
    kinds = list(VALUES)
    columns = [Column("id", "bigint"), *(Column(f"of {kind}", kind) for kind in kinds)]
    spelling = ", ".join(f"(%s::{kind})::text" for kind in kinds)
    boolean = 1 + kinds.index("boolean")
    path = tmp_path / "rows.parquet"

    @EXAMPLES
    @given(st.lists(st.tuples(*(VALUES[kind] | st.none() for kind in kinds)), min_size=1, max_size=4))
    def there_and_back(rows: list[tuple[object, ...]]) -> None:
        spelled = []
        with connection.cursor() as cursor:
            spell_alike(cursor)
            for number, values in enumerate(rows):
                cursor.execute(f"SELECT %s, {spelling}", [str(number), *values])
                row = list(cursor.fetchone())
                row[boolean] = row[boolean] and row[boolean][0]  # COPY writes t where a cast writes true.
                spelled.append(tuple(row))
        path.unlink(missing_ok=True)
        assert write_rows(path, columns, spelled) == len(spelled)
        assert list(read_rows(path, columns)) == spelled

    there_and_back()


def test_no_rows_are_a_file_too(tmp_path: Path) -> None:
    columns = [Column("id", "uuid"), Column("value", "bytea")]
    assert write_rows(tmp_path / "none.parquet", columns, []) == 0
    assert list(read_rows(tmp_path / "none.parquet", columns)) == []


def test_a_row_that_is_too_long_is_refused(tmp_path: Path) -> None:
    columns = [Column("id", "bigint"), Column("value", "text")]
    longest = ("1", "x" * (LONGEST_ROW - 100))
    path = tmp_path / "long.parquet"
    assert write_rows(path, columns, [longest]) == 1
    assert list(read_rows(path, columns)) == [longest]
    with pytest.raises(PartitionArchiveRefused, match="Row 2 is longer than"):
        write_rows(tmp_path / "longer.parquet", columns, [longest, ("2", "ü" * LONGEST_ROW)])


def test_a_value_that_is_none_of_its_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PartitionArchiveRefused, match="could not be written.*Nothing left the database"):
        write_rows(tmp_path / "x.parquet", [Column("id", "uuid")], [("nobody",)])


def test_what_the_source_raises_goes_through(tmp_path: Path) -> None:
    def rows() -> object:
        yield ("1",)
        raise LookupError("the source broke")

    with pytest.raises(LookupError, match="the source broke"):
        write_rows(tmp_path / "x.parquet", [Column("id", "bigint")], rows())  # type: ignore[arg-type]


def test_what_is_no_file_of_the_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(ArchiveChanged, match=r"x\.parquet cannot be read"):
        list(read_rows(tmp_path / "x.parquet", [Column("id", "bigint")]))


ANN, BOB = uuid4(), uuid4()
KEYS = {ANN: b"a" * 32, BOB: b"b" * 32}


def protection(keys: dict[UUID, bytes] = KEYS, file_key: bytes = b"f" * 32, table: str = "t") -> Protection:
    return Protection(table, UUID(int=1), file_key, keys)


@given(st.tuples(TEXT | st.none(), TEXT | st.none()), st.sets(st.sampled_from([ANN, BOB])))
def test_columns_open_with_the_keys_of_everybody(
    values: tuple[str | None, str | None], whose: set[UUID]
) -> None:
    persons = sorted(whose)
    stored = protection().encrypt("row 1", persons, values)
    assert protection().decrypt("row 1", persons, stored) == values
    assert protection().encrypt("row 1", persons, values) != stored
    for person in persons:
        left = {key: value for key, value in KEYS.items() if key != person}
        assert not protection(left).can_read(persons)
        with pytest.raises(ArchiveChanged):
            protection({**left, person: b"x" * 32}).decrypt("row 1", persons, stored)
    for other in (
        lambda: protection().decrypt("row 2", persons, stored),
        lambda: protection(table="u").decrypt("row 1", persons, stored),
        lambda: protection(file_key=b"g" * 32).decrypt("row 1", persons, stored),
        lambda: protection().decrypt("row 1", persons, stored[:-1] + bytes([stored[-1] ^ 1])),
    ):
        with pytest.raises(ArchiveChanged, match="do not open"):
            other()
