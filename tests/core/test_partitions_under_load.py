"""Partitions leave and come while people write and read: nobody fails, nobody waits too long, nothing is lost."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from psycopg import errors

from accounts.models import LoginEvent
from core.db.partitions.detach import detach_partition
from core.db.partitions.manager import ensure_partitions
from core.db.partitions.patience import LOCK_TIMEOUT
from core.db.partitions.registry import partitioned_models
from core.db.provisioning_sql import LOGIN_SETTINGS
from core.db.roles import Role
from core.models.identity import uuid7_derived
from tests.accounts.factories import UserFactory
from tests.core.partitions import Apart, Crew, archived, month, present
from tests.database import Databases
from tests.kernel.models import Place, Reading
from tests.sql import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

DAY = timedelta(days=1)
WRITE = "INSERT INTO kernel_reading (place_id, level) VALUES (%s, %s) RETURNING id"
WRITE_LATE = "INSERT INTO kernel_reading (id, place_id) VALUES (%s, %s) RETURNING id"
SIGN_IN = "SELECT id FROM accounts_login_record(%s, NULL, '203.0.113.7', 'A browser')"


@pytest.fixture
def crew(test_databases: Databases) -> Crew:
    """People who work on connections of their own."""
    return Crew(test_databases.url(connection.settings_dict["NAME"]))


@pytest.fixture
def place() -> Place:
    """Where it is read, in the first five months of 2020 too."""
    ensure_partitions(Reading, month(1), month(6))
    place = Place.objects.create(name="A place")
    Reading.objects.bulk_create(
        Reading(id=uuid7_derived(month(number), "x"), place=place, level=number) for number in range(1, 6)
    )
    run("GRANT SELECT ON kernel_reading TO vbl_moderator")
    return place


def rows(table: str, leaves: list[str]) -> list[UUID]:
    """Ids of the rows that are attached, and of those in the archive, with those that stand twice."""
    asked = " UNION ALL ".join(
        f"SELECT id FROM {name}" for name in (table, *(f"archive.{leaf}" for leaf in leaves))
    )
    return sorted(row for (row,) in run(asked))


def test_readings_are_written_and_read_while_months_leave(crew: Crew, place: Place) -> None:
    leaf = f"kernel_reading_p{datetime.now(UTC):%Y_%m}"
    old = present(Reading)[:5]
    through = [
        crew.add(Role.OWNER, lambda own: own.execute(WRITE, [place.pk, 10]).fetchone()[0]) for _ in range(2)
    ]
    straight = crew.add(
        Role.OWNER,
        lambda own: own.execute(WRITE.replace("kernel_reading", leaf), [place.pk, 20]).fetchone()[0],
    )
    late = [
        crew.add(
            Role.OWNER,
            # A check of the partition, or none that takes the row: the month is over for writers.
            lambda own, number=number: own.execute(
                WRITE_LATE, [uuid7_derived(month(number), str(len(late[number - 1].done))), place.pk]
            ).fetchone()[0],
            may_fail=errors.CheckViolation,
        )
        for number in (1, 2, 3)
    ]
    crew.add(Role.MODERATOR, lambda own: own.execute("SELECT count(*) FROM kernel_reading").fetchone())
    # Who writes to the table that every reading refers to.
    crew.add(Role.OWNER, lambda own: own.execute("UPDATE kernel_place SET name = name || '.'"))
    made = []
    with crew:
        for number, name in enumerate(old, 1):
            crew.go_on()
            detach_partition(Reading, name)
            made += ensure_partitions(Reading, month(number, 2040), month(number + 1, 2040))
        crew.go_on()
    assert crew.failures == []
    assert archived() == old
    assert made == [f"kernel_reading_p2040_{number:02}" for number in range(1, 6)]
    told = [row for writer in (*through, straight, *late) for row in writer.done]
    first = [uuid7_derived(month(number), "x") for number in range(1, 6)]
    assert rows("kernel_reading", old) == sorted([*told, *first])
    assert all(person.refused for person in late), "each month was over for writers before the end"


def test_people_sign_in_while_days_leave(crew: Crew) -> None:
    first = datetime(2020, 1, 1, tzinfo=UTC)
    ensure_partitions(LoginEvent, first, first + 5 * DAY)
    old = present(LoginEvent)[:5]
    person = UserFactory.create()
    kept = [uuid7_derived(first + number * DAY, "x") for number in range(5)]
    for key in kept:
        run(
            "INSERT INTO accounts_loginevent (id, user_id, succeeded, address, user_agent) "
            "VALUES (%s, %s, true, '203.0.113.7', '')",
            [key, person.pk],
        )
    signing_in = [
        crew.add(Role.APP, lambda own: own.execute(SIGN_IN, [person.pk]).fetchone()[0]) for _ in range(3)
    ]
    crew.add(Role.AUDITOR, lambda own: own.execute("SELECT count(*) FROM accounts_loginevent").fetchone())
    # Whoever writes to people, of whom every attempt is.
    crew.add(Role.OWNER, lambda own: own.execute("UPDATE accounts_user SET locale = locale"))
    with crew:
        for number, name in enumerate(old):
            crew.go_on()
            detach_partition(LoginEvent, name)
            day = datetime(2040, 1, 1, tzinfo=UTC) + number * DAY
            assert ensure_partitions(LoginEvent, day, day + DAY)
        crew.go_on()
    assert crew.failures == []
    assert archived() == old
    told = [row for one in signing_in for row in one.done]
    assert rows("accounts_loginevent", old) == sorted([*told, *kept])


def test_who_writes_to_what_a_partition_refers_to_goes_on(crew: Crew, place: Place) -> None:
    """A long transaction there keeps the partition, and nobody who comes after."""
    writer = crew.add(
        Role.OWNER, lambda own: own.execute("INSERT INTO kernel_place (name) VALUES ('Another place')")
    )
    with psycopg.connect(crew.url) as long:
        long.execute("UPDATE kernel_place SET name = 'A long change'")
        detaching = Apart(lambda: detach_partition(Reading, "kernel_reading_p2020_01"))
        assert detaching.waits()
        with crew:
            crew.go_on()
        assert crew.failures == []
        assert len(writer.done) >= 3
        assert detaching.is_alive()
        long.rollback()
    assert detaching.end() is None
    assert archived() == ["kernel_reading_p2020_01"]


def test_all_that_an_action_waits_for_is_less_than_a_writer_waits() -> None:
    """A change of partitions locks the tables that it refers to one after the other, and others queue behind it."""
    most = run("SELECT extract(epoch FROM %s::interval)", [LOGIN_SETTINGS[Role.APP]["lock_timeout"]])[0][0]
    each = run("SELECT extract(epoch FROM %s::interval)", [LOCK_TIMEOUT])[0][0]
    counts = dict(
        run(
            "SELECT conrelid::regclass::text, count(DISTINCT confrelid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY (%s::regclass[]) GROUP BY 1",
            [[model._meta.db_table for model in partitioned_models()]],
        )
    )
    assert counts["kernel_reading"] == 1
    # The partition's own lock is one more.
    assert {table: count for table, count in counts.items() if (count + 1) * each >= most} == {}
