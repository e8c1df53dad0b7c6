"""A roll-up of days beside an erasure: whoever comes first, nothing is left of the person."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accounts.models import User
from analytics.models import ViewerActivityDay, ViewerPerformerDay
from core.db.context import acting
from core.db.roles import Role
from tests.analytics.audience.audience_data import YESTERDAY, UserFactory, compute, erased, play, stream
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 200
"""Times that are looked for somebody who waits, 50 milliseconds apart."""


def beside(act: Callable[[], Any]) -> tuple[Thread, list[BaseException]]:
    """Begin it on a connection of its own; what it raises."""
    raised: list[BaseException] = []

    def body() -> None:
        try:
            act()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    thread = Thread(target=body)
    thread.start()
    return thread, raised


def somebody_waits() -> None:
    """Until another connection of this database waits for a lock."""
    # pg_stat_activity by itself hides from the owner what sessions of others wait for.
    waiting = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE NOT l.granted AND a.datname = current_database()"
    )
    for _ in range(PATIENCE):
        if run(waiting) != [(0,)]:
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def rows_of(person: User) -> int:
    """All rows of days of a person."""
    return (
        ViewerActivityDay.objects.filter(user=person).count()
        + ViewerPerformerDay.objects.filter(viewer=person).count()
    )


def erase(person: User) -> None:
    """As `accounts` and then this floor do it, in one transaction."""
    run("SELECT FROM accounts_user WHERE id = %s FOR UPDATE", [person.pk])
    erased(person)
    with acting(Role.COMPLIANCE, user_id=person.pk):
        run("SELECT * FROM analytics_audience_erase(%s)", [person.pk])


def test_a_roll_up_that_comes_second_waits_and_leaves_the_person_out() -> None:
    gone, other, one = UserFactory.create(), UserFactory.create(), stream()
    for person in (gone, other):
        play(one, uuid4(), YESTERDAY, by=person)
    with transaction.atomic():
        erase(gone)
        thread, raised = beside(lambda: compute("viewer_performer_day", (one.performer_id, YESTERDAY)))
        somebody_waits()
    thread.join(timeout=60)
    assert not raised
    assert rows_of(gone) == 0 and rows_of(other) == 2


def test_an_erasure_that_comes_second_waits_and_takes_the_rows_along() -> None:
    gone, one = UserFactory.create(), stream()
    play(one, uuid4(), YESTERDAY, by=gone)

    def erases() -> None:
        with transaction.atomic():
            erase(gone)

    with transaction.atomic():
        compute("viewer_performer_day", (one.performer_id, YESTERDAY))
        assert rows_of(gone) == 2
        thread, raised = beside(erases)
        somebody_waits()
    thread.join(timeout=60)
    assert not raised
    assert rows_of(gone) == 0
