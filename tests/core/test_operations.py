"""Time-outs in migrations."""

import pytest
from django.db import connection
from django.db.migrations.state import ProjectState

from core.db.operations import SetLockTimeout, SetStatementTimeout

pytestmark = pytest.mark.django_db


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("operation", "setting"),
    [(SetLockTimeout("250ms"), "lock_timeout"), (SetStatementTimeout("250ms"), "statement_timeout")],
)
def test_it_holds_until_the_transaction_ends(operation: SetLockTimeout, setting: str) -> None:
    state = ProjectState()
    with connection.schema_editor() as editor:
        operation.database_forwards("accounts", editor, state, state)
        assert _setting(setting) == "250ms"
        operation.database_backwards("accounts", editor, state, state)
    assert _setting(setting) == "250ms"  # still inside the test's own transaction


def test_it_shows_in_sqlmigrate_and_is_written_into_migrations() -> None:
    operation, state = SetLockTimeout("2s"), ProjectState()
    with connection.schema_editor(collect_sql=True) as editor:
        operation.database_forwards("accounts", editor, state, state)
    assert any("SET LOCAL lock_timeout = '2s'" in line for line in editor.collected_sql)
    name, args, kwargs = operation.deconstruct()
    assert SetLockTimeout(*args, **kwargs).duration == "2s"
    assert (name, operation.describe()) == ("SetLockTimeout", "Wait for a lock at most 2s")


@pytest.mark.parametrize("duration", ["2", "0s", "2 s", "2s'; DROP TABLE accounts_user; --", ""])
def test_only_a_duration_is_taken(duration: str) -> None:
    with pytest.raises(ValueError, match="500ms, 2s or 5min"):
        SetLockTimeout(duration)


def test_outside_of_a_transaction_it_would_do_nothing_and_says_so() -> None:
    state = ProjectState()
    with (
        connection.schema_editor(atomic=False) as editor,
        pytest.raises(ValueError, match="needs a transaction"),
    ):
        SetLockTimeout("2s").database_forwards("accounts", editor, state, state)
