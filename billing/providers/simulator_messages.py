"""The messages of the simulator: written when something is done, sent when they are due, read by the inbox."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from billing.models.simulated_charge import SimulatedCharge, SimulatedEvent
from billing.provider_choices import FactKind, ProviderOperation, ProviderOutcome
from billing.providers.port import ProviderFact, Unreadable
from billing.providers.scripts import NOW, Message, Script, script_of
from billing.providers.simulator_dispute_words import read_dispute
from billing.providers.simulator_payouts import payout_happened
from core.db.clock import database_now

WORDS: dict[FactKind, str] = {
    kind: f"simulator.{kind.value}" for kind in FactKind if kind is not FactKind.NOT_OURS
}
KINDS = {word: kind for kind, word in WORDS.items()}

DEFAULT_OF_OPERATION = {
    (ProviderOperation.AUTHORISE, ProviderOutcome.SUCCEEDED): FactKind.PAYMENT_CAPTURED,
    (ProviderOperation.AUTHORISE, ProviderOutcome.DECLINED): FactKind.PAYMENT_FAILED,
    (ProviderOperation.CAPTURE, ProviderOutcome.SUCCEEDED): FactKind.PAYMENT_CAPTURED,
    (ProviderOperation.VOID, ProviderOutcome.SUCCEEDED): FactKind.PAYMENT_VOIDED,
    (ProviderOperation.REFUND, ProviderOutcome.SUCCEEDED): FactKind.REFUND_SETTLED,
    (ProviderOperation.REFUND, ProviderOutcome.DECLINED): FactKind.REFUND_FAILED,
    (ProviderOperation.PAYOUT, ProviderOutcome.SUCCEEDED): FactKind.PAYOUT_PAID,
    (ProviderOperation.PAYOUT, ProviderOutcome.DECLINED): FactKind.PAYOUT_FAILED,
}
TELLS_OF_FAILURE = (
    FactKind.PAYMENT_FAILED,
    FactKind.REFUND_FAILED,
    FactKind.PAYOUT_FAILED,
    FactKind.PAYOUT_RETURNED,
)
ABOUT_REFUND = (FactKind.REFUND_PENDING, FactKind.REFUND_SETTLED, FactKind.REFUND_FAILED)
ABOUT_DISPUTE = (
    FactKind.DISPUTE_OPENED,
    FactKind.DISPUTE_UPDATED,
    FactKind.DISPUTE_MOVED,
    FactKind.DISPUTE_CLOSED,
)


def messages_write(charge: SimulatedCharge, script: Script, payment: SimulatedCharge | None = None) -> None:
    """Write down what is to be sent about what was just done; `payment` is the one that it was done to."""
    messages = script.messages
    # What was refused is told as refused, whatever the script would tell of a success.
    if messages is None or charge.outcome != script.outcome:
        kind = DEFAULT_OF_OPERATION.get(
            (ProviderOperation(charge.operation), ProviderOutcome(charge.outcome))
        )
        messages = (Message(kind),) if kind else ()
    for number, message in enumerate(messages):
        kind = message.kind
        if kind is FactKind.PAYMENT_CAPTURED and not charge.captures:
            kind = FactKind.PAYMENT_AUTHORISED
        message_write(
            charge,
            kind,
            amount=charge.amount,
            total=_total(kind, charge, payment),
            number=number,
            message=message,
            decline_code=script.decline_code or charge.decline_code,
        )


def message_write(
    charge: SimulatedCharge,
    kind: FactKind,
    *,
    amount: int,
    total: int | None,
    number: int = 0,
    message: Message | None = None,
    decline_code: str = "",
    by_hand: bool = False,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write down one message; several times the same where the script says so. `about` tells more, and other things."""
    now = database_now()
    seed = f"{charge.reference} {kind} {number}"
    if by_hand:
        seed = f"{seed} {charge.events.count()}"
    name = sha256(seed.encode()).hexdigest()[:24]
    apart = ABOUT_REFUND + ABOUT_DISPUTE
    after, times = (message.after, message.times) if message else (NOW, 1)
    happened = message.happened if message and message.happened is not None else after
    body: dict[str, Any] = {
        "id": f"sim_evt_{name}",
        "type": WORDS[kind],
        "created": int((now + happened).timestamp()),
        "live": False,
        "payment": charge.payment_reference,
        "refund": (f"sim_ref_{name}" if by_hand else charge.reference) if kind in apart else "",
        "key": "" if by_hand else _key(charge, kind),
        "amount": amount,
        "total": total,
        "currency": script_of(charge.script).currency or charge.currency_id,
        "decline_code": decline_code if kind in TELLS_OF_FAILURE else "",
    }
    body |= about or {}
    SimulatedEvent.objects.bulk_create(
        SimulatedEvent(
            charge=charge,
            event_id=body["id"],
            body=json.dumps(body, sort_keys=True).encode(),
            due_at=now + after,
        )
        for _ in range(times)
    )


def message_happened(event: SimulatedEvent) -> None:
    """What a message reports is true in the simulator's books when it is sent, unless it was settled before."""
    charge = SimulatedCharge.objects.select_for_update().get(pk=event.charge_id)
    kind = read_message(bytes(event.body)).kind
    if charge.operation == ProviderOperation.PAYOUT:
        payout_happened(charge, kind)
        return
    if charge.outcome not in (ProviderOutcome.PENDING, ProviderOutcome.REQUIRES_ACTION):
        return
    fields: dict[str, Any] = {}
    if kind in (FactKind.PAYMENT_CAPTURED, FactKind.REFUND_SETTLED):
        fields = {"outcome": ProviderOutcome.SUCCEEDED}
    if kind is FactKind.PAYMENT_CAPTURED:
        fields["captured_total"] = charge.amount
    if kind is FactKind.PAYMENT_AUTHORISED:
        fields = {"outcome": ProviderOutcome.SUCCEEDED}
    if kind in TELLS_OF_FAILURE:
        fields = {
            "outcome": ProviderOutcome.DECLINED,
            "decline_code": read_message(bytes(event.body)).decline_code,
        }
        if kind is FactKind.REFUND_FAILED:
            _take_back(charge)
    if fields:
        SimulatedCharge.objects.filter(pk=charge.pk).update(**fields)


def read_message(body: bytes) -> ProviderFact:
    """The message as a fact. Raises Unreadable."""
    try:
        told = json.loads(body.decode("utf-8"))
        kind = KINDS.get(told["type"], FactKind.NOT_OURS)
        return ProviderFact(
            event_id=_text(told["id"], 1),
            event_type=_text(told["type"], 1),
            kind=kind,
            occurred_at=datetime.fromtimestamp(told["created"], UTC),
            reference=_text(told.get("payment", "")),
            refund_reference=_text(told.get("refund", "")),
            idempotency_key=_text(told.get("key", "")),
            amount=_amount(told.get("amount")),
            total=_amount(told.get("total")),
            currency=told.get("currency") and _text(told["currency"], 1),
            decline_code=_text(told.get("decline_code", "")),
            is_live=bool(told.get("live")),
            dispute=read_dispute(told.get("dispute")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError):
        raise Unreadable("The message is none of the simulator, or was cut off.") from None


def _total(kind: FactKind, charge: SimulatedCharge, payment: SimulatedCharge | None) -> int | None:
    of = payment or charge
    if kind is FactKind.PAYMENT_CAPTURED:
        return of.captured_total or of.amount
    return of.refunded_total if kind is FactKind.REFUND_SETTLED else None


def _key(charge: SimulatedCharge, kind: FactKind) -> str:
    return charge.idempotency_key if kind in ABOUT_REFUND else charge.payment_key


def _take_back(charge: SimulatedCharge) -> None:
    payment = SimulatedCharge.objects.select_for_update().get(
        payment_reference=charge.payment_reference, operation=ProviderOperation.AUTHORISE
    )
    SimulatedCharge.objects.filter(pk=payment.pk).update(
        refunded_total=payment.refunded_total - charge.amount
    )


def _text(value: Any, least: int = 0) -> str:
    if not isinstance(value, str) or not least <= len(value) <= 255 or not value.isprintable():
        raise ValueError
    return value


def _amount(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise ValueError
    return value
