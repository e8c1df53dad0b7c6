"""Column types of PostgreSQL that Django has no field for."""

from typing import Any

from django.db import models


class CurrentTransaction(models.Func):
    """The number of the transaction that writes, of 64 bits: it never comes round again."""

    function = "pg_current_xact_id"
    arity = 0

    def __init__(self, *expressions: Any, **extra: Any) -> None:
        super().__init__(*expressions, output_field=TransactionIdField(), **extra)


class TransactionIdField(models.Field):
    """`xid8`: which transaction wrote a row. An int in Python, compared and ordered by PostgreSQL."""

    description = "Number of a transaction"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        # As text, since PostgreSQL has no cast from a number; an expression goes through as it is.
        return str(prepared) if isinstance(prepared, int) else prepared
