"""The first migration of an app, in the order in which a person would write it.

Django's autodetector creates tables in the order of their names and adds foreign keys to them afterwards, each an
ALTER of a table that was made a moment before. Here a table comes after those it points at, with its keys inside
CREATE TABLE and its columns in the order of the model; and nothing waits long for a lock.
"""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from itertools import groupby

from django.apps import apps
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.optimizer import MigrationOptimizer
from pgtrigger.migrations import AddTrigger

from core.db.operations import AddTriggers, CreateTables, SetLockTimeout, SetStatementTimeout

AFTERWARDS = (AddField, AddIndex, AddConstraint, AddTrigger)


def arrange(migration: Migration) -> None:
    """Put the operations of an initial migration in order, in place; others are left as they are.

    Leaves alone what holds operations of other kinds, or tables that point at one another in a circle.
    """
    operations = list(migration.operations)
    tables = [operation for operation in operations if isinstance(operation, CreateModel)]
    rest = [operation for operation in operations if not isinstance(operation, CreateModel)]
    if not migration.initial or not all(isinstance(operation, AFTERWARDS) for operation in rest):
        return
    try:
        tables = _by_reference(migration.app_label, tables)
    except CycleError:
        return
    folded = MigrationOptimizer().optimize(_each_with_its_own(tables, rest), migration.app_label)
    for table in folded:
        if isinstance(table, CreateModel):
            _by_model(migration.app_label, table)
    arranged = _together(folded)
    triggers = [
        (operation.model_name, operation.trigger) for operation in rest if isinstance(operation, AddTrigger)
    ]
    if triggers:
        arranged.append(AddTriggers(triggers))
    migration.operations = [SetLockTimeout("2s"), SetStatementTimeout("1min"), *arranged]  # type: ignore[misc]


def _each_with_its_own(tables: Iterable[CreateModel], rest: Iterable[Operation]) -> list[Operation]:
    """Each table, then its keys, indexes and constraints: side by side, the optimizer makes one operation of them.

    Every operation that stays renders all models anew that are tied to its own; hundreds of them take minutes.
    """
    found: list[Operation] = []
    for table in tables:
        found.append(table)
        for kind in (AddField, AddIndex, AddConstraint):
            found += [
                operation
                for operation in rest
                if isinstance(operation, kind) and operation.model_name.lower() == table.name_lower
            ]
    return found


def _together(operations: Iterable[Operation]) -> list[Operation]:
    """Tables that follow one another, in one operation; what could not be folded into a table stays as it is."""
    found: list[Operation] = []
    for is_table, run in groupby(operations, key=lambda operation: isinstance(operation, CreateModel)):
        if is_table:
            found.append(CreateTables(list(run)))  # type: ignore[arg-type]
        else:
            found.extend(run)
    return found


def _by_reference(app_label: str, tables: Iterable[CreateModel]) -> list[CreateModel]:
    made = {table.name_lower: table for table in tables}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in made:
        model = apps.get_model(app_label, name)
        targets = {
            field.related_model._meta.model_name
            for field in model._meta.local_fields
            if field.related_model and field.related_model._meta.app_label == app_label  # type: ignore[union-attr]
        }
        sorter.add(name, *sorted((targets & set(made)) - {name}))
    return [made[name] for name in sorter.static_order()]


def _by_model(app_label: str, table: Operation) -> None:
    order = [field.name for field in apps.get_model(app_label, table.name)._meta.local_fields]  # type: ignore[attr-defined]
    table.fields.sort(key=lambda named: order.index(named[0]))  # type: ignore[attr-defined]
