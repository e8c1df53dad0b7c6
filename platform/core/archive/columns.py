"""How the columns of a table lie in a file: typed where both sides write a value alike, else as PostgreSQL does."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

TYPED = {
    "uuid": "UUID",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp with time zone": "TIMESTAMPTZ",
    "xid8": "UBIGINT",
    "bytea": "BLOB",
}
"""By PostgreSQL's type, that of DuckDB; everything else is VARCHAR, in PostgreSQL's own spelling."""

SPELLING = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
"""Settings under which PostgreSQL spells values; they must be in force where rows are read and where they come back."""


@dataclass(frozen=True)
class Column:
    """One column of a file. `type` is PostgreSQL's; a `generated` one is computed anew when rows come back."""

    name: str
    type: str
    generated: bool = False

    @property
    def stored(self) -> str:
        """Its type in the file."""
        return TYPED.get(self.type, "VARCHAR")

    @property
    def into_file(self) -> str:
        """DuckDB's SQL from PostgreSQL's spelling."""
        name = quoted(self.name)
        if self.stored == "BLOB":
            return f"unhex(substr({name}, 3)) AS {name}"
        return f"{name}::{self.stored} AS {name}"

    @property
    def from_file(self) -> str:
        """DuckDB's SQL to PostgreSQL's spelling."""
        name = quoted(self.name)
        if self.stored == "BLOB":
            return f"'\\x' || lower(hex({name}))"
        if self.stored == "BOOLEAN":
            return f"CASE WHEN {name} THEN 't' WHEN NOT {name} THEN 'f' END"
        return f"{name}::VARCHAR"

    def as_mapping(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self) | {"stored": self.stored}


def quoted(name: str) -> str:
    """An identifier for either database."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def columns_of(cursor: Any, relation: str, left_out: Collection[str] = ()) -> list[Column]:
    """The columns of a table, in their order, without those that are left out. `relation` is quoted and qualified."""
    cursor.execute(
        """
        SELECT a.attname, format_type(a.atttypid, NULL), a.attgenerated <> ''
        FROM pg_attribute a
        WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
        """,
        [relation],
    )
    return [Column(*row) for row in cursor.fetchall() if row[0] not in left_out]


def spell_alike(cursor: Any) -> None:
    """For the rest of the transaction, PostgreSQL spells values as files expect."""
    calls = ", ".join(["set_config(%s, %s, true)"] * len(SPELLING))
    cursor.execute(f"SELECT {calls}", [part for pair in SPELLING.items() for part in pair])
