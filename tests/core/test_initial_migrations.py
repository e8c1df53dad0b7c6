"""Initial migrations read as a person would have written them."""

from importlib import import_module

import pytest
from django.db.migrations import AddConstraint, AddField, AddIndex, Migration

from core.db.initial_migrations import arrange
from core.db.operations import AddTriggers, CreateTables, SetLockTimeout, SetStatementTimeout


@pytest.mark.parametrize(
    "module",
    [
        "accounts.migrations.0001_people",
        "audit.migrations.0001_oversight",
        "core.migrations.0001_submissions",
    ],
)
def test_keys_stand_inside_create_table_and_time_outs_come_first(module: str) -> None:
    operations = import_module(module).Migration.operations
    assert isinstance(operations[0], SetLockTimeout)
    assert not any(isinstance(operation, AddField | AddConstraint | AddIndex) for operation in operations)


def test_tables_are_one_operation_and_triggers_another() -> None:
    operations = import_module("accounts.migrations.0001_people").Migration.operations
    kinds = [SetLockTimeout, SetStatementTimeout, CreateTables, AddTriggers]
    assert [type(operation) for operation in operations] == kinds


def test_people_come_first_and_columns_follow_the_model() -> None:
    operations = import_module("accounts.migrations.0001_people").Migration.operations
    (tables,) = [operation.tables for operation in operations if isinstance(operation, CreateTables)]
    names = [table.name for table in tables]
    assert names.index("User") < min(names.index("Restriction"), names.index("RoleGrant"))
    restriction = next(table for table in tables if table.name == "Restriction")
    assert [name for name, _ in restriction.fields][:7] == [
        "id",
        "created_at",
        "updated_at",
        "version",
        "valid",
        "user",
        "kind",
    ]


def test_a_later_migration_is_left_as_it_is() -> None:
    later = Migration("0002_later", "accounts")
    later.initial = False
    later.operations = [AddField("user", "shoe_size", None)]
    arrange(later)
    assert [type(operation) for operation in later.operations] == [AddField]
