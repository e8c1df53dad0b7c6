"""Operations for migrations of the house."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import CreateModel
from pgtrigger.migrations import AddTrigger

DURATION = re.compile(r"^[1-9]\d*(ms|s|min)$")


class _SetTimeout(Operation):
    """Sets a time-out of PostgreSQL until the migration's transaction ends; changes no state."""

    reduces_to_sql = True
    reversible = True
    setting = ""
    words = ""

    def __init__(self, duration: str) -> None:
        if not DURATION.match(duration):
            raise ValueError(f"A duration is written as 500ms, 2s or 5min, not {duration!r}.")
        self.duration = duration

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing of the models changes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Write SET LOCAL. Raises ValueError in a migration that is not atomic, where it would do nothing."""
        if not schema_editor.atomic_migration and not schema_editor.collect_sql:
            raise ValueError(
                f"{type(self).__name__} needs a transaction. A migration with atomic = False waits for locks "
                "as long as its login allows."
            )
        schema_editor.execute(f"SET LOCAL {self.setting} = '{self.duration}'")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """The same; put the operation at both ends of a migration whose way back takes locks too."""
        self.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `migrate` and `sqlmigrate` print."""
        return f"{self.words} at most {self.duration}"


class SetLockTimeout(_SetTimeout):
    """Wait for each lock at most this long: `SetLockTimeout("2s")`, first in a migration of a busy table.

    A migration that waits for a lock stops everybody who comes after it. One that gives up can run again.
    """

    setting = "lock_timeout"
    words = "Wait for a lock"


class SetStatementTimeout(_SetTimeout):
    """Let each statement run at most this long: `SetStatementTimeout("5min")`."""

    setting = "statement_timeout"
    words = "Let a statement run"


class CreateTables(Operation):
    """New tables, in one operation: `CreateTables([CreateModel(...), ...])`, each after those that it points at.

    After each operation Django renders anew every model that is tied to the changed one, and nearly all are tied to
    people. Here models are rendered once, when all tables are known (docs/decisions/0026).
    """

    reduces_to_sql = True
    reversible = True
    serialization_expand_args = ["tables"]

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = list(tables)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The state knows all tables. What was rendered of it is forgotten, and rendered again when it is asked for."""
        state.__dict__.pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create them, in order."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop them, the last one first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `migrate` and `sqlmigrate` print."""
        return f"Create {len(self.tables)} tables"


class AddTriggers(Operation):
    """The triggers of new tables, in one operation: `AddTriggers([("user", CompiledTrigger(...)), ...])`.

    pgtrigger has one operation for each, after each of which Django renders every model that is tied to its own; with
    hundreds of triggers that takes minutes.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, triggers: Sequence[tuple[str, Any]]) -> None:
        self.triggers = [(model_name, trigger) for model_name, trigger in triggers]

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Each model's state knows its triggers, as after pgtrigger's own operation."""
        for model_name, trigger in self.triggers:
            options = state.models[app_label, model_name].options
            options["triggers"] = [*options.get("triggers", []), trigger]
        state.__dict__.pop("apps", None)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Install them, in order."""
        for model_name, trigger in self.triggers:
            AddTrigger(model_name, trigger).database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Remove them, the last one first."""
        for model_name, trigger in reversed(self.triggers):
            AddTrigger(model_name, trigger).database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `migrate` and `sqlmigrate` print."""
        return f"Create {len(self.triggers)} triggers"
