"""Stripe's messages in neutral words."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.provider_choices import FactKind
from billing.providers.amounts import ExponentsOf, to_ours
from billing.providers.mapping import (
    AMOUNT_OF_FACT,
    DISPUTE,
    FACT_OF_REFUND_STATUS,
    FACT_OF_TYPE,
    PAYMENT,
    PAYOUT,
    REFUND,
)
from billing.providers.port import ProviderFact, Unreadable
from billing.providers.stripe_disputes import read_dispute

OUR_KEY = "idempotency_key"
"""Under this name our key stands in the metadata of what we make."""

LARGEST_AMOUNT = 2**63 - 1


def read_event(body: bytes, exponents: ExponentsOf) -> ProviderFact:
    """The message as a fact. Raises Unreadable for what is no event, or carries another thing than its type says."""
    event = parsed(body)
    fact_kind = FACT_OF_TYPE.get(_text(event, "type"))
    if fact_kind is None:
        return _fact(event, FactKind.NOT_OURS)
    kind_of_object, kind = fact_kind
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    if not isinstance(thing, dict) or thing.get("object") != kind_of_object:
        raise Unreadable("The message does not carry what its type says.")
    if kind_of_object == REFUND and kind is not FactKind.REFUND_FAILED:
        status = thing.get("status")
        if status not in FACT_OF_REFUND_STATUS:
            raise Unreadable("The refund has a state that is not known.")
        kind = FACT_OF_REFUND_STATUS[str(status)]
    return _of_object(event, thing, kind_of_object, kind, exponents)


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object of the message. Raises Unreadable without quoting it."""
    try:
        event = json.loads(body.decode("utf-8", errors="strict"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("The message is no JSON, or was cut off.") from None
    if not isinstance(event, dict) or event.get("object") != "event":
        raise Unreadable("The message is no event.")
    return event


def _of_object(
    event: Mapping[str, Any],
    thing: Mapping[str, Any],
    kind_of_object: str,
    kind: FactKind,
    exponents: ExponentsOf,
) -> ProviderFact:
    currency = _text(thing, "currency").upper()
    places = exponents(currency)
    if places is None:
        raise Unreadable("The message is about a currency that we do not have.")
    amount = to_ours(_amount(thing, AMOUNT_OF_FACT.get(kind, "amount")), places)
    metadata = thing.get("metadata")
    told: dict[str, Any] = {
        "idempotency_key": str(metadata.get(OUR_KEY, "")) if isinstance(metadata, dict) else "",
        "amount": amount,
        "currency": currency,
    }
    if kind_of_object == PAYMENT:
        told["reference"] = _text(thing, "id")
        told["decline_code"] = decline_of(thing) if kind is FactKind.PAYMENT_FAILED else ""
        if kind is FactKind.PAYMENT_CAPTURED:
            told["total"] = amount
    elif kind_of_object == PAYOUT:
        told["reference"] = _text(thing, "id")
        told["decline_code"] = str(thing.get("failure_code") or "")
    else:
        told["reference"] = _named(thing.get("payment_intent")) or _named(thing.get("charge"))
        told["refund_reference"] = _text(thing, "id")
        if kind_of_object == REFUND:
            told["decline_code"] = str(thing.get("failure_reason") or "")
        if kind_of_object == DISPUTE:
            told["decline_code"] = str(thing.get("status") or "")
            told["dispute"] = read_dispute(thing, exponents)
    return _fact(event, kind, **told)


def decline_of(payment: Mapping[str, Any]) -> str:
    """The code of the last decline: the issuer's where there is one, else that of the error."""
    error = payment.get("last_payment_error")
    if not isinstance(error, dict):
        return ""
    return str(error.get("decline_code") or error.get("code") or error.get("type") or "")


def _fact(event: Mapping[str, Any], kind: FactKind, **told: Any) -> ProviderFact:
    created = event.get("created")
    if not isinstance(created, int) or isinstance(created, bool):
        raise Unreadable("The message does not say when it happened.")
    try:
        occurred_at = datetime.fromtimestamp(created, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unreadable("The message names a time that is none.") from None
    live = event.get("livemode")
    return ProviderFact(
        event_id=_text(event, "id"),
        event_type=_text(event, "type"),
        kind=kind,
        occurred_at=occurred_at,
        is_live=live if isinstance(live, bool) else None,
        **told,
    )


def _text(thing: Mapping[str, Any], name: str) -> str:
    value = thing.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 255 or not value.isprintable():
        raise Unreadable(f"The message has no {name}, or one that cannot be.")
    return value


def _named(value: Any) -> str:
    """The id of something that Stripe gives by name, or whole."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _amount(thing: Mapping[str, Any], name: str) -> int:
    value = thing.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_AMOUNT:
        raise Unreadable("The message has no amount, or one that cannot be.")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)
