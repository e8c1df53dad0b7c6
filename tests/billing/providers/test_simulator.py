"""The simulator: what it answers, what it holds to be true, and what it sends."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from billing.models import ProviderAccount, ProviderEvent, SimulatedCharge, SimulatedEvent
from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome
from billing.providers.port import AuthoriseCall, CaptureCall, NeverSent, ProviderAnswer, RefundCall, VoidCall
from billing.providers.scripts import SCRIPTS
from billing.providers.simulator import Simulator
from billing.services.simulated_messages import simulated_messages_send

pytestmark = pytest.mark.django_db


@pytest.fixture
def simulator(simulated: ProviderAccount) -> Simulator:
    return Simulator(simulated)


def charge(
    simulator: Simulator, token: str = "sim_ok", amount: int = 2999, key: str = "attempt-0001", **more: Any
) -> ProviderAnswer:
    return simulator.authorise(AuthoriseCall(key, amount, "EUR", token, **more))


def messages() -> list[tuple[str, int]]:
    """Type and amount of every message, in the order of arrival."""
    bodies = [json.loads(bytes(event.body)) for event in SimulatedEvent.objects.order_by("due_at", "pk")]
    return [(body["type"].removeprefix("simulator."), body["amount"]) for body in bodies]


def later(by: timedelta) -> datetime | None:
    """Let time pass: what is due within it is sent."""
    SimulatedEvent.objects.filter(sent_at__isnull=True, due_at__lte=timezone.now() + by).update(
        due_at=timezone.now() - timedelta(seconds=1)
    )
    return simulated_messages_send()


@pytest.mark.parametrize(
    ("token", "outcome", "told"),
    [
        ("sim_ok", "succeeded", ["payment_captured"]),
        ("sim_silent", "succeeded", []),
        ("sim_decline_stolen_card", "declined", ["payment_failed"]),
        ("sim_pending", "pending", ["payment_pending", "payment_captured"]),
        ("sim_pending_fails", "pending", ["payment_pending", "payment_failed"]),
        ("sim_action", "requires_action", ["payment_requires_action", "payment_captured"]),
        ("sim_timeout_charged", "unknown", ["payment_captured"]),
        ("sim_timeout_declined", "unknown", ["payment_failed"]),
        ("sim_timeout_lost", "unknown", []),
        ("sim_timeout_dark", "unknown", []),
        ("sim_duplicates", "succeeded", ["payment_captured"] * 3),
        ("sim_reordered", "pending", ["payment_captured", "payment_pending"]),
        ("sim_late", "succeeded", ["payment_captured"]),
    ],
)
def test_every_script_answers_and_tells_as_it_says(
    simulator: Simulator, token: str, outcome: str, told: list[str]
) -> None:
    assert charge(simulator, token).outcome == outcome
    assert [name for name, _ in messages()] == told


def test_the_same_key_is_the_same_charge(simulator: Simulator) -> None:
    first, second = charge(simulator), charge(simulator)
    assert first.reference == second.reference
    assert SimulatedCharge.objects.get().calls == 2
    assert messages() == [("payment_captured", 2999)]


def test_references_follow_from_the_key_alone(simulator: Simulator) -> None:
    names = {charge(simulator, key=f"attempt-000{number}").reference for number in range(3)}
    assert len(names) == 3
    assert charge(simulator, key="attempt-0000").reference in names


def test_a_time_out_after_the_charge_is_found_by_looking_up(simulator: Simulator) -> None:
    assert charge(simulator, "sim_timeout_charged").outcome is ProviderOutcome.UNKNOWN
    found = simulator.look_up("attempt-0001")
    assert (found.outcome, found.amount) == (ProviderOutcome.SUCCEEDED, 2999)


def test_a_time_out_before_the_charge_is_not_found_and_the_repetition_charges(simulator: Simulator) -> None:
    assert charge(simulator, "sim_timeout_lost").outcome is ProviderOutcome.UNKNOWN
    assert simulator.look_up("attempt-0001").outcome is ProviderOutcome.NOT_FOUND
    assert charge(simulator, "sim_timeout_lost").outcome is ProviderOutcome.SUCCEEDED
    assert simulator.look_up("attempt-0001").outcome is ProviderOutcome.SUCCEEDED
    assert messages() == [("payment_captured", 2999)]


def test_in_the_dark_nobody_learns_anything(simulator: Simulator) -> None:
    for _ in range(2):
        assert charge(simulator, "sim_timeout_dark").outcome is ProviderOutcome.UNKNOWN
        assert simulator.look_up("attempt-0001").outcome is ProviderOutcome.UNKNOWN


def test_what_was_pending_is_settled_when_its_message_is_sent(simulator: Simulator) -> None:
    charge(simulator, "sim_pending")
    assert simulator.look_up("attempt-0001").outcome is ProviderOutcome.PENDING
    assert later(timedelta(minutes=1)) is None
    assert simulator.look_up("attempt-0001").outcome is ProviderOutcome.SUCCEEDED
    assert list(ProviderEvent.objects.order_by("pk").values_list("fact", flat=True)) == [
        "payment_pending",
        "payment_captured",
    ]


def test_what_is_not_due_is_not_sent(simulator: Simulator) -> None:
    charge(simulator, "sim_late")
    due = simulated_messages_send()
    assert due is not None
    assert due > timezone.now() + timedelta(minutes=50)
    assert not ProviderEvent.objects.exists()


def test_duplicates_arrive_once(simulator: Simulator) -> None:
    charge(simulator, "sim_duplicates")
    simulated_messages_send()
    event = ProviderEvent.objects.get()
    assert (event.deliveries, event.verdict) == (3, "valid")


@pytest.mark.parametrize(("token", "amount"), [("sim_too_much", 3000), ("sim_too_little", 2998)])
def test_wrong_amounts(simulator: Simulator, token: str, amount: int) -> None:
    assert charge(simulator, token).amount == amount
    assert messages() == [("payment_captured", amount)]


@pytest.mark.parametrize(
    ("amount", "outcome"), [(1001, "declined"), (1002, "pending"), (1004, "unknown"), (1000, "succeeded")]
)
def test_a_script_chosen_by_the_amount(simulator: Simulator, amount: int, outcome: str) -> None:
    assert charge(simulator, "sim_by_amount", amount).outcome == outcome


def test_a_plan_for_one_call_comes_first(simulated: ProviderAccount) -> None:
    simulator = Simulator(simulated, plan={"attempt-0002": "sim_decline_expired_card"})
    assert charge(simulator).outcome is ProviderOutcome.SUCCEEDED
    assert charge(simulator, key="attempt-0002").decline_code == "expired_card"


def test_a_token_that_is_no_script_is_never_sent(simulator: Simulator) -> None:
    with pytest.raises(NeverSent):
        charge(simulator, "tok_visa")
    assert not SimulatedCharge.objects.exists()


def test_authorise_capture_in_parts_and_no_more(simulator: Simulator) -> None:
    held = charge(simulator, capture=False)
    assert messages() == [("payment_authorised", 2999)]
    parts = [
        simulator.capture(CaptureCall(f"capture-{number}", held.reference, 1500, "EUR"))
        for number in range(3)
    ]
    assert [part.outcome for part in parts] == ["succeeded", "declined", "declined"]
    assert parts[1].decline_code == "capture_too_large"
    assert simulator.void(VoidCall("void-0001", held.reference)).decline_code == "not_voidable"
    assert [name for name, _ in messages()] == ["payment_authorised", "payment_captured"]


def test_void_and_never_again(simulator: Simulator) -> None:
    held = charge(simulator, capture=False)
    for _ in range(2):
        assert simulator.void(VoidCall("void-0001", held.reference)).outcome is ProviderOutcome.SUCCEEDED
    capture = simulator.capture(CaptureCall("capture-1", held.reference, 1, "EUR"))
    assert capture.decline_code == "not_capturable"
    assert [name for name, _ in messages()] == ["payment_authorised", "payment_voided"]


def test_refunds_up_to_what_was_taken(simulator: Simulator) -> None:
    paid = charge(simulator)
    outcomes = [
        simulator.refund(RefundCall(f"refund-{number}", paid.reference, 1000, "EUR")).outcome
        for number in (1, 2, 2, 3)
    ]
    assert outcomes == ["succeeded", "succeeded", "succeeded", "declined"]
    told = [json.loads(bytes(event.body)) for event in SimulatedEvent.objects.order_by("pk")][1:3]
    assert [(one["amount"], one["total"], one["key"]) for one in told] == [
        (1000, 1000, "refund-1"),
        (1000, 2000, "refund-2"),
    ]


@pytest.mark.parametrize(
    ("token", "outcome", "told"),
    [
        ("sim_refund_pending", "pending", ["refund_pending", "refund_settled"]),
        ("sim_refund_fails", "pending", ["refund_pending", "refund_failed"]),
        ("sim_refund_declined", "declined", ["refund_failed"]),
        ("sim_refund_timeout", "unknown", ["refund_settled"]),
        ("sim_refund_too_much", "succeeded", ["refund_settled"]),
    ],
)
def test_scripts_of_refunds(simulator: Simulator, token: str, outcome: str, told: list[str]) -> None:
    paid = charge(simulator, token)
    answer = simulator.refund(RefundCall("refund-1", paid.reference, 1000, "EUR"))
    assert answer.outcome == outcome
    assert [name for name, _ in messages()][1:] == told
    looked_up = simulator.look_up("refund-1", operation=ProviderOperation.REFUND, reference=paid.reference)
    assert looked_up.outcome is not ProviderOutcome.NOT_FOUND


def test_a_refund_that_failed_leaves_as_much_to_refund_as_before(simulator: Simulator) -> None:
    paid = charge(simulator, "sim_refund_fails")
    simulator.refund(RefundCall("refund-1", paid.reference, 2999, "EUR"))
    later(timedelta(minutes=1))
    assert simulator.refund(RefundCall("refund-2", paid.reference, 2999, "EUR")).outcome == "pending"


def test_something_that_nobody_asked_for(simulator: Simulator) -> None:
    paid = charge(simulator)
    for _ in range(2):
        simulator.tell(paid.reference, FactKind.REFUND_SETTLED, 5000)
    told = [json.loads(bytes(event.body)) for event in SimulatedEvent.objects.order_by("pk")][1:]
    assert [(one["payment"], one["key"], one["amount"]) for one in told] == [(paid.reference, "", 5000)] * 2
    assert len({one["id"] for one in told}) == 2


@pytest.mark.parametrize("operation", ["capture", "void", "refund"])
def test_a_payment_that_it_does_not_know(simulator: Simulator, operation: str) -> None:
    calls = {
        "capture": CaptureCall("work-0001", "sim_pay_none", 1, "EUR"),
        "void": VoidCall("work-0001", "sim_pay_none"),
        "refund": RefundCall("work-0001", "sim_pay_none", 1, "EUR"),
    }
    assert getattr(simulator, operation)(calls[operation]).decline_code == "no_such_payment"


@pytest.mark.parametrize("token", sorted(SCRIPTS))
def test_every_script_can_be_read_back(simulator: Simulator, token: str) -> None:
    charge(simulator, token)
    for event in SimulatedEvent.objects.all():
        fact = simulator.read(bytes(event.body))
        assert fact.kind is not FactKind.NOT_OURS
        # A dispute begins with the payer's bank, which knows the payment and none of our keys.
        assert fact.idempotency_key == ("" if fact.dispute else "attempt-0001")
        assert fact.reference == event.charge.payment_reference
