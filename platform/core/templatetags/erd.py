"""Filters of the ERD's theme: tables and columns as PostgreSQL names them."""

from typing import Any

from django import template
from django.db import connection, models

register = template.Library()

SHORT_TYPES = {"timestamp with time zone": "timestamptz", "boolean": "bool", "double precision": "float8"}


@register.filter
def erd_column(field: models.Field) -> str:
    """The column of a field."""
    return str(field.column)


@register.filter
def erd_type(field: models.Field) -> str:
    """The column's type, short, with a question mark where it may be null."""
    name = field.db_parameters(connection)["type"] or ""
    if name.startswith("varchar"):
        name = "varchar"
    return SHORT_TYPES.get(name, name) + ("?" if field.null else "")


@register.filter
def erd_key(field: models.Field) -> str:
    """PK, FK, U (unique) or nothing."""
    if field.primary_key:
        return "PK"
    if field.remote_field:
        return "FK"
    return "U" if field.unique else ""


@register.filter
def erd_table(fields: list[dict[str, Any]]) -> str:
    """The table to which the fields of a node belong."""
    return str(fields[0]["field"].model._meta.db_table) if fields else ""
