"""Migrations of partitioned models: what is written, what it does to the database, and what is checked."""

import io

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands
from django.core.management.commands import makemigrations, migrate
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps
from psqlextra.backend.migrations import operations

from core.db.partitions.autodetector import partition_aware_migrations
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.partitions.catalog import find_partitions, find_table
from core.models.identity import Identified
from core.models.partitioned import Partitioned
from tests.kernel.models import Reading


def operations_between(old, new):
    with partition_aware_migrations():
        autodetector = makemigrations.Command.autodetector(old, new)
        changes = autodetector.changes(MigrationLoader(None).graph, trim_to_apps={"kernel"})
    return [operation for migration in changes["kernel"] for operation in migration.operations]


def state_of_models():
    with partition_aware_migrations():
        return ProjectState.from_apps(apps)


def value(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


def test_a_new_model_is_created_partitioned_with_its_trigger_and_without_a_default_partition():
    written = operations_between(ProjectState(), state_of_models())
    created = {
        operation.name: operation for operation in written if isinstance(operation, migrations.CreateModel)
    }
    assert isinstance(created["Reading"], operations.PostgresCreatePartitionedModel)
    assert created["Reading"].partitioning_options["key"] == ["id"]
    assert not isinstance(created["Place"], operations.PostgresCreatePartitionedModel)
    assert not any(isinstance(operation, operations.PostgresAddDefaultPartition) for operation in written)
    assert "20_append_only" in [getattr(getattr(each, "trigger", None), "name", "") for each in written]


def test_a_model_that_goes_is_deleted_partitioned():
    new = state_of_models()
    new.remove_model("kernel", "pulse")
    (deletion,) = operations_between(MigrationLoader(None).project_state(), new)
    assert isinstance(deletion, operations.PostgresDeletePartitionedModel)


@pytest.mark.django_db
def test_plain_commands_see_no_change_that_is_not_there():
    assert get_commands()["makemigrations"] == "core"
    call_command("makemigrations", "kernel", check_changes=True, dry_run=True, stdout=io.StringIO())
    out = io.StringIO()
    call_command("migrate", "kernel", stdout=out, no_color=True)
    assert "not yet reflected" not in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("command", [makemigrations, migrate])
def test_a_change_of_a_partitioned_model_is_seen(command):
    new = state_of_models()
    new.add_field("kernel", "reading", "note", models.TextField(null=True), preserve_default=True)
    old = MigrationLoader(connection).project_state()
    changes = command.Command.autodetector(old, new).changes(
        MigrationLoader(None).graph, trim_to_apps={"kernel"}
    )
    assert [type(each) for each in changes["kernel"][0].operations] == [migrations.AddField]


@pytest.mark.django_db
def test_a_column_added_later_reaches_every_partition_with_its_comment():
    old = MigrationLoader(connection).project_state()
    new = old.clone()
    addition = migrations.AddField("Reading", "note", models.TextField(default="", db_comment="In words."))
    addition.state_forwards("kernel", new)
    with connection.schema_editor() as editor:
        addition.database_forwards("kernel", editor, old, new)
    with connection.cursor() as cursor:
        cursor.execute(
            "select attrelid from pg_attribute where attname = 'note' and attrelid in"
            " (select inhrelid from pg_inherits where inhparent = 'kernel_reading'::regclass)"
        )
        found = cursor.fetchall()
    assert len(found) == len(find_partitions(connection, find_table(connection, Reading)))
    place_in_table = (
        "(select attnum from pg_attribute where attrelid = 'kernel_reading'::regclass and attname = 'note')"
    )
    assert value(f"select col_description('kernel_reading'::regclass, {place_in_table})") == "In words."


@pytest.mark.django_db
def test_the_table_keeps_its_names_and_comments():
    constraints = (
        "select array_agg(conname::text order by conname) from pg_constraint where conrelid = %s::regclass"
    )
    assert value(f"{constraints} and contype = 'p'", "kernel_reading") == ["kernel_reading_pkey"]
    assert value("select obj_description('kernel_reading'::regclass, 'pg_class')") == "Readings, for tests."
    silent = "select count(*) from pg_attribute where attrelid = %s::regclass and attnum > 0"
    assert value(f"{silent} and col_description(attrelid, attnum) is null", "kernel_reading") == 0
    assert value("select pg_get_partkeydef('kernel_reading'::regclass)") == "RANGE (id)"


@pytest.mark.django_db
def test_sqlmigrate_shows_the_whole_table():
    out = io.StringIO()
    call_command("sqlmigrate", "kernel", "0001", stdout=out, no_color=True)
    assert 'PARTITION BY RANGE ("id")' in out.getvalue()
    assert 'COMMENT ON TABLE "kernel_reading"' in out.getvalue()
    assert 'COMMENT ON COLUMN "kernel_reading"."level"' in out.getvalue()


@pytest.mark.django_db
def test_models_of_past_migrations_work():
    past = MigrationLoader(connection).project_state().apps.get_model("kernel", "Reading")
    assert past is not Reading
    assert isinstance(past._meta.pk, models.UUIDField)
    assert past.objects.count() == 0


@isolate_apps("tests.kernel")
def test_a_model_without_a_plan_or_with_too_long_a_name_is_reported():
    class Planless(Partitioned):
        class Meta:
            app_label = "kernel"

    class Long(Partitioned):
        partitions = PartitionPlan(every=Every.DAY)

        class Meta:
            app_label = "kernel"
            db_table = "kernel_" + "x" * 40

    assert [error.id for error in Planless.check() if error.id.startswith("core.E10")] == ["core.E101"]
    (error,) = [error for error in Long.check() if error.id.startswith("core.E10")]
    assert error.id == "core.E102"
    assert "_p9999_01_01_owner_all has more than 63 bytes" in error.msg


@isolate_apps("tests.kernel")
def test_a_foreign_key_of_the_database_into_a_partitioned_table_is_reported():
    class Target(Partitioned):
        partitions = PartitionPlan(every=Every.DAY)

        class Meta:
            app_label = "kernel"

    class Pointer(Identified):
        hard = models.ForeignKey(Target, models.PROTECT, related_name="+")
        soft = models.ForeignKey(Target, models.PROTECT, related_name="soft", db_constraint=False)

        class Meta:
            app_label = "kernel"

    errors = [error for error in Target.check() if error.id == "core.E103"]
    assert len(errors) == 1
    assert "kernel.Pointer.hard" in errors[0].msg


@pytest.mark.django_db
def test_migrating_back_and_forth_takes_the_partitions_along():
    before = [there.name for there in find_partitions(connection, find_table(connection, Reading))]
    call_command("migrate", "kernel", "zero", verbosity=0)
    assert value("select count(*) from pg_class where relname like 'kernel_reading%%'") == 0
    call_command("migrate", "kernel", verbosity=0)
    assert [there.name for there in find_partitions(connection, find_table(connection, Reading))] == before
