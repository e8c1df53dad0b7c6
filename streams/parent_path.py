"""The foreign key that holds the tree together: from a generated column, which Django has no field for."""

from collections.abc import Sequence
from typing import Any

from django.db.models.constraints import BaseConstraint

from core.db.constraints import TABLE


class ParentExists(BaseConstraint):
    """`column`, which PostgreSQL generates from the path, is the `path` of a row of the same table.

    A parent's path is shorter than its child's, so that what has a parent can be in no circle, and what has none is a
    root: no statement of whatever origin makes an orphan or a cycle. Deferred, since moving a branch rewrites its paths
    one after the other.
    """

    def __init__(self, *, column: str = "parent_path", name: str = "", **options: Any) -> None:
        self.column = column
        super().__init__(name=name or f"{TABLE}_{column}_fkey", **options)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column}

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """It refers to the unique path, whose index is made after CREATE TABLE; so this follows it."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        table = quote(model._meta.db_table)
        return (
            f"ALTER TABLE {table} ADD CONSTRAINT {quote(self.name)} FOREIGN KEY ({quote(self.column)}) "
            f"REFERENCES {table} (path) DEFERRABLE INITIALLY DEFERRED; "
            f"COMMENT ON CONSTRAINT {quote(self.name)} ON {table} IS "
            f"{schema_editor.quote_value(str(self.violation_error_message))}"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *args: Any, **options: Any) -> None:
        """A foreign key is PostgreSQL's to apply."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.deconstruct() == other.deconstruct()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.name))
