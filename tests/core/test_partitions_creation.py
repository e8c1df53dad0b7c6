"""Partitions are made where they are missing, by the owner, without stopping writers, by several at once."""

import io
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection, connections, transaction

from core.db.partitions import patience
from core.db.partitions.catalog import find_partitions, find_table
from core.db.partitions.checks import check_partitions_ahead
from core.db.partitions.errors import PartitionError
from core.db.partitions.maintenance import ahead_shortage, maintain
from core.db.partitions.manager import ensure_partitions
from core.db.partitions.receivers import create_partitions
from core.models.identity import uuid7_derived
from tests.kernel.models import Place, Pulse, Reading


def month(text):
    return datetime.fromisoformat(f"{text}-01").replace(tzinfo=UTC)


def present(model):
    return [there.name for there in find_partitions(connection, find_table(connection, model))]


def drop(*names):
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"drop table {name}")


@pytest.fixture
def second(transactional_db):
    """Another connection to the same database, outside the test's transaction."""
    other = connection.copy()
    yield other
    other.close()


@pytest.mark.django_db
def test_past_time_gets_partitions_on_request():
    made = ensure_partitions(Reading, month("2020-01"), month("2020-03"))
    assert made == ["kernel_reading_p2020_01", "kernel_reading_p2020_02"]
    assert ensure_partitions(Reading, month("2020-01"), month("2020-03")) == []
    reading = Reading.objects.create(
        id=uuid7_derived(month("2020-02"), "x"), place=Place.objects.create(name="A place")
    )
    assert reading.created_at == month("2020-02")
    with pytest.raises(ValueError, match="start and an end"):
        ensure_partitions(Reading, month("2020-01"))


@pytest.mark.django_db
def test_a_gap_is_found_by_bounds_and_filled():
    ensure_partitions(Reading, month("2020-01"), month("2020-06"))
    drop("kernel_reading_p2020_03")
    assert ensure_partitions(Reading, month("2020-01"), month("2020-06")) == ["kernel_reading_p2020_03"]
    bounds = find_partitions(connection, find_table(connection, Reading))[:5]
    assert all(one.upper == other.lower for one, other in pairwise(bounds))


@pytest.mark.django_db
def test_a_partition_by_another_name_counts():
    ensure_partitions(Reading, month("2020-01"), month("2020-02"))
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_reading_p2020_01 rename to kernel_reading_first")
    assert ensure_partitions(Reading, month("2020-01"), month("2020-02")) == []


@pytest.mark.django_db
def test_a_partition_of_another_cut_is_named(monkeypatch):
    day = datetime(2020, 1, 15, tzinfo=UTC)
    monkeypatch.setattr(Reading, "partitions", Pulse.partitions)
    ensure_partitions(Reading, day, day + timedelta(days=1))
    monkeypatch.undo()
    with pytest.raises(PartitionError, match="kernel_reading_p2020_01_15 already holds a part"):
        ensure_partitions(Reading, month("2020-01"), month("2020-02"))


@pytest.mark.django_db
def test_what_a_partition_has():
    with connection.cursor() as cursor:
        cursor.execute("alter default privileges in schema vbl grant select on tables to vbl_moderator")
    ensure_partitions(Reading, month("2020-01"), month("2020-02"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select relrowsecurity, relforcerowsecurity, obj_description(oid, 'pg_class'),
              (select array_agg(polname::text) from pg_policy where polrelid = c.oid),
              (select count(*) from pg_index where indrelid = c.oid),
              (select count(*) from pg_index where indrelid = 'kernel_reading'::regclass),
              (select array_agg(conname::text order by conname) from pg_constraint
               where conrelid = c.oid and contype in ('c', 'f')),
              (select count(*) from pg_attribute a where attrelid = c.oid and attnum > 0
               and col_description(c.oid, attnum) is null),
              (select count(*) from aclexplode(c.relacl) acl where acl.grantee <> c.relowner)
            from pg_class c where oid = 'kernel_reading_p2020_01'::regclass
            """
        )
        secured, forced, comment, policies, indexes, parents, constraints, silent, grants = cursor.fetchone()
    assert secured
    assert forced
    assert (
        comment == "Readings, for tests. Partition of kernel_reading: 2020-01-01 to before 2020-02-01 (UTC)."
    )
    assert policies == ["kernel_reading_p2020_01_owner_all"]
    assert indexes == parents
    assert constraints == [
        "kernel_reading_id_check", "kernel_reading_level_check", "kernel_reading_place_id_fkey",
    ]  # fmt: skip
    assert silent == 0
    assert grants == 0


@pytest.mark.django_db
def test_nobody_reads_a_partition_by_its_name():
    now = datetime.now(UTC)
    leaf = f"kernel_reading_p{now:%Y_%m}"
    Reading.objects.create(place=Place.objects.create(name="A place"))
    with connection.cursor() as cursor:
        cursor.execute("grant select on kernel_reading to vbl_moderator, vbl_viewer")
        for role, rows in (("vbl_moderator", 1), ("vbl_viewer", 0)):
            cursor.execute(f"set local role {role}")
            cursor.execute("select count(*) from kernel_reading")
            assert cursor.fetchone() == (rows,)
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(f"select count(*) from {leaf}")
            cursor.execute("set local role vbl_owner")
        cursor.execute(f"grant select on {leaf} to vbl_moderator")
        cursor.execute("set local role vbl_moderator")
        cursor.execute(f"select count(*) from {leaf}")
        assert cursor.fetchone() == (0,), "a grant by mistake shows nothing"
        cursor.execute("set local role vbl_owner")
        cursor.execute(f"select count(*) from {leaf}")
        assert cursor.fetchone() == (1,), "the owner still sees, backs up and archives"


@pytest.mark.django_db
def test_partitions_older_than_the_row_security_of_their_table_get_it():
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_pulse enable row level security")
    create_partitions(apps.get_app_config("kernel"), using="default")
    assert all(there.is_secured for there in find_partitions(connection, find_table(connection, Pulse)))


@pytest.mark.django_db
def test_only_the_owner_makes_partitions():
    drop(present(Pulse)[-1])
    with connection.cursor() as cursor:
        cursor.execute("set local role vbl_app")
    with pytest.raises(PartitionError, match="Only vbl_owner may change the partitions of kernel_pulse"):
        ensure_partitions(Pulse)
    before = present(Pulse)
    create_partitions(apps.get_app_config("kernel"), using="default")
    assert present(Pulse) == before


@pytest.mark.django_db
def test_too_few_ahead_is_an_alert_until_maintenance():
    ensure_partitions(Pulse)
    drop(*present(Pulse)[:-5])  # What is left of yesterday, where the day turned during the run.
    names = present(Pulse)
    drop(names[-1])
    assert ahead_shortage(Pulse) is None, "one to spare, for the turn of a day"
    drop(names[-2])
    (warning,) = check_partitions_ahead(None, databases=["default"])
    assert warning.msg == "kernel.Pulse: kernel_pulse has partitions for 2 days ahead, not 3."
    assert check_partitions_ahead(None, databases=None) == []
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 days ahead, not 3"):
        call_command("partitions_maintain", dry_run=True, stdout=out)
    assert f"would create {names[-1]}" in out.getvalue()
    assert present(Pulse) == names[:-2]
    drop(names[0])
    assert ahead_shortage(Pulse) == "kernel.Pulse: kernel_pulse has no partition for the present day."
    create_partitions(apps.get_app_config("kernel"), using="default")
    assert present(Pulse) == names
    assert check_partitions_ahead(None, databases=["default"]) == []


@pytest.mark.django_db
def test_the_trouble_of_one_table_does_not_stop_the_others():
    names = present(Reading)
    drop(names[-1], present(Pulse)[-1])
    with connection.cursor() as cursor:
        cursor.execute("alter table kernel_pulse rename to kernel_pulse_gone")
    broken, served = maintain([Pulse, Reading], dry_run=True)
    assert "no partitioned table kernel_pulse; run migrate" in broken.problems[0]
    assert served.created == [names[-1]]


@pytest.mark.django_db(transaction=True)
def test_several_creators_at_once_make_each_partition_once():
    made, errors = [], []
    start = threading.Barrier(4)

    def create():
        try:
            start.wait()
            made.extend(ensure_partitions(Reading, month("2019-01"), month("2019-07")))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [f"kernel_reading_p2019_0{number}" for number in range(1, 7)]
    try:
        assert errors == []
        assert sorted(made) == expected
    finally:
        drop(*(name for name in present(Reading) if name in expected))


@pytest.mark.django_db(transaction=True)
def test_writers_and_readers_go_on_while_a_partition_is_made(second, monkeypatch):
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "200ms")
    monkeypatch.setattr(patience, "ATTEMPTS", 1)
    place = Place.objects.create(name="A place")
    with second.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("insert into kernel_reading (place_id) values (%s)", [place.pk])
        cursor.execute("select count(*) from kernel_reading")
        try:
            assert ensure_partitions(Reading, month("2019-01"), month("2019-02"))
        finally:
            cursor.execute("rollback")
            drop("kernel_reading_p2019_01")


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_waited_for_briefly_and_often(second, monkeypatch):
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.05)
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        before = cursor.fetchone()
    with second.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute("lock table kernel_pulse in access exclusive mode")
        with pytest.raises(OperationalError, match="lock timeout"):
            ensure_partitions(Pulse, month("2019-01"), month("2019-01") + timedelta(days=1))
        release = threading.Timer(0.4, second.connection.rollback)
        release.start()
        began = time.monotonic()
        try:
            assert ensure_partitions(Pulse, month("2019-01"), month("2019-01") + timedelta(days=1))
        finally:
            release.join()
            drop("kernel_pulse_p2019_01_01")
    assert time.monotonic() - began > 0.2
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == before
