"""Payouts at Stripe: what is asked, what its answers mean, and what its messages report, by Stripe's own examples."""

import json
from typing import Any

import pytest

from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome
from billing.providers.port import PayoutCall
from billing.providers.stripe import Stripe
from billing.providers.stripe_events import read_event
from tests.billing.providers.test_stripe_calls import KEY, Wire, error
from tests.billing.providers.test_stripe_mapping import PLACES, resource

O = ProviderOutcome  # noqa: E741
CALL = PayoutCall(KEY, 1100, "USD", "ba_1", "VBL0123456789AB")


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def stripe(wire: Wire) -> Stripe:
    return Stripe("stripe_eu", ("stripe_eu_new",), "stripe_eu_calls", PLACES.get, wire)


def payout(**changed: Any) -> dict[str, Any]:
    return {**resource("payout"), "metadata": {"idempotency_key": KEY}, **changed}


def event(kind: str, **changed: Any) -> bytes:
    return json.dumps(
        {
            "object": "event",
            "id": "evt_1",
            "type": kind,
            "created": 1_790_000_000,
            "livemode": False,
            "data": {"object": payout(**changed)},
        }
    ).encode()


def test_a_payout_carries_our_key_twice_and_what_the_statement_shows(stripe: Stripe, wire: Wire) -> None:
    wire.says(payout(status="pending"))
    answer = stripe.pay_out(CALL)
    (call,) = wire.calls
    assert (call.method, call.url) == ("POST", "https://api.stripe.com/v1/payouts")
    assert call.headers["Idempotency-Key"] == KEY
    assert wire.asked == {
        "amount": ["1100"],
        "currency": ["usd"],
        "destination": ["ba_1"],
        "method": ["standard"],
        "statement_descriptor": ["VBL0123456789AB"],
        "metadata[idempotency_key]": [KEY],
    }
    assert (answer.outcome, answer.amount, answer.currency) == (O.PENDING, 1100, "USD")
    assert "destination" not in answer.raw


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("pending", O.PENDING),
        ("in_transit", O.PENDING),
        ("paid", O.SUCCEEDED),
        ("failed", O.DECLINED),
        ("canceled", O.DECLINED),
        ("of_next_year", O.UNKNOWN),
    ],
)
def test_states(stripe: Stripe, wire: Wire, status: str, outcome: ProviderOutcome) -> None:
    wire.says(payout(status=status, failure_code="account_closed"))
    assert stripe.pay_out(CALL).outcome is outcome


def test_no_answer_leaves_it_open_and_a_refusal_does_not(stripe: Stripe, wire: Wire) -> None:
    assert stripe.pay_out(CALL).outcome is O.UNKNOWN
    wire.says(error("balance_insufficient"), 400)
    answer = stripe.pay_out(CALL)
    assert (answer.outcome, answer.decline_code) == (O.DECLINED, "balance_insufficient")
    wire.says(error("lock_timeout"), 409)
    assert stripe.pay_out(CALL).outcome is O.UNKNOWN


def test_it_is_found_again_by_our_key(stripe: Stripe, wire: Wire) -> None:
    wire.says({"data": [payout(metadata={}), payout(status="paid")], "has_more": True})
    assert stripe.look_up(KEY, operation=ProviderOperation.PAYOUT, reference="VBL1").outcome is O.SUCCEEDED
    wire.says({"data": [payout(metadata={})], "has_more": True})
    assert stripe.look_up(KEY, operation=ProviderOperation.PAYOUT, reference="VBL1").outcome is O.UNKNOWN
    wire.says({"data": [], "has_more": False})
    assert stripe.look_up(KEY, operation=ProviderOperation.PAYOUT, reference="VBL1").outcome is O.NOT_FOUND


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("payout.paid", FactKind.PAYOUT_PAID),
        ("payout.failed", FactKind.PAYOUT_FAILED),
        ("payout.canceled", FactKind.PAYOUT_FAILED),
        ("payout.created", FactKind.NOT_OURS),
        ("payout.updated", FactKind.NOT_OURS),
    ],
)
def test_messages(kind: str, fact: FactKind) -> None:
    found = read_event(event(kind, failure_code="account_closed"), PLACES.get)
    assert found.kind is fact
    if fact is not FactKind.NOT_OURS:
        assert (found.reference, found.idempotency_key) == (payout()["id"], KEY)
        assert (found.amount, found.currency, found.decline_code) == (1100, "USD", "account_closed")
