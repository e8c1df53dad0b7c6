"""The inbox: processed once, in any order; replayed by staff; attacked by SQL."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.errors import EventRefused
from billing.models import ProviderAccount, ProviderEvent, ProviderEventKey, ReconciliationException
from billing.provider_choices import ExceptionKind, FactKind, ProviderEventStatus
from billing.providers.port import ProviderFact
from billing.services import provider_event_runs
from billing.services.provider_events import provider_event_receive, provider_event_replay
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.conftest import Announced, announced  # noqa: F401
from tests.accounts.factories import staff
from tests.billing.providers.house import Books, body_of, signed

pytestmark = pytest.mark.django_db(transaction=True)


def take(account: ProviderAccount, body: bytes, headers: dict[str, str] | None = None) -> ProviderEvent:
    return provider_event_receive(account=account, body=body, headers=headers or signed(body)).event


def run(event: ProviderEvent) -> ProviderEvent:
    provider_event_runs.provider_event_run(event_id=event.pk)
    event.refresh_from_db()
    return event


def test_a_message_is_processed_once(simulated: ProviderAccount, books: Books) -> None:
    event = take(simulated, body_of())
    for _ in range(3):
        run(event)
    assert (event.status, event.attempts) == (ProviderEventStatus.PROCESSED, 1)
    (fact,) = books.facts
    assert (fact.account_id, fact.amount, fact.currency) == (simulated.pk, 2999, "EUR")


def test_an_unknown_payment_is_put_before_somebody_and_settled_by_a_replay(
    simulated: ProviderAccount,
    books: Books,
    announced: Announced,  # noqa: F811
) -> None:
    books.unknown.add("sim_pay_1")
    event = run(take(simulated, body_of()))
    assert event.status == ProviderEventStatus.FAILED
    found = ReconciliationException.objects.get()
    assert (found.kind, found.reference) == (ExceptionKind.UNKNOWN_PAYMENT, "sim_pay_1")
    assert (found.reported_amount, found.currency_id) == (2999, "EUR")
    run(event)
    assert ReconciliationException.objects.count() == 1
    books.unknown.clear()
    finance = staff(Role.FINANCE)
    with acting(Role.FINANCE, user_id=finance.pk):
        provider_event_replay(provider_event_id=event.pk, actor=finance, reason="we have it now")
    assert announced.only("provider_event_replayed")["reason"] == "we have it now"
    assert run(event).status == ProviderEventStatus.PROCESSED
    found.refresh_from_db()
    assert (found.status, found.resolution, found.resolved_by) == ("resolved", "processed", None)
    assert len(books.facts) == 1


def test_what_may_pass_is_tried_again_and_what_does_not_pass_reaches_somebody(
    simulated: ProviderAccount, books: Books
) -> None:
    def trouble(fact: ProviderFact) -> None:
        raise ValueError("bob@example.org is no number")

    books.fails = trouble
    event = take(simulated, body_of())
    for attempt in range(1, provider_event_runs.PROCESSING.attempts + 1):
        with pytest.raises(ValueError, match="no number"):
            run(event)
        event.refresh_from_db()
        assert (event.status, event.attempts, event.words) == ("failed", attempt, "ValueError")
        last = attempt == provider_event_runs.PROCESSING.attempts
        assert ReconciliationException.objects.count() == int(last)
    books.fails = None
    assert run(event).status == ProviderEventStatus.PROCESSED
    assert ReconciliationException.objects.get().status == "resolved"


def test_a_failure_takes_back_what_was_recorded_with_it(simulated: ProviderAccount, books: Books) -> None:
    """Fact and state are one transaction: what failed half-way left nothing."""

    def half(fact: ProviderFact) -> None:
        ReconciliationException.objects.create(
            kind="dispute", subject_type="billing.payment", subject_id=uuid4(), words="half of it"
        )
        raise ValueError("no luck")

    books.fails = half
    event = take(simulated, body_of())
    with pytest.raises(ValueError, match="no luck"):
        run(event)
    assert not ReconciliationException.objects.exists()


def test_a_dispute_is_taken_down_as_other_facts_are(simulated: ProviderAccount, books: Books) -> None:
    event = run(take(simulated, body_of(kind="dispute_opened", amount=500)))
    assert event.status == ProviderEventStatus.PROCESSED
    assert [(fact.kind, fact.amount) for fact in books.facts] == [(FactKind.DISPUTE_OPENED, 500)]
    assert not ReconciliationException.objects.exists()


def test_processing_has_a_transaction_of_its_own(simulated: ProviderAccount, books: Books) -> None:
    event = take(simulated, body_of())
    with pytest.raises(RuntimeError), transaction.atomic():
        provider_event_runs.provider_event_run(event_id=event.pk)


def test_quarantine_ends_when_the_signature_is_right_after_all(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of()
    headers = signed(body)
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", "one that was mistyped")
    event = take(simulated, body, headers)
    assert event.status == ProviderEventStatus.QUARANTINED
    finance = staff(Role.FINANCE)

    def replay() -> ProviderEvent:
        with acting(Role.FINANCE, user_id=finance.pk):
            return provider_event_replay(provider_event_id=event.pk, actor=finance, reason="secret mended")

    with pytest.raises(EventRefused, match="still not right"):
        replay()
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", "simulated secret of messages")
    assert replay().verdict == "valid"
    assert run(event).status == ProviderEventStatus.PROCESSED
    assert ProviderEventKey.objects.get().message_id == event.pk
    with pytest.raises(EventRefused, match="processed once only"):
        replay()


def test_a_quarantined_message_that_came_again_rightly_is_not_taken_twice(
    simulated: ProviderAccount, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_of()
    headers = signed(body)
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", "one that was mistyped")
    first = take(simulated, body, headers)
    monkeypatch.setenv("PROVIDER_SECRET_SIMULATOR_MESSAGES", "simulated secret of messages")
    second = take(simulated, body)
    finance = staff(Role.FINANCE)
    with (
        acting(Role.FINANCE, user_id=finance.pk),
        pytest.raises(EventRefused, match="sent this event again meanwhile"),
    ):
        provider_event_replay(provider_event_id=first.pk, actor=finance, reason="secret mended")
    run(second)
    assert len(books.facts) == 1


def sql(statement: str, parameters: list[Any], role: Role = Role.WORKER) -> None:
    with acting(role), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


INSERT = (
    "INSERT INTO billing_providerevent (id, provider_account_id, event_id, event_type, body, body_bytes, body_sha256, "
    "headers, verdict, status, received_at, processed_at) VALUES (%s, %s, %s, 'x', '', 0, sha256(''), '{}', %s, %s, "
    "now(), CASE WHEN %s IN ('processed', 'ignored') THEN now() END)"
)


@pytest.mark.parametrize(
    ("event_id", "verdict", "status", "rule"),
    [
        ("e1", "wrong", "received", "status_verdict_check"),
        ("e1", "wrong", "ignored", "status_verdict_check"),
        ("e1", "valid", "processed", "status_transition"),
        ("", "valid", "received", "event_id_check"),
        ("e1", "perhaps", "quarantined", "verdict_check"),
        ("e1", "valid", "lost", "transition"),
    ],
)
def test_the_database_refuses_messages_that_cannot_be(
    simulated: ProviderAccount, event_id: str, verdict: str, status: str, rule: str
) -> None:
    with pytest.raises(IntegrityError) as refused:
        sql(INSERT, [uuid7(), simulated.pk, event_id, verdict, status, status])
    assert rule in str(refused.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def test_the_database_keeps_one_event_whoever_writes_it(simulated: ProviderAccount) -> None:
    values = [simulated.pk, "e1", "valid", "received", "received"]
    sql(INSERT, [uuid7(), *values])
    with pytest.raises(IntegrityError, match="billing_providereventkey_provider_account_event_id_key"):
        sql(INSERT, [uuid7(), *values])
    # Another month is another partition, and the same event.
    with pytest.raises(IntegrityError, match="billing_providereventkey_provider_account_event_id_key"):
        sql(INSERT, [_in_a_month(), *values])
    sql(INSERT, [uuid7(), simulated.pk, "e1", "wrong", "quarantined", "quarantined"])
    with pytest.raises(IntegrityError, match="billing_providereventkey"):
        sql("UPDATE billing_providerevent SET verdict = 'valid' WHERE verdict = 'wrong'", [])


def _in_a_month() -> Any:
    from core.models.identity import uuid7_floor

    return uuid7_floor(timezone.now() + timedelta(days=32))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_providerevent SET body = 'other'",
        "UPDATE billing_providerevent SET received_at = now() - interval '1 day'",
        "DELETE FROM billing_providerevent",
        "TRUNCATE billing_providerevent",
        "UPDATE billing_providerevent SET verdict = 'wrong', status = 'quarantined'",
        "UPDATE billing_providerevent SET event_id = 'another'",
        "UPDATE billing_providerevent SET status = 'received'",
        "DELETE FROM billing_providereventkey",
        "UPDATE billing_providereventkey SET event_id = 'another'",
        "INSERT INTO billing_providereventkey (provider_account_id, event_id, message_id) "
        "SELECT provider_account_id, 'claimed', uuidv7() FROM billing_providerevent",
    ],
)
@pytest.mark.parametrize("role", [Role.WORKER, Role.OWNER])
def test_what_came_stays_as_it_came(
    simulated: ProviderAccount, books: Books, statement: str, role: Role
) -> None:
    event = run(take(simulated, body_of()))
    allowed = role is Role.OWNER and (statement.startswith(("INSERT", "TRUNCATE")))
    before = ProviderEvent.objects.filter(pk=event.pk).values().get()
    try:
        with transaction.atomic():
            sql(statement, [], role)
            if allowed:
                transaction.set_rollback(True)
    except DatabaseError:
        pass
    assert ProviderEvent.objects.filter(pk=event.pk).values().get() == before
    assert list(ProviderEventKey.objects.values_list("event_id", flat=True)) == ["sim_evt_1"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER, Role.MODERATOR, Role.ANALYST, Role.APP])
def test_who_does_not_deal_with_money_sees_no_message(simulated: ProviderAccount, role: Role) -> None:
    take(simulated, body_of())
    with acting(role), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ProviderEvent.objects.count()


@pytest.mark.parametrize("role", [Role.FINANCE, Role.FINANCE_APPROVER, Role.AUDITOR, Role.SUPPORT])
def test_staff_read_messages_and_write_none(simulated: ProviderAccount, role: Role) -> None:
    take(simulated, body_of())
    with acting(role):
        assert ProviderEvent.objects.count() == 1
    with acting(role), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ProviderEvent.objects.update(status="ignored")


STEPS = st.lists(st.integers(0, 3), min_size=1, max_size=12)


class TestAnyOrder(TestCase):
    """Hypothesis drives deliveries in any order and number; each event is recorded once."""

    pytestmark: Any = []

    @settings(max_examples=25)
    @given(deliveries=STEPS)
    def test_every_event_is_recorded_once(self, deliveries: list[int]) -> None:
        account = ProviderAccount.objects.create(
            code="any_order",
            kind="simulator",
            legal_entity="x",
            currency_id="EUR",
            is_live=False,
            webhook_secrets=["simulator_messages"],
        )
        for number in deliveries:
            take(account, body_of(f"sim_evt_{number}"))
        events = ProviderEvent.objects.filter(provider_account=account)
        assert sorted(events.values_list("event_id", flat=True)) == sorted(
            f"sim_evt_{number}" for number in set(deliveries)
        )
        assert sum(events.values_list("deliveries", flat=True)) == len(deliveries)
