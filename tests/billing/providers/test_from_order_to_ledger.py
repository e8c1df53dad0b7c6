"""An order paid through the simulator, by the jobs alone: every script ends in books that prove."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from billing.models import (
    Payment,
    PaymentAttempt,
    ProviderAccount,
    ProviderCall,
    ProviderEvent,
    ReconciliationException,
    SimulatedEvent,
)
from billing.models.provider_call import OPEN_CALLS
from billing.provider_choices import FactKind
from billing.providers.simulator import Simulator
from billing.services.provider_call_runs import ASKING, provider_call_run
from billing.services.provider_event_runs import provider_event_run
from billing.services.simulated_messages import simulated_messages_send
from tests.accounts.factories import UserFactory
from tests.billing import paying

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fulfilled() -> Iterator[None]:
    with paying.fulfilments():
        yield


def bought(token: str) -> PaymentAttempt:
    """An attempt to pay by the method of this token, requested and not made."""
    account, _ = paying.shop()
    user = UserFactory()
    paying.method_of(user, account, token=token)
    return paying.sent(paying.ordered(user))


def calls() -> None:
    for call in ProviderCall.objects.filter(status__in=OPEN_CALLS).order_by("pk"):
        provider_call_run(call_id=call.pk)


def messages() -> None:
    """Let two hours pass for the simulator: what is to come, comes in its order."""
    SimulatedEvent.objects.filter(sent_at__isnull=True).update(due_at=F("due_at") - timedelta(hours=2))
    simulated_messages_send()
    for event in ProviderEvent.objects.filter(status="received").order_by("pk"):
        provider_event_run(event_id=event.pk)


def lived_through(attempt: PaymentAttempt, *, messages_first: bool = False) -> Payment:
    """Everything that the workers do, until nothing more is to come."""
    calls()
    for turn in count():
        (messages if (turn % 2 == 0) is messages_first else calls)()
        waits = ProviderCall.objects.filter(status__in=OPEN_CALLS).exists()
        if turn >= 1 and not waits and not SimulatedEvent.objects.filter(sent_at__isnull=True).exists():
            break
        assert turn < 4 * ASKING.attempts
    return Payment.objects.get(pk=attempt.payment_id)


def kinds() -> set[str]:
    return set(ReconciliationException.objects.unresolved().values_list("kind", flat=True))


@pytest.mark.parametrize("messages_first", [False, True])
@pytest.mark.parametrize(
    ("token", "status", "captured", "differs"),
    [
        ("sim_ok", "captured", 2999, set()),
        ("sim_silent", "captured", 2999, set()),
        ("sim_decline_insufficient_funds", "failed", 0, set()),
        ("sim_pending", "captured", 2999, set()),
        ("sim_pending_fails", "failed", 0, set()),
        ("sim_action", "captured", 2999, set()),
        ("sim_action_fails", "failed", 0, set()),
        ("sim_timeout_charged", "captured", 2999, set()),
        ("sim_timeout_declined", "failed", 0, set()),
        ("sim_timeout_lost", "captured", 2999, set()),
        ("sim_timeout_dark_told", "captured", 2999, {"outcome_unknown"}),
        ("sim_duplicates", "captured", 2999, set()),
        ("sim_reordered", "captured", 2999, set()),
        ("sim_late", "captured", 2999, set()),
        ("no_such_script", "failed", 0, set()),
    ],
)
def test_every_course_of_a_payment(
    token: str, status: str, captured: int, differs: set[str], messages_first: bool
) -> None:
    payment = lived_through(bought(token), messages_first=messages_first)
    assert (payment.status, payment.captured_settled, payment.suspended) == (status, captured, 0)
    assert kinds() == differs
    assert not ProviderEvent.objects.exclude(status__in=("processed", "ignored")).exists()
    paying.assert_settled(payment)


@pytest.mark.parametrize("messages_first", [False, True])
@pytest.mark.parametrize(("token", "captured"), [("sim_too_much", 3000), ("sim_too_little", 2998)])
def test_another_amount_is_recorded_and_put_before_somebody(
    token: str, captured: int, messages_first: bool
) -> None:
    payment = lived_through(bought(token), messages_first=messages_first)
    assert payment.captured_settled == captured
    assert payment.suspended == captured - payment.fulfilled
    assert kinds()
    paying.assert_settled(payment)


def test_a_message_that_contradicts_changes_no_money() -> None:
    payment = lived_through(bought("sim_contradicts"))
    assert (payment.status, payment.captured_settled) == ("captured", 2999)
    paying.assert_settled(payment)


@pytest.mark.parametrize(
    ("token", "status", "refunded"),
    [
        ("sim_ok", "partly_refunded", 1000),
        ("sim_refund_pending", "partly_refunded", 1000),
        ("sim_refund_fails", "captured", 0),
        ("sim_refund_declined", "captured", 0),
        ("sim_refund_timeout", "partly_refunded", 1000),
    ],
)
@pytest.mark.parametrize("messages_first", [False, True])
def test_every_course_of_a_refund(token: str, status: str, refunded: int, messages_first: bool) -> None:
    attempt = bought(token)
    payment = lived_through(attempt)
    paying.refund(payment, 1000, paying.refunder())
    payment = lived_through(attempt, messages_first=messages_first)
    assert (payment.status, payment.refunded_settled) == (status, refunded)
    assert kinds() == set()
    paying.assert_settled(payment)


def test_a_refund_that_nobody_here_asked_for_above_what_was_captured() -> None:
    attempt = bought("sim_ok")
    payment = lived_through(attempt)
    simulator = Simulator(ProviderAccount.objects.get(code="simulator"))
    simulator.tell(str(payment.provider_reference), FactKind.REFUND_SETTLED, 5000)
    payment = lived_through(attempt)
    assert payment.refunded_settled == 5000
    assert "above_captured" in kinds()
    paying.assert_settled(payment)


def test_the_same_messages_all_over_again_change_nothing() -> None:
    attempt = bought("sim_duplicates")
    payment = lived_through(attempt)
    before: Any = (payment.version, payment.captured_settled)
    SimulatedEvent.objects.update(sent_at=None, due_at=timezone.now() - timedelta(hours=3))
    payment = lived_through(attempt)
    assert (payment.version, payment.captured_settled) == before
    paying.assert_settled(payment)
