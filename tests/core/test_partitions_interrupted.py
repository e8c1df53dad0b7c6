"""Whatever ends a detachment on its way, the next maintenance finishes it; two at once leave each other alone."""

import io
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import Error, connection

from core.db.partitions import patience
from core.db.partitions.detach import detach_partition, finish_detaches
from core.db.partitions.errors import NotAPartition, PartitionError
from core.db.partitions.maintenance import maintain
from core.db.partitions.manager import ensure_partitions
from core.models.identity import uuid7_derived
from tests.accounts.test_races import at_once, refusals
from tests.core.partitions import Apart, archived, month, pending, present
from tests.database import Databases
from tests.kernel.models import Place, Reading
from tests.sql import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

MONTHS = [f"kernel_reading_p2020_{number:02}" for number in range(1, 6)]
FIRST = MONTHS[0]


@pytest.fixture(autouse=True)
def five_months() -> None:
    """The first five months of 2020, each with a reading."""
    ensure_partitions(Reading, month(1), month(6))
    place = Place.objects.create(name="A place")
    Reading.objects.bulk_create(
        Reading(id=uuid7_derived(month(number), "x"), place=place, level=number) for number in range(1, 6)
    )


@pytest.fixture
def second(test_databases: Databases) -> Iterator[psycopg.Connection]:
    """Somebody else, whose transaction is open."""
    with psycopg.connect(test_databases.url(connection.settings_dict["NAME"])) as other:
        yield other
        other.rollback()


def levels() -> list[int]:
    """The readings of 2020, attached and archived."""
    asked = [
        "SELECT level FROM kernel_reading",
        *(f"SELECT level FROM archive.{name}" for name in archived()),
    ]
    return sorted(level for (level,) in run(" UNION ALL ".join(asked)))


def maintained() -> str:
    """What a run of the maintenance says."""
    out = io.StringIO()
    call_command("partitions_maintain", stdout=out)
    return out.getvalue()


def detached(before: str = "2020-06-01") -> str:
    """What a run of the command says."""
    out = io.StringIO()
    call_command("partitions_detach", "--model", "kernel.Reading", "--before", before, stdout=out)
    return out.getvalue()


def test_ended_before_it_began(second: psycopg.Connection) -> None:
    second.execute("LOCK TABLE kernel_reading IN SHARE UPDATE EXCLUSIVE MODE")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    assert isinstance(detaching.terminate(), Error)
    second.rollback()
    assert pending() == []
    assert FIRST not in maintained()
    assert present(Reading)[0] == FIRST, "as if nothing had been asked for"
    detach_partition(Reading, FIRST)
    assert archived() == [FIRST]


def test_ended_while_a_reader_holds_it_and_again_while_it_is_finished(second: psycopg.Connection) -> None:
    second.execute("SELECT count(*) FROM kernel_reading")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    assert pending() == [FIRST]
    assert isinstance(detaching.terminate(), Error)
    finishing = Apart(lambda: finish_detaches(Reading))
    assert finishing.waits()
    assert isinstance(finishing.terminate(), Error)
    assert pending() == [FIRST]
    second.rollback()
    assert f"archived {FIRST}" in maintained()
    assert (pending(), archived(), levels()) == ([], [FIRST], [1, 2, 3, 4, 5])


def test_ended_while_it_waits_for_a_table_that_it_refers_to(
    second: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "1min")
    second.execute("UPDATE kernel_place SET name = 'A long change'")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    assert isinstance(detaching.terminate(), Error)
    second.rollback()
    assert pending() == [FIRST]
    assert f"archived {FIRST}" in maintained()
    assert (pending(), archived(), levels()) == ([], [FIRST], [1, 2, 3, 4, 5])


def test_ended_between_detaching_and_moving(
    second: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "1min")
    # Who reads what it refers to keeps the foreign key from being dropped, and nothing before that.
    second.execute("SELECT name FROM kernel_place")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    assert (pending(), archived()) == ([], [])
    assert FIRST not in present(Reading)
    assert isinstance(detaching.terminate(), Error)
    second.rollback()
    assert f"archived {FIRST}" in maintained()
    assert (archived(), levels()) == ([FIRST], [1, 2, 3, 4, 5])


def test_a_table_that_is_always_in_use_is_said_and_finished_later(
    second: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    second.execute("UPDATE kernel_place SET name = 'A long change'")
    with pytest.raises(PartitionError, match=f"{FIRST} could not be detached: .* partitions_maintain later"):
        detach_partition(Reading, FIRST)
    second.rollback()
    assert f"archived {FIRST}" in maintained()
    assert (archived(), levels()) == ([FIRST], [1, 2, 3, 4, 5])


def test_two_who_take_the_same_months_away_share_them() -> None:
    said = at_once(detached, detached)
    assert refusals(said) == []
    taken = [name for words in said for name in re.findall(r"^detached (\w+)$", words, re.MULTILINE)]
    assert sorted(taken) == MONTHS, "each by one of the two"
    assert (pending(), archived(), levels()) == ([], MONTHS, [1, 2, 3, 4, 5])


def test_two_who_take_different_months_away() -> None:
    assert at_once(*(lambda name=name: detach_partition(Reading, name) for name in MONTHS)) == [None] * 5
    assert (pending(), archived(), levels()) == ([], MONTHS, [1, 2, 3, 4, 5])


def test_two_maintenances_finish_what_was_begun_once(second: psycopg.Connection) -> None:
    second.execute("SELECT count(*) FROM kernel_reading")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    detaching.terminate()
    second.rollback()
    said = at_once(maintained, maintained, lambda: detached("2020-03-01"))
    assert refusals(said) == []
    assert (pending(), archived(), levels()) == ([], MONTHS[:2], [1, 2, 3, 4, 5])


def test_what_another_process_is_about_is_left_to_it(
    second: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    second.execute("SELECT count(*) FROM kernel_reading")
    detaching = Apart(lambda: detach_partition(Reading, FIRST))
    assert detaching.waits()
    with pytest.raises(PartitionError, match="Another process takes partitions of kernel_reading away"):
        detach_partition(Reading, MONTHS[1])
    (done,) = maintain([Reading])
    assert (done.finished, done.created, done.problems) == ([], [], [])
    assert detaching.is_alive()
    second.rollback()
    assert detaching.end() is None
    assert archived() == [FIRST]
    with pytest.raises(NotAPartition):
        detach_partition(Reading, FIRST)
