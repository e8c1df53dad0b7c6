"""Views, made by migrations: they read with the rights of whoever asks, and say what their columns mean."""

from collections.abc import Mapping
from typing import Any

from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

from core.db.names import MAX_BYTES, PATTERN


class CreateView(Operation):
    """Create a view over `query` with `security_invoker`, so that grants and policies of its tables hold.

    `columns` maps each column to its comment, in the order of the query. A later migration that changes the
    view passes the old one as `previous`, which comes back when the migration is undone.
    Raises ValueError for a name that needs quoting, and for a view or column without a comment.
    """

    name: str

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(
        self,
        name: str,
        query: str,
        *,
        comment: str,
        columns: Mapping[str, str],
        previous: "CreateView | None" = None,
    ) -> None:
        for identifier in (name, *columns):
            if not PATTERN.fullmatch(identifier) or len(identifier.encode()) > MAX_BYTES:
                raise ValueError(f"{identifier!r} is no name of the house.")
        silent = [column for column, words in columns.items() if not words.strip()]
        if silent or not comment.strip() or not columns:
            raise ValueError(f"The view {name} and each of its columns need a comment.")
        if previous is not None and previous.name != name:
            raise ValueError(f"{name} cannot follow {previous.name}: a view keeps its name.")
        self.name, self.query, self.comment = name, query, comment
        self.columns, self.previous = dict(columns), previous

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """A view is an unmanaged model; its own operation tells the state."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self.previous is not None:
            self._drop(schema_editor)
        self._create(schema_editor, self)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._drop(schema_editor)
        if self.previous is not None:
            self._create(schema_editor, self.previous)

    def _drop(self, schema_editor: Any) -> None:
        schema_editor.execute(f"DROP VIEW {self.name}", None)

    @staticmethod
    def _create(schema_editor: Any, view: "CreateView") -> None:
        columns = ", ".join(view.columns)
        schema_editor.execute(
            f"CREATE VIEW {view.name} ({columns}) WITH (security_invoker = true) AS {view.query}", None
        )
        words = schema_editor.quote_value(view.comment)
        schema_editor.execute(f"COMMENT ON VIEW {view.name} IS {words}", None)
        for column, comment in view.columns.items():
            words = schema_editor.quote_value(comment)
            schema_editor.execute(f"COMMENT ON COLUMN {view.name}.{column} IS {words}", None)

    def describe(self) -> str:
        return f"{'Replace' if self.previous else 'Create'} view {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        return f"view_{self.name}"
