"""Indexes that name the query they serve; the sentence becomes the index's comment in the catalog."""

from typing import Any

from django.contrib.postgres import indexes as postgres
from django.db.backends.ddl_references import Statement
from django.db.models import Index

from core.db.constraints import TABLE


class _Serves:
    """Adds `serves`: which query uses this index, as `<module or page>: <question>`."""

    serves: str

    def __init__(self, *expressions: Any, serves: str, name: str = "", **options: Any) -> None:
        self.serves = serves
        fields = [field.lstrip("-") for field in options.get("fields", ())]
        if not name:
            if not fields:
                raise ValueError("An index over expressions needs a name.")
            name = f"{TABLE}_{'_'.join(fields)}_idx"
        super().__init__(*expressions, name=name, **options)  # type: ignore[call-arg]

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        _, expressions, options = super().deconstruct()  # type: ignore[misc]
        return f"core.db.indexes.{type(self).__name__}", expressions, {**options, "serves": self.serves}

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **options: Any) -> Statement:
        statement = super().create_sql(model, schema_editor, using=using, **options)  # type: ignore[misc]
        if options.get("concurrently"):
            return statement
        statement.template = f"{statement.template}; COMMENT ON INDEX %(name)s IS %(serves)s"
        statement.parts["serves"] = schema_editor.quote_value(self.serves)
        return statement


class BTree(_Serves, Index):
    """PostgreSQL's default: equality, order, ranges."""


class Gin(_Serves, postgres.GinIndex):
    """Many values in a row: trigrams, documents, arrays."""


class Gist(_Serves, postgres.GistIndex):
    """Ranges and their overlaps."""


class Brin(_Serves, postgres.BrinIndex):
    """Very large tables in physical order."""
