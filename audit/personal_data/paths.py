"""From a row to whose it is: paths of foreign keys and conditions, as SQL."""

from itertools import count
from typing import Any

from django.db.models import Field, Model

from audit.personal_data.declarations import PERSON, ROW


def column_of(model: type[Model], name: str) -> str:
    """The column of a field. Raises FieldDoesNotExist."""
    field: Any = model._meta.get_field(name)
    return str(field.column)


def key_of(model: type[Model]) -> str:
    """The column of the primary key."""
    key: Any = model._meta.pk
    return str(key.column)


def first_field(path: str) -> str:
    """The field of the row with which a path begins; empty for SQL."""
    return "" if ROW in path else path.partition("__")[0]


def condition(model: type[Model], path: str, *, row: str = "t", person: str = "$1") -> str:
    """SQL that is true for the rows of `person`, of a table called `row`. Raises FieldDoesNotExist.

    Steps become nested `IN`, so that PostgreSQL begins at the person and follows the indexes of the foreign keys.
    """
    names = (f"s{number}" for number in count(1))
    return _condition(model, path, row, person, names)


def _condition(model: type[Model], path: str, row: str, person: str, names: Any) -> str:
    if path.startswith((ROW, "(")):
        return f"({path.replace(ROW, row).replace(PERSON, person)})"
    head, _, rest = path.partition("__")
    if not rest:
        return f"{row}.{column_of(model, head)} = {person}"
    field: Any = model._meta.get_field(head)
    name = next(names)
    above = _condition(field.related_model, rest, name, person, names)
    table, key = field.related_model._meta.db_table, key_of(field.related_model)
    return f"{row}.{field.column} IN (SELECT {name}.{key} FROM {table} {name} WHERE {above})"


def target(field: Field) -> type[Model] | None:
    """The model at which a foreign key points, None for every other field."""
    related = getattr(field, "related_model", None) if field.remote_field else None
    return related if isinstance(related, type) else None
