"""Stripe's messages in neutral words, from the fixtures that Stripe publishes (billing/data/stripe_fixtures)."""

import contextlib
import copy
import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.provider_choices import FactKind
from billing.providers.amounts import Exponents, to_ours, to_theirs
from billing.providers.mapping import FACT_OF_TYPE
from billing.providers.port import NeverSent, ProviderFact, Unreadable
from billing.providers.stripe_events import read_event

FIXTURES = Path(__file__).parents[3] / "billing" / "data" / "stripe_fixtures" / "stripe_fixtures.json.gz"
PLACES = {
    "USD": Exponents(2, 2),
    "EUR": Exponents(2, 2),
    "JPY": Exponents(0, 0),
    "KWD": Exponents(3, 3, step=10),
    "ISK": Exponents(0, 2, step=100),
    "MGA": Exponents(2, 0),
}
WHEN = 1_234_567_890


@cache
def _resources() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(FIXTURES.read_bytes()))["resources"]
    return found


def resource(name: str, **changed: Any) -> dict[str, Any]:
    """An object as Stripe publishes it, with some fields changed."""
    return {**copy.deepcopy(_resources()[name]), **changed}


def event(kind: str, thing: dict[str, Any], **changed: Any) -> bytes:
    """A message as Stripe publishes it, about another object."""
    return json.dumps({**resource("event"), "type": kind, "data": {"object": thing}, **changed}).encode()


def read(body: bytes) -> ProviderFact:
    return read_event(body, PLACES.get)


def payment(**changed: Any) -> dict[str, Any]:
    metadata = {"idempotency_key": "attempt-0001"}
    return resource("payment_intent", **{"metadata": metadata, "amount": 2999, **changed})


def test_a_captured_payment() -> None:
    fact = read(event("payment_intent.succeeded", payment(status="succeeded", amount_received=2500)))
    assert fact == ProviderFact(
        event_id="evt_1Pgc76B7WZ01zgkWwyRHS12y",
        event_type="payment_intent.succeeded",
        kind=FactKind.PAYMENT_CAPTURED,
        occurred_at=datetime.fromtimestamp(WHEN, UTC),
        reference="pi_1PgafyB7WZ01zgkWSjxsAJo3",
        idempotency_key="attempt-0001",
        amount=2500,
        total=2500,
        currency="USD",
        is_live=False,
    )


@pytest.mark.parametrize(
    ("kind", "fact", "changed", "amount"),
    [
        ("payment_intent.processing", FactKind.PAYMENT_PENDING, {}, 2999),
        ("payment_intent.requires_action", FactKind.PAYMENT_REQUIRES_ACTION, {}, 2999),
        (
            "payment_intent.amount_capturable_updated",
            FactKind.PAYMENT_AUTHORISED,
            {"amount_capturable": 2000},
            2000,
        ),
        ("payment_intent.payment_failed", FactKind.PAYMENT_FAILED, {}, 2999),
        ("payment_intent.canceled", FactKind.PAYMENT_VOIDED, {}, 2999),
    ],
)
def test_payments(kind: str, fact: FactKind, changed: dict[str, Any], amount: int) -> None:
    found = read(event(kind, payment(**changed)))
    assert (found.kind, found.amount, found.currency) == (fact, amount, "USD")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (
            {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"},
            "insufficient_funds",
        ),
        ({"type": "card_error", "code": "expired_card"}, "expired_card"),
        ({"type": "idempotency_error"}, "idempotency_error"),
        (None, ""),
    ],
)
def test_the_issuers_code_of_a_decline_comes_first(error: Any, code: str) -> None:
    fact = read(event("payment_intent.payment_failed", payment(last_payment_error=error)))
    assert fact.decline_code == code


@pytest.mark.parametrize(
    ("kind", "status", "fact"),
    [
        ("refund.created", "pending", FactKind.REFUND_PENDING),
        ("refund.created", "succeeded", FactKind.REFUND_SETTLED),
        ("refund.updated", "requires_action", FactKind.REFUND_PENDING),
        ("refund.updated", "succeeded", FactKind.REFUND_SETTLED),
        ("refund.updated", "canceled", FactKind.REFUND_FAILED),
        ("charge.refund.updated", "failed", FactKind.REFUND_FAILED),
        ("refund.failed", "failed", FactKind.REFUND_FAILED),
    ],
)
def test_refunds_are_what_their_status_says(kind: str, status: str, fact: FactKind) -> None:
    refund = resource(
        "refund", status=status, payment_intent="pi_1", metadata={"idempotency_key": "refund-1"}
    )
    found = read(event(kind, refund))
    assert (found.kind, found.amount, found.currency) == (fact, 100, "USD")
    assert (found.reference, found.refund_reference) == ("pi_1", "re_1Pgc72B7WZ01zgkWqPvrRrPE")
    assert found.idempotency_key == "refund-1"


def test_a_refund_by_hand_has_no_key_and_names_its_charge() -> None:
    found = read(event("refund.created", resource("refund")))
    assert (found.idempotency_key, found.reference) == ("", "ch_1PgafuB7WZ01zgkWXYmPNZs8")


def test_disputes() -> None:
    opened = read(event("charge.dispute.created", resource("dispute", payment_intent={"id": "pi_1"})))
    assert (opened.kind, opened.reference, opened.amount) == (FactKind.DISPUTE_OPENED, "pi_1", 1000)
    assert opened.decline_code == "warning_needs_response"
    closed = read(event("charge.dispute.closed", resource("dispute", status="lost")))
    assert (closed.kind, closed.decline_code) == (FactKind.DISPUTE_CLOSED, "lost")


def test_every_other_resource_that_stripe_publishes_is_nothing_that_we_keep() -> None:
    for name in _resources():
        fact = read(event(f"{name}.updated_by_nobody", resource(name)))
        assert fact.kind is FactKind.NOT_OURS


def test_the_same_movement_told_by_the_charge_is_not_counted_again() -> None:
    for kind in ("charge.succeeded", "charge.captured", "charge.refunded", "charge.failed"):
        assert read(event(kind, resource("charge"))).kind is FactKind.NOT_OURS


@pytest.mark.parametrize(
    ("currency", "theirs", "ours"),
    [("eur", 2999, 2999), ("jpy", 500, 500), ("kwd", 1230, 1230), ("isk", 50000, 500), ("mga", 7, 700)],
)
def test_amounts_are_counted_as_ours(currency: str, theirs: int, ours: int) -> None:
    fact = read(event("payment_intent.succeeded", payment(currency=currency, amount_received=theirs)))
    assert (fact.amount, fact.currency) == (ours, currency.upper())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b'{"id": "evt_1", "object": "ev', "cut off"),
        (b"[]", "no event"),
        (b"null", "no event"),
        (b'{"object": "customer"}', "no event"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"object": "event", "amount": NaN}', "no JSON"),
    ],
)
def test_what_is_no_event_is_unreadable(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(body)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"id": 7},
        {"id": "e" * 256},
        {"id": "evt\n1"},
        {"id": "evt\x001"},
        {"id": "evt\ud8001"},
        {"type": None},
        {"created": None},
        {"created": True},
        {"created": 10**18},
        {"created": -(10**18)},
        {"data": None},
        {"data": {"object": []}},
        {"data": {"object": {"object": "charge"}}},
    ],
)
def test_an_event_that_cannot_be_is_unreadable(changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(event("payment_intent.succeeded", payment(), **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_received": None},
        {"amount_received": -1},
        {"amount_received": 2**63},
        {"amount_received": 12.5},
        {"amount_received": "100"},
        {"amount_received": True},
        {"currency": "xyz"},
        {"currency": None},
        {"currency": "isk", "amount_received": 50},
    ],
)
def test_an_amount_that_cannot_be_is_unreadable(changed: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read(event("payment_intent.succeeded", payment(**changed)))


@given(st.binary(max_size=400))
def test_no_bytes_do_anything_but_be_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@given(
    st.sampled_from(sorted(FACT_OF_TYPE)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
)
def test_no_object_breaks_the_reading(kind: str, thing: Any) -> None:
    shaped = {**thing, "object": "payment_intent"} if isinstance(thing, dict) else thing
    with contextlib.suppress(Unreadable):
        fact = read(json.dumps({**resource("event"), "type": kind, "data": {"object": shaped}}).encode())
        assert fact.amount is not None
        assert fact.amount >= 0


@given(st.integers(0, 10**15), st.sampled_from(sorted(PLACES)))
def test_an_amount_there_and_back_is_the_same_or_is_never_sent(amount: int, currency: str) -> None:
    places = PLACES[currency]
    try:
        theirs = to_theirs(amount, places)
    except NeverSent:
        assert amount % max(places.step, 10 ** max(places.ours - places.theirs, 0))
        return
    assert to_ours(theirs, places) == amount
