"""Functions of the schema, made by migrations.

Every function has a fixed search_path, a comment, and no right for PUBLIC; who may execute it is declared in
the `FUNCTIONS` of its app's `access.py`. Its text stands in the migration, so that a landed one never changes.
"""

from typing import Any, Literal

from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

from core.db.names import MAX_BYTES, PATTERN
from core.db.provisioning_sql import SCHEMAS
from core.db.triggers import SEARCH_PATH

QUOTE = "$function$"

Language = Literal["plpgsql", "sql"]
Volatility = Literal["volatile", "stable", "immutable"]


class CreateFunction(Operation):
    """Create a function, or give one a new text.

    `name` may begin with a schema of the project (`crypt.enc`). `arguments` and `returns` are as in SQL. `body` is
    what stands between the dollar quotes. `definer` runs it with the owner's rights: then it checks for itself who
    calls. `settings` are those of PostgreSQL under which it runs, as of a trigger. A later migration that changes a
    function passes the old one as `previous`, which comes back when the migration is undone.

    Raises ValueError for a name that needs quoting or a body that ends its own quotes. Functions are not
    overloaded: a second one of the same name is refused by PostgreSQL when it is commented.
    """

    name: str

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(
        self,
        name: str,
        arguments: str,
        returns: str,
        body: str,
        *,
        comment: str,
        language: Language = "plpgsql",
        definer: bool = False,
        volatility: Volatility = "volatile",
        strict: bool = False,
        settings: tuple[tuple[str, str], ...] = (),
        previous: "CreateFunction | None" = None,
    ) -> None:
        schema, _, bare = name.rpartition(".")
        if not PATTERN.fullmatch(bare) or len(bare.encode()) > MAX_BYTES or schema not in {"", *SCHEMAS}:
            raise ValueError(f"{name!r} is no name of the house for a function.")
        if QUOTE in body:
            raise ValueError(f"The body of {name} contains {QUOTE}, which would end it.")
        if not comment.strip():
            raise ValueError(f"The function {name} needs a comment.")
        if previous is not None and previous.name != name:
            raise ValueError(f"{name} cannot follow {previous.name}: a function keeps its name.")
        self.name, self.arguments, self.returns, self.body = name, arguments, returns, body
        self.comment, self.language, self.definer = comment, language, definer
        self.volatility, self.strict, self.previous = volatility, strict, previous
        self.settings = settings

    @property
    def create_sql(self) -> str:
        """The statement that creates the function or replaces its text."""
        return " ".join(
            part
            for part in (
                f"CREATE OR REPLACE FUNCTION {self.name}({self.arguments}) RETURNS {self.returns}",
                f"LANGUAGE {self.language} {self.volatility.upper()}",
                "STRICT" if self.strict else "",
                "SECURITY DEFINER" if self.definer else "SECURITY INVOKER",
                *(f"SET {name} = {value}" for name, value in self.settings),
                f"SET search_path = {SEARCH_PATH} AS {QUOTE}{self.body}{QUOTE}",
            )
            if part
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Functions are not part of the state of models."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._install(schema_editor, self, instead_of=self.previous)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self.previous is None:
            schema_editor.execute(f"DROP FUNCTION {self.name}", None)
        else:
            self._install(schema_editor, self.previous, instead_of=self)

    @staticmethod
    def _install(schema_editor: Any, function: "CreateFunction", instead_of: "CreateFunction | None") -> None:
        """Replacing keeps the grants; another signature is another function, so the old one goes first."""
        shape = (function.arguments, function.returns)
        if instead_of is not None and shape != (instead_of.arguments, instead_of.returns):
            schema_editor.execute(f"DROP FUNCTION {function.name}", None)
        schema_editor.execute(function.create_sql, None)
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {function.name} FROM PUBLIC", None)
        comment = schema_editor.quote_value(function.comment)
        schema_editor.execute(f"COMMENT ON FUNCTION {function.name} IS {comment}", None)

    def describe(self) -> str:
        return f"{'Replace' if self.previous else 'Create'} function {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        return f"function_{self.name.replace('.', '_')}"
