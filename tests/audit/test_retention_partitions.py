"""Firehoses: what is over is counted by whole partitions, with what a hold exempts, and no row is deleted."""

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import LoginEvent
from audit.models import HeldRow, RetentionRun
from audit.services import retention_counts
from core.db.partitions.manager import ensure_partitions
from tests.accounts.factories import UserFactory
from tests.audit.holds import on_person
from tests.audit.test_legal_hold_partitions import APRIL, MARCH, signed_in
from tests.sql import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

TABLE = "accounts_loginevent"
"""In partitions of a day: March 2020 has thirty-one."""


def count() -> RetentionRun:
    call_command("retention_run", "--table", TABLE, "--dry-run")
    return RetentionRun.objects.latest("pk")


def test_whole_partitions_are_counted_and_no_row_goes(capsys: Any) -> None:
    ensure_partitions(LoginEvent, MARCH, APRIL)
    held, free = UserFactory(), UserFactory()
    for user in (held, free):
        signed_in(user)
    signed_in(free, "again")
    on_person(held.pk)
    done = count()
    assert (done.partitions, done.found, done.held, done.deleted) == (31, 3, 1, 0)
    assert not done.is_estimate
    said = capsys.readouterr().out
    assert "2 would be deleted, 1 copied out for holds, 31 whole partitions; Whole partitions leave" in said
    assert LoginEvent.objects.count() == 3


def test_whole_partitions_go_and_what_is_held_is_copied_out(capsys: Any) -> None:
    ensure_partitions(LoginEvent, MARCH, APRIL)
    held, free = UserFactory(), UserFactory()
    for user in (held, free):
        signed_in(user)
    on_person(held.pk)
    call_command("retention_run", "--table", TABLE)
    done = RetentionRun.objects.latest("pk")
    assert (done.partitions, done.found, done.deleted, done.archived) == (31, 2, 2, 0)
    assert "2 deleted" in capsys.readouterr().out
    assert not LoginEvent.objects.between(MARCH, APRIL).exists()
    assert [row.content["user_id"] for row in HeldRow.objects.all()] == [str(held.pk)]
    assert run(f"SELECT count(*) FROM pg_class WHERE relname LIKE '{TABLE}_p2020_03%%'") == [(0,)]
    call_command("retention_run", "--table", TABLE)
    assert RetentionRun.objects.latest("pk").found == 0


def test_a_great_partition_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_partitions(LoginEvent, MARCH, APRIL)
    user = UserFactory()
    for number in range(4):
        signed_in(user, str(number))
    run("ANALYZE accounts_loginevent")
    monkeypatch.setattr(retention_counts, "COUNTED_BELOW", 3)
    done = count()
    assert (done.partitions, done.found, done.held, done.is_estimate) == (31, 4, 0, True)


def test_nobody_deletes_from_one_row_by_row() -> None:
    ((may,),) = run("SELECT has_table_privilege('vbl_retention', 'accounts_loginevent', 'DELETE')")
    assert not may
