"""The map as SQL: one query per table, which the database keeps and runs for a request that is being answered."""

from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Field

from audit.personal_data.declarations import PERSON, ROW, Way
from audit.personal_data.map import PersonalTable
from core.encryption.fields import EncryptedField, SealedField

RELATION = "{relation}"
"""In a query: the table, or one of its partitions that has left it."""

STAND_IN = (
    "CASE WHEN {column} = $1 THEN {column}::text WHEN {column} IS NOT NULL THEN "
    "'person-' || left(encode(sha256(convert_to($2 || {column}::text, 'UTF8')), 'hex'), 20) END"
)
"""Another person: the same stand-in throughout an archive, and another one in the next; the person's own id stays."""


def names_somebody(field: Field) -> bool:
    """Whether the column names an account. Performers are named as they appear to the public."""
    options = getattr(getattr(field.remote_field, "model", None), "_meta", None)
    return field.name == "history_user_id" or (
        options is not None and options.label == settings.AUTH_USER_MODEL
    )


def expression(field: Any, way: Way) -> str:
    """SQL of what is handed out of a column, for a table called t."""
    column = f"t.{field.column}"
    if field.name in way.shown:
        return way.shown[field.name].replace(ROW, "t").replace(PERSON, "$1")
    if isinstance(field, SealedField):
        return f"crypt.open({column})"
    if isinstance(field, EncryptedField):
        return f"crypt.dec({column})"
    if isinstance(field, BinaryField):
        return f"encode({column}, 'hex')"
    if names_somebody(field):
        return STAND_IN.format(column=column)
    return column


def query(table: PersonalTable, *, provided_only: bool) -> str:
    """All rows of the person $1 as JSON, each once; $2 makes the stand-ins. Empty where nothing was provided."""
    parts = []
    before: list[str] = []
    for way in table.ways:
        where = table.condition(way)
        fields = table.provided_fields(way) if provided_only else table.given_fields(way)
        if fields:
            columns = ", ".join(f"{expression(field, way)} AS {field.column}" for field in fields)
            conditions = " AND ".join([where, *(f"({earlier}) IS NOT TRUE" for earlier in before)])
            parts.append(
                "SELECT row_to_json(r)::text AS line "
                f"FROM (SELECT {columns} FROM {RELATION} AS t WHERE {conditions}) AS r"
            )
        before.append(where)
    return "\nUNION ALL\n".join(parts)
