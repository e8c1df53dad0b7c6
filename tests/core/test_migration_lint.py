"""squawk reads the SQL of migrations before a database does."""

import io
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import migrations

from core.db.operations import SetLockTimeout, SetStatementTimeout
from core.management.commands.lint_migration_sql import Command

pytestmark = pytest.mark.django_db


class Careless(migrations.Migration):
    """What nobody should do to a table that is in use."""

    operations = [migrations.RunSQL("ALTER TABLE accounts_user ADD COLUMN shoe_size int NOT NULL")]


class Careful(migrations.Migration):
    """The expand step of the same."""

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RunSQL("ALTER TABLE accounts_user ADD COLUMN shoe_size bigint"),
    ]


@pytest.fixture
def sql() -> Iterator[dict[str, str]]:
    """What `sqlmigrate` would print, by name of the migration."""
    texts: dict[str, str] = {}
    with patch("core.management.commands.lint_migration_sql.call_command") as called:
        called.side_effect = lambda command, app, name, stdout, **_: stdout.write(texts[name])
        yield texts


def _text(migration: type[migrations.Migration]) -> str:
    lines = []
    for operation in migration.operations:
        if isinstance(operation, migrations.RunSQL):
            lines.append(f"{operation.sql};")
        else:
            lines.append(f"SET LOCAL {operation.setting} = '{operation.duration}';")
    return "\n".join(["BEGIN;", *lines, "COMMIT;"])


def _lint(migration: type[migrations.Migration], name: str, sql: dict[str, str]) -> str:
    sql[name] = _text(migration)
    output = io.StringIO()
    with patch.object(Command, "_migrations", return_value=[migration(name, "accounts")]):
        call_command("lint_migration_sql", stdout=output)
    return output.getvalue()


def test_a_careless_migration_is_named(sql: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="accounts.0099_careless"):
        _lint(Careless, "0099_careless", sql)


def test_a_careful_one_passes(sql: dict[str, str]) -> None:
    assert "no objection" in _lint(Careful, "0099_careful", sql)


def test_the_migrations_of_the_house_pass() -> None:
    output = io.StringIO()
    call_command("lint_migration_sql", stdout=output)
    assert "no objection" in output.getvalue()


def test_an_unknown_revision_is_named() -> None:
    with pytest.raises(CommandError, match="no-such-revision"):
        call_command("lint_migration_sql", since="no-such-revision")
