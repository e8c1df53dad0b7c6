"""Row-level security, declared on the model beside the other constraints.

A model that declares one `Policy` gets row-level security enabled and FORCEd, and a generated policy
`<table>_owner_all` so that migrations, maintenance and back-ups by the owner still see every row.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models.constraints import BaseConstraint

from core.db.constraints import TABLE
from core.db.roles import Role

ALL = "true"
"""Every row."""

ME = "(select nullif(current_setting('app.user_id', true), '')::uuid)"
"""The signed-in user of this transaction, null without one. The sub-select runs once per query; the setting
is '' rather than NULL after the first transaction of a connection."""

SOMEBODY = f"{ME} IS NOT NULL"
"""Any row, for a person: what staff write is written by somebody."""

COMMANDS = ("select", "insert", "update", "delete", "all")


class _SecurityConstraint(BaseConstraint):
    """What policies share: they go through AddConstraint and RemoveConstraint and validate nothing in Python."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> None:  # type: ignore[override]
        """Called inside CREATE TABLE, where a policy cannot stand: it follows when the table exists."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def validate(self, *args: Any, **options: Any) -> None:
        """Policies are PostgreSQL's to apply."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.deconstruct() == other.deconstruct()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Policy(_SecurityConstraint):
    """Which rows a role may select, insert, update or delete.

    `using` filters rows that exist, `check` the rows written; both are SQL over the table's columns. For
    insert only `check` counts; for update `check` defaults to `using`, as in PostgreSQL.
    """

    def __init__(
        self, *, role: str, command: str, using: str = "", check: str = "", name: str = "", **options: Any
    ) -> None:
        if command not in COMMANDS:
            raise ValueError(f"A policy is for one of {COMMANDS}, not {command!r}.")
        if command == "insert" and (using or not check):
            raise ValueError("An insert policy has `check` and no `using`.")
        if command != "insert" and not using:
            raise ValueError(f"A policy for {command} needs `using`.")
        self.role, self.command, self.using, self.check_rows = Role(role), command, using, check
        super().__init__(name=name or f"{TABLE}_{self.role.short}_{command}", **options)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"role": self.role.value, "command": self.command}
        if self.using:
            kwargs["using"] = self.using
        if self.check_rows:
            kwargs["check"] = self.check_rows
        return path, args, kwargs

    @property
    def words(self) -> str:
        """The policy as a sentence for people who read the catalog."""
        verb = "do anything with" if self.command == "all" else self.command
        condition = self.using or self.check_rows
        return f"{self.role.value} may {verb} " + (
            "every row." if condition == ALL else f"rows where {condition}."
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.name)
        sql = f"CREATE POLICY {name} ON {table} FOR {self.command.upper()} TO {self.role.value}"
        if self.using:
            sql += f" USING ({self.using})"
        if self.check_rows:
            sql += f" WITH CHECK ({self.check_rows})"
        return f"{sql}; COMMENT ON POLICY {name} ON {table} IS {schema_editor.quote_value(self.words)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table}"


class OwnerPolicy(_SecurityConstraint):
    """Switches row-level security on, forces it, and leaves the owner every row.

    FORCE without this policy blinds the owner too: updates hit no row, definer functions count nothing and
    dumps come out short. The kernel adds it; nobody declares it.
    """

    def __init__(self, *, name: str = f"{TABLE}_owner_all", **options: Any) -> None:
        super().__init__(name=name, **options)

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table, name = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(self.name)
        owner = Role.OWNER.value
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; "
            f"CREATE POLICY {name} ON {table} TO {owner} USING (true) WITH CHECK (true); "
            f"COMMENT ON POLICY {name} ON {table} IS 'The owner migrates, maintains and backs up every row.'"
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return (
            f"DROP POLICY {schema_editor.quote_name(self.name)} ON {table}; "
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


def policies(*roles: Role, command: str, using: str = "", check: str = "") -> list[Policy]:
    """The same policy for several roles, one each, so that every name says whom it is about."""
    return [Policy(role=role, command=command, using=using, check=check) for role in roles]
