"""Partitions leave without stopping their table, whatever interrupts them on the way."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from core.db.partitions import detach, patience
from core.db.partitions.catalog import find_partitions, find_table
from core.db.partitions.detach import detach_partition, finish_detaches
from core.db.partitions.errors import PartitionError
from core.db.partitions.maintenance import maintain
from core.db.partitions.manager import ensure_partitions
from core.models.identity import uuid7_derived
from tests.core.partitions import archived, month, present
from tests.kernel.models import Place, Reading

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]


def old():
    return [name for name in present(Reading) if "_p2020_" in name]


def value(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def five_months():
    """The first five months of 2020, each with a reading."""
    ensure_partitions(Reading, month(1), month(6))
    place = Place.objects.create(name="A place")
    Reading.objects.bulk_create(
        Reading(id=uuid7_derived(month(number), "x"), place=place, level=number) for number in range(1, 6)
    )


@pytest.fixture
def second(transactional_db):
    """Another connection to the same database."""
    other = connection.copy()
    yield other
    other.close()


def test_a_detached_partition_keeps_its_rows_and_nothing_that_binds_or_opens_it():
    with connection.cursor() as cursor:
        cursor.execute("grant select, insert on kernel_reading_p2020_01 to vbl_moderator, public")
        cursor.execute("grant update (level) on kernel_reading_p2020_01 to vbl_viewer")
    comment = value("select obj_description('kernel_reading_p2020_01'::regclass, 'pg_class')")
    detach_partition(Reading, "kernel_reading_p2020_01")
    table = "archive.kernel_reading_p2020_01"
    assert archived() == ["kernel_reading_p2020_01"]
    assert value(f"select level from {table}") == 1
    assert value(f"select obj_description('{table}'::regclass, 'pg_class')") == comment
    assert (
        value(f"select count(*) from pg_constraint where conrelid = '{table}'::regclass and contype = 'f'")
        == 0
    )
    assert value(f"select count(*) from pg_trigger where tgrelid = '{table}'::regclass") == 0
    assert value(
        f"select relrowsecurity and relforcerowsecurity from pg_class where oid = '{table}'::regclass"
    )
    for role in ("vbl_moderator", "vbl_viewer", "vbl_app"):
        for right in ("select", "insert", "update", "delete"):
            assert not value("select has_table_privilege(%s, %s, %s)", role, table, right)
        assert not value("select has_any_column_privilege(%s, %s, 'update')", role, table)
    assert Reading.objects.filter(level=1).count() == 0


def test_a_gap_hides_nothing_from_the_command():
    detach_partition(Reading, "kernel_reading_p2020_03")
    assert old() == [f"kernel_reading_p2020_0{number}" for number in (1, 2, 4, 5)]
    out = io.StringIO()
    arguments = ["partitions_detach", "--model", "kernel.Reading", "--before", "2020-05-31"]
    call_command(*arguments, "--dry-run", stdout=out)
    assert out.getvalue().splitlines()[-1] == "detached: 0 of 3"
    assert len(old()) == 4
    call_command(*arguments, stdout=out)
    assert out.getvalue().splitlines()[-1] == "detached: 3 of 3"
    assert old() == ["kernel_reading_p2020_05"], "only what lies wholly before the date"
    assert archived() == [f"kernel_reading_p2020_0{number}" for number in (1, 2, 3, 4)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "before", "message"),
    [
        ("kernel.Nobody", "2020-01-01", "no model"),
        ("nonsense", "2020-01-01", "no model"),
        ("kernel.Place", "2020-01-01", "kernel.Place is not partitioned"),
        ("kernel.Reading", "2020-13-01", "not a day like"),
        ("kernel.Reading", "1969-01-01", "before 1970"),
        ("kernel.Reading", "2999-01-01", "lies ahead"),
    ],
)
def test_the_command_says_what_is_wrong(model, before, message):
    with pytest.raises(CommandError, match=message):
        call_command("partitions_detach", "--model", model, "--before", before)


def test_detaching_refuses_what_cannot_be():
    with pytest.raises(PartitionError, match="no_such is not a partition of kernel_reading"):
        detach_partition(Reading, "no_such")
    with transaction.atomic(), pytest.raises(PartitionError, match="outside any transaction"):
        detach_partition(Reading, "kernel_reading_p2020_01")
    with connection.cursor() as cursor:
        cursor.execute("set role vbl_app")
        try:
            with pytest.raises(PartitionError, match="Only vbl_owner"):
                detach_partition(Reading, "kernel_reading_p2020_01")
        finally:
            cursor.execute("set role vbl_owner")


def test_a_reader_that_never_ends_leaves_a_detachment_to_be_finished(second, monkeypatch):
    monkeypatch.setattr(detach, "READERS_MAY_TAKE", "100ms")
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.05)
    timeouts = [value("select current_setting(%s)", name) for name in ("lock_timeout", "statement_timeout")]
    with second.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("select count(*) from kernel_reading")
        with pytest.raises(PartitionError, match="partitions_maintain later"):
            detach_partition(Reading, "kernel_reading_p2020_02")
        (pending,) = [
            there
            for there in find_partitions(connection, find_table(connection, Reading))
            if there.detach_pending
        ]
        assert pending.name == "kernel_reading_p2020_02"
        assert Reading.objects.count() == 4, "its rows are gone from view, the others are read as before"
        out = io.StringIO()
        call_command("partitions_maintain", dry_run=True, stdout=out)
        assert "would archive kernel_reading_p2020_02" in out.getvalue()
        cursor.execute("rollback")
    assert [
        value("select current_setting(%s)", name) for name in ("lock_timeout", "statement_timeout")
    ] == timeouts
    out = io.StringIO()
    call_command("partitions_maintain", stdout=out)
    assert "archived kernel_reading_p2020_02" in out.getvalue()
    assert archived() == ["kernel_reading_p2020_02"]
    assert value("select count(*) from pg_inherits where inhdetachpending") == 0


def test_a_cancelled_detachment_is_finished_before_the_next(second):
    with second.cursor() as reader, connection.cursor() as cursor:
        reader.execute("begin")
        reader.execute("select count(*) from kernel_reading")
        cursor.execute("set statement_timeout = '200ms'")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("alter table kernel_reading detach partition kernel_reading_p2020_04 concurrently")
        cursor.execute("reset statement_timeout")
        reader.execute("rollback")
    detach_partition(Reading, "kernel_reading_p2020_01")
    assert archived() == ["kernel_reading_p2020_01", "kernel_reading_p2020_04"]


def test_a_table_detached_but_not_yet_moved_is_moved():
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_reading detach partition kernel_reading_p2020_04 concurrently")
    (done,) = maintain([Reading])
    assert done.finished == ["kernel_reading_p2020_04"]
    assert done.problems == []
    assert archived() == ["kernel_reading_p2020_04"]
    assert finish_detaches(Reading) == []


def test_a_name_taken_in_the_archive_is_reported_and_nothing_is_lost():
    with connection.cursor() as cursor:
        cursor.execute("create table archive.kernel_reading_p2020_04 ()")
    with pytest.raises(PartitionError, match=r"archive\.kernel_reading_p2020_04 already exists"):
        detach_partition(Reading, "kernel_reading_p2020_04")
    assert value("select level from kernel_reading_p2020_04") == 4
    (done,) = maintain([Reading])
    assert "already exists" in done.problems[0]


def test_a_table_that_only_looks_like_a_partition_stays():
    with connection.cursor() as cursor:
        cursor.execute(
            "create table kernel_reading_p2020_09 (); comment on table kernel_reading_p2020_09 is 'Mine'"
        )
    assert finish_detaches(Reading) == []
    assert archived() == []
