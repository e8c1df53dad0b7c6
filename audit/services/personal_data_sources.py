"""The map of personal data, copied into the database after each `migrate`."""

import json

from django.db import connections

from audit.archive_choices import SourceTreatment
from audit.personal_data.declarations import Given, Withheld
from audit.personal_data.map import PersonalTable, personal_tables
from audit.personal_data.queries import query

COLUMNS = (
    "treatment",
    "why",
    "ways",
    "columns_given",
    "columns_withheld",
    "access_query",
    "portability_query",
)

COPY = f"""
INSERT INTO audit_personaldatasource (id, source_table, {", ".join(COLUMNS)})
VALUES (uuidv7(), %s, %s, %s, %s::text[], %s::text[], %s::jsonb, %s, %s)
ON CONFLICT (source_table) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
WHERE ROW({", ".join(f"audit_personaldatasource.{name}" for name in COLUMNS)})
  IS DISTINCT FROM ROW({", ".join(f"excluded.{name}" for name in COLUMNS)})
"""


def described(table: PersonalTable) -> tuple[str, str, str, list[str], list[str], str, str, str]:
    """The row of a table."""
    if not isinstance(table.decision, Given):
        treatment = (
            SourceTreatment.WITHHELD if isinstance(table.decision, Withheld) else SourceTreatment.NOBODYS
        )
        return table.table, treatment.value, table.decision.why, [], [], "{}", "", ""
    given = {str(field.column): None for way in table.ways for field in table.given_fields(way)}
    return (
        table.table,
        SourceTreatment.GIVEN.value,
        "",
        [way.path for way in table.ways],
        list(given),
        json.dumps(table.withheld_everywhere()),
        query(table, provided_only=False),
        query(table, provided_only=True),
    )


def personal_data_sources_copy(*, using: str = "default") -> int:
    """Make `audit_personaldatasource` say what the models and decisions say; returns how many rows changed.

    Does nothing before the table exists, nor for a role other than its owner. Tables that are gone lose their row.
    """
    tables, _ = personal_tables()
    by_table = {table.table: table for table in tables.values()}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(has_table_privilege(to_regclass('audit_personaldatasource'), 'INSERT'), false)"
        )
        if not cursor.fetchone()[0]:
            return 0
        changed = 0
        for _, table in sorted(by_table.items()):
            cursor.execute(COPY, list(described(table)))
            changed += cursor.rowcount
        cursor.execute(
            "DELETE FROM audit_personaldatasource WHERE source_table <> ALL (%s)", [list(by_table)]
        )
        return int(changed + cursor.rowcount)
