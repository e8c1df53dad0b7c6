"""Calls: made outside of transactions, once, asked about until known, and put before somebody when never known."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from billing.errors import CallRefused
from billing.models import ProviderAccount, ProviderCall, ReconciliationException, SimulatedCharge
from billing.provider_choices import ProviderKind, ProviderOperation, ProviderOutcome
from billing.providers import registry
from billing.providers.port import AuthoriseCall, ProviderAnswer
from billing.providers.simulator import Simulator
from billing.services import provider_call_runs
from billing.services.provider_call_runs import ASKING, provider_call_run
from billing.services.provider_calls import provider_call_ask_again
from core.db.context import acting
from core.db.roles import Role
from core.models import QueuedJob
from tests.accounts.factories import staff
from tests.accounts.test_races import at_once, refusals
from tests.billing.providers.house import Books, ask

pytestmark = pytest.mark.django_db(transaction=True)


def run(call: ProviderCall) -> ProviderCall:
    provider_call_run(call_id=call.pk)
    call.refresh_from_db()
    return call


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("sim_ok", "succeeded"),
        ("sim_decline_insufficient_funds", "declined"),
        ("sim_action", "requires_action"),
    ],
)
def test_an_answer_is_recorded_with_what_it_means(
    simulated: ProviderAccount, books: Books, token: str, outcome: str
) -> None:
    call = run(ask(simulated, token))
    assert (call.status, call.outcome, call.tries, call.next_try_at) == ("answered", outcome, 1, None)
    assert books.outcomes == [outcome]
    run(call)
    assert books.outcomes == [outcome]


def test_a_time_out_that_charged_is_found(simulated: ProviderAccount, books: Books) -> None:
    call = run(ask(simulated, "sim_timeout_charged"))
    assert (call.status, books.outcomes) == ("unknown", ["unknown"])
    assert run(call).status == "answered"
    assert books.outcomes == ["unknown", "succeeded"]
    assert SimulatedCharge.objects.get().calls == 1


def test_a_time_out_that_did_not_charge_is_called_again_with_the_same_key(
    simulated: ProviderAccount, books: Books
) -> None:
    call = run(ask(simulated, "sim_timeout_lost"))
    assert run(call).outcome == "succeeded"
    assert books.outcomes == ["unknown", "succeeded"]
    assert SimulatedCharge.objects.get().calls == 2


def _ago(call: ProviderCall, **by: float) -> None:
    ProviderCall.objects.filter(pk=call.pk).update(begun_at=F("begun_at") - timedelta(**by))


def test_what_is_under_way_is_awaited_and_asked_about_in_case_its_message_is_lost(
    simulated: ProviderAccount, books: Books
) -> None:
    call = run(ask(simulated, "sim_pending"))
    assert (call.status, call.outcome, call.answered_at) == ("awaited", "pending", None)
    assert call.next_try_at - call.updated_at > timedelta(minutes=59)
    _ago(call, hours=5)
    again = run(call)
    assert timedelta(hours=5) <= again.next_try_at - again.updated_at < timedelta(hours=6)
    assert books.outcomes == ["pending"]
    SimulatedCharge.objects.update(outcome="succeeded")
    assert (run(call).status, call.next_try_at) == ("answered", None)
    assert books.outcomes == ["pending", "succeeded"]


def test_what_the_provider_had_under_way_is_never_taken_for_lost(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = run(ask(simulated, "sim_pending"))
    _ago(call, days=2)
    monkeypatch.setitem(registry._adapters, ProviderKind.SIMULATOR, Forgetful)
    assert (run(call).status, books.outcomes) == ("awaited", ["pending"])


def test_what_stays_under_way_for_three_weeks_is_put_before_somebody(
    simulated: ProviderAccount, books: Books
) -> None:
    call = run(ask(simulated, "sim_pending"))
    _ago(call, days=22)
    assert (run(call).status, call.next_try_at) == ("given_up", None)
    assert ReconciliationException.objects.get().subject_id == call.pk
    finance = staff(Role.FINANCE)
    with acting(Role.FINANCE, user_id=finance.pk):
        provider_call_ask_again(
            provider_call_id=call.pk, actor=finance, reason="the bank says it is on its way"
        )
    assert (run(call).status, books.outcomes[0]) == ("awaited", "pending")


def test_nobody_is_charged_long_after_they_paid(simulated: ProviderAccount, books: Books) -> None:
    call = run(ask(simulated, "sim_timeout_lost"))
    _ago(call, minutes=20)
    assert run(call).status == "unknown"
    _ago(call, minutes=50)
    assert run(call).decline_code == "never_arrived"
    assert books.outcomes == ["unknown", "declined"]
    assert SimulatedCharge.objects.get().calls == 1


def test_what_never_becomes_known_is_given_up_and_put_before_somebody(
    simulated: ProviderAccount, books: Books
) -> None:
    call = ask(simulated, "sim_timeout_dark")
    for _ in range(ASKING.attempts):
        run(call)
    assert (call.status, call.tries, call.next_try_at) == ("given_up", ASKING.attempts, None)
    assert books.outcomes == ["unknown"]
    found = ReconciliationException.objects.get()
    assert (found.kind, found.subject_id, found.expected_amount) == ("outcome_unknown", call.pk, 2999)
    run(call)
    assert call.tries == ASKING.attempts
    finance = staff(Role.FINANCE)
    SimulatedCharge.objects.update(script="sim_ok")
    with acting(Role.FINANCE, user_id=finance.pk):
        provider_call_ask_again(provider_call_id=call.pk, actor=finance, reason="their status page is green")
    assert run(call).status == "answered"
    found.refresh_from_db()
    assert (found.status, found.resolution) == ("resolved", "processed")
    with acting(Role.FINANCE, user_id=finance.pk), pytest.raises(CallRefused):
        provider_call_ask_again(provider_call_id=call.pk, actor=finance, reason="once more, to be sure")


def test_the_waits_grow(simulated: ProviderAccount, books: Books) -> None:
    call = ask(simulated, "sim_timeout_dark")
    waits = []
    for _ in range(4):
        again_at = provider_call_run(call_id=call.pk)
        call.refresh_from_db()
        assert again_at == call.next_try_at
        waits.append(call.next_try_at - call.updated_at)
    assert waits == sorted(waits)
    assert waits[-1] > timedelta(seconds=60)


class Forgetful(Simulator):
    """Knows of nothing that it was ever asked."""

    def look_up(self, *args: Any, **options: Any) -> ProviderAnswer:
        return ProviderAnswer(ProviderOutcome.NOT_FOUND)


class Broken(Simulator):
    """Charges, and breaks in a way that nobody foresaw."""

    def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
        super().authorise(call)
        raise ZeroDivisionError


def test_whatever_breaks_leaves_it_open(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._adapters, ProviderKind.SIMULATOR, Broken)
    call = run(ask(simulated, "sim_ok"))
    assert (call.status, call.answer) == ("unknown", {"failure": "ZeroDivisionError"})
    assert run(call).outcome == "succeeded"


def test_what_cannot_be_sent_is_declined_at_once(simulated: ProviderAccount, books: Books) -> None:
    call = run(ask(simulated, "tok_visa"))
    assert (call.status, call.decline_code) == ("answered", "no_such_method")


def test_the_provider_is_called_outside_of_any_transaction(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    class Watching(Simulator):
        def authorise(self, call: AuthoriseCall) -> ProviderAnswer:
            seen.append(connection.in_atomic_block)
            return super().authorise(call)

    monkeypatch.setitem(registry._adapters, ProviderKind.SIMULATOR, Watching)
    call = ask(simulated, "sim_ok")
    with pytest.raises(RuntimeError), transaction.atomic():
        run(call)
    run(call)
    assert seen == [False]


def test_a_failure_to_record_leaves_the_call_to_be_looked_up(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a worker that died between the call and its record."""
    call = ask(simulated, "sim_ok")
    with monkeypatch.context() as broken:
        broken.setattr(provider_call_runs, "_record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(call)
    call.refresh_from_db()
    assert (call.status, call.outcome) == ("begun", None)
    assert run(call).outcome == "succeeded"
    assert (books.outcomes, SimulatedCharge.objects.get().calls) == (["succeeded"], 1)


@pytest.mark.parametrize("token", ["sim_ok", "sim_timeout_charged", "sim_timeout_lost"])
def test_eight_workers_with_one_call_charge_once_and_record_once(
    simulated: ProviderAccount, books: Books, token: str
) -> None:
    call = ask(simulated, token)
    outcomes = at_once(*(lambda: provider_call_run(call_id=call.pk) for _ in range(8)))
    assert refusals(outcomes) == []
    run(call)
    assert call.outcome == "succeeded"
    assert books.outcomes.count("succeeded") == 1
    assert SimulatedCharge.objects.count() == 1


def test_the_same_request_is_the_same_call(simulated: ProviderAccount) -> None:
    subject = uuid4()
    first, second = ask(simulated, "sim_ok", subject_id=subject), ask(simulated, "sim_ok", subject_id=subject)
    assert first.pk == second.pk
    assert QueuedJob.objects.filter(task_name="provider_call_make").count() == 1
    with pytest.raises(CallRefused, match="another request"):
        ask(simulated, "sim_ok", 3000, subject_id=subject)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 10**15 + 1},
        {"amount": 10**18},
        {"amount": None},
        {"currency": None},
        {"idempotency_key": "short"},
        {"reference": "pi_1"},
        {"operation": ProviderOperation.VOID, "reference": "pi_1"},
        {"operation": ProviderOperation.REFUND},
    ],
)
def test_requests_that_cannot_be(simulated: ProviderAccount, changed: dict[str, Any]) -> None:
    with pytest.raises(CallRefused):
        ask(simulated, "sim_ok", **changed)
    assert not ProviderCall.objects.exists()


@pytest.mark.parametrize("code", ["XXX", "eur"])
def test_a_currency_that_is_none(simulated: ProviderAccount, code: str) -> None:
    with pytest.raises(IntegrityError):
        ask(simulated, "sim_ok", currency=code)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_providercall SET amount = 1",
        "UPDATE billing_providercall SET idempotency_key = 'another-key'",
        "UPDATE billing_providercall SET subject_id = uuidv7()",
        "UPDATE billing_providercall SET status = 'answered'",
        "UPDATE billing_providercall SET status = 'waiting'",
        "UPDATE billing_providercall SET outcome = 'perhaps'",
        "UPDATE billing_providercall SET next_try_at = NULL",
        "UPDATE billing_providercall SET status = 'answered', answered_at = now(), next_try_at = NULL, outcome = NULL",
        "DELETE FROM billing_providercall",
        "TRUNCATE billing_providercall",
    ],
)
def test_the_worker_cannot_bend_a_call(simulated: ProviderAccount, books: Books, statement: str) -> None:
    call = run(ask(simulated, "sim_timeout_dark"))
    with (
        acting(Role.WORKER),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert ProviderCall.objects.get().amount == call.amount


def test_a_lost_job_is_made_up_for(simulated: ProviderAccount, books: Books, capsys: Any) -> None:
    call = ask(simulated, "sim_ok")
    waits = QueuedJob.objects.filter(task_name="provider_call_make", status="todo")
    call_command("provider_calls_chase")
    assert waits.count() == 1, "a call whose job waits is not given a second one"
    ProviderCall.objects.update(next_try_at=F("next_try_at") - timedelta(minutes=5))
    call_command("provider_calls_chase", "--dry-run")
    assert "1 calls are overdue" in capsys.readouterr().out
    call_command("provider_calls_chase")
    assert waits.count() == 1
    assert run(call).outcome == "succeeded"


def test_unknown_is_said_without_what_the_provider_said_of_it(
    simulated: ProviderAccount, books: Books
) -> None:
    run(ask(simulated, "sim_timeout_charged"))
    (_, answer) = books.answers[0]
    assert answer.outcome is ProviderOutcome.UNKNOWN
