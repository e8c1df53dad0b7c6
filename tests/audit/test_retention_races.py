"""Two runs at once, a run that is interrupted, and a hold or an addition that comes while it runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import UserSession
from audit.models import RetentionRun
from audit.services import retention
from audit.services.retention import executed_policies, retention_run
from core.db.roles import Role
from performers.models import IdentityRecord
from tests.accounts.factories import SessionFactory, staff
from tests.accounts.test_races import at_once
from tests.audit.aging import id_of, records_of, without_triggers, years_ago
from tests.audit.holds import on_person, place
from tests.audit.test_legal_hold_races import in_a_thread, waits
from tests.performers.factories_admission import DeclarationFactory
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = "accounts_usersession"


def over(count: int) -> list[UserSession]:
    """Sessions that ended long ago."""
    with transaction.atomic():
        made = [SessionFactory() for _ in range(count)]
        ended = timezone.now() - timedelta(days=200)
        without_triggers(
            TABLE,
            (
                f"UPDATE {TABLE} SET created_at = %s, last_used_at = %s, expires_at = %s",
                [ended - timedelta(days=9), ended, ended],
            ),
        )
    return made


def obey(**options: Any) -> RetentionRun:
    (policy,) = executed_policies(TABLE)
    return retention_run(policy=policy, dry_run=False, **options)


def test_two_runs_at_once_delete_each_row_once_and_wait_for_nobody() -> None:
    over(30)
    outcomes = at_once(lambda: obey(batch=3), lambda: obey(batch=4))
    assert [type(outcome) for outcome in outcomes] == [RetentionRun, RetentionRun], outcomes
    left = UserSession.objects.count()
    assert sum(outcome.deleted for outcome in outcomes) == 30 - left
    obey()
    assert not UserSession.objects.exists()


def test_what_another_transaction_holds_is_left_to_the_next_run() -> None:
    made = over(3)
    with transaction.atomic():
        run(f"SELECT FROM {TABLE} WHERE id = %s FOR UPDATE", [made[1].pk])
        thread, outcome = in_a_thread(obey)
        thread.join(timeout=20)
    assert not thread.is_alive()
    assert (outcome[0].found, outcome[0].deleted) == (2, 2)
    assert obey().deleted == 1


def test_a_run_that_is_killed_between_batches_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its backend is ended: what was committed is gone, what was not is there, and the next run finds it."""
    over(6)
    batches: list[int] = []
    delete_rows = retention._delete_rows

    def then_killed(*args: Any) -> Any:
        batches.append(1)
        gone = delete_rows(*args)
        if len(batches) == 2:
            ((mine,),) = run("SELECT pg_backend_pid()")
            killer = connection.copy()
            try:
                with killer.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(%s)", [mine])
            finally:
                killer.close()
        return gone

    monkeypatch.setattr(retention, "_delete_rows", then_killed)
    thread, outcome = in_a_thread(lambda: obey(batch=2))
    thread.join(timeout=30)
    assert isinstance(outcome[0], Exception)
    assert UserSession.objects.count() == 4
    monkeypatch.undo()
    done = obey(batch=2)
    assert (done.found, done.deleted, done.outcome) == (4, 4, "done")


def test_a_hold_that_is_being_placed_is_waited_for_and_seen() -> None:
    (session,) = over(1)
    compliance = staff(Role.COMPLIANCE)
    with transaction.atomic():
        place("person", session.user_id, compliance)
        thread, outcome = in_a_thread(obey)
        assert waits(thread)
    thread.join(timeout=20)
    assert (outcome[0].found, outcome[0].deleted, outcome[0].held) == (1, 0, 1)
    assert UserSession.objects.filter(pk=session.pk).exists()


def test_a_hold_placed_between_two_batches_keeps_what_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sorted(over(4), key=lambda session: session.pk)
    find = retention.Table.find
    asked: list[int] = []

    def find_later(self: Any, *args: Any, **named: Any) -> Any:
        asked.append(1)
        if len(asked) == 2:
            thread, outcome = in_a_thread(lambda: on_person(made[-1].user_id))
            thread.join(timeout=20)
            assert not isinstance(outcome[0], Exception), outcome[0]
        return find(self, *args, **named)

    monkeypatch.setattr(retention.Table, "find", find_later)
    done = obey(batch=2)
    assert (done.found, done.deleted, done.held) == (4, 3, 1)
    assert list(UserSession.objects.values_list("pk", flat=True)) == [made[-1].pk]


def test_an_addition_that_comes_after_a_row_was_found_keeps_the_records_and_not_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trigger asks again: what was over when it was looked for is not over when it would go."""
    with transaction.atomic():
        adding, *_ = records_of(years_ago(8))
        gone, *_ = records_of(years_ago(8))
    delete_rows = retention._delete_rows

    def after_an_addition(*args: Any) -> Any:
        thread, outcome = in_a_thread(lambda: DeclarationFactory(performer=adding, id=id_of(years_ago(1))))
        thread.join(timeout=20)
        assert isinstance(outcome[0], IdentityRecord), outcome
        return delete_rows(*args)

    monkeypatch.setattr(retention, "_delete_rows", after_an_addition)
    (policy,) = executed_policies("performers_performeralias")
    done = retention_run(policy=policy, dry_run=False)
    assert (done.found, done.deleted, done.held) == (2, 1, 1)
    left = run("SELECT performer_id FROM performers_performeralias")
    assert (adding.pk,) in left
    assert (gone.pk,) not in left


def test_a_rehearsal_beside_a_run_changes_nothing_and_waits_for_nobody() -> None:
    over(4)
    (policy,) = executed_policies(TABLE)
    with transaction.atomic():
        run(f"SELECT FROM {TABLE} FOR UPDATE")
        thread, outcome = in_a_thread(lambda: retention_run(policy=policy, dry_run=True))
        thread.join(timeout=20)
    assert not thread.is_alive()
    assert (outcome[0].found, outcome[0].deleted, outcome[0].outcome) == (4, 0, "rehearsed")
    assert UserSession.objects.count() == 4
