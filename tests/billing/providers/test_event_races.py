"""The same message at the same moment, on connections of its own."""

import pytest

from billing.models import ProviderAccount, ProviderEvent, ProviderEventKey
from billing.services.provider_event_runs import provider_event_run
from billing.services.provider_events import Received, provider_event_receive
from core.models import QueuedJob
from tests.accounts.test_races import at_once, refusals
from tests.billing.providers.house import Books, body_of, signed

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 16


def test_sixteen_deliveries_at_once_are_one_row_and_one_job(simulated: ProviderAccount) -> None:
    body = body_of()

    def deliver() -> Received:
        return provider_event_receive(account=simulated, body=body, headers=signed(body))

    outcomes = at_once(*[deliver] * WORKERS)
    assert refusals(outcomes) == []
    assert sum(not received.is_repeated for received in outcomes) == 1
    event = ProviderEvent.objects.get()
    assert event.deliveries == WORKERS
    assert ProviderEventKey.objects.get().message_id == event.pk
    assert QueuedJob.objects.filter(task_name="provider_event_process").count() == 1


def test_sixteen_workers_process_one_event_once(simulated: ProviderAccount, books: Books) -> None:
    body = body_of()
    event = provider_event_receive(account=simulated, body=body, headers=signed(body)).event
    outcomes = at_once(*[lambda: provider_event_run(event_id=event.pk)] * WORKERS)
    assert refusals(outcomes) == []
    event.refresh_from_db()
    assert (event.status, event.attempts, len(books.facts)) == ("processed", 1, 1)


def test_a_forgery_at_the_same_moment_keeps_nothing_out(simulated: ProviderAccount) -> None:
    body = body_of()
    forged = {"simulator-signature": signed(body)["simulator-signature"].replace("v1=", "v1=0")[:-1]}

    def deliver(headers: dict[str, str]) -> Received:
        return provider_event_receive(account=simulated, body=body, headers=headers)

    outcomes = at_once(*[lambda: deliver(signed(body)), lambda: deliver(forged)] * 4)
    assert refusals(outcomes) == []
    assert ProviderEvent.objects.filter(verdict="valid").count() == 1
    assert ProviderEvent.objects.filter(verdict="wrong").count() == 4
