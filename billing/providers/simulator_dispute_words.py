"""Disputes in the words of the simulator's messages: names, and what a message says of one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus
from billing.providers.port import DisputeFact, MovementFact

PAYMENT, DISPUTE = "sim_pay_", "sim_dp_"


def dispute_of_payment(reference: str) -> str:
    """The simulator's name of the dispute of a payment."""
    return DISPUTE + reference.removeprefix(PAYMENT)


def payment_of_dispute(reference: str) -> str:
    """The payment of which this is the dispute."""
    return PAYMENT + reference.removeprefix(DISPUTE)


def read_dispute(told: Any) -> DisputeFact | None:
    """What a message says of a dispute; None: nothing. Raises ValueError, TypeError, KeyError, AttributeError."""
    if told is None:
        return None
    lost = told.get("lost")
    return DisputeFact(
        status=DisputeStatus(told["status"]),
        stage=DisputeStage(told["stage"]),
        reason=DisputeReason(told["reason"]),
        reason_code=_text(told.get("code", "")),
        due_at=None if told.get("due") is None else datetime.fromtimestamp(told["due"], UTC),
        lost_amount=None if lost is None else _whole(lost),
        movements=tuple(_movement(one) for one in told.get("movements", ())),
    )


def _movement(told: Mapping[str, Any]) -> MovementFact:
    reference = _text(told["id"])
    if not reference:
        raise ValueError
    return MovementFact(
        reference=reference,
        amount=_whole(told["amount"]),
        fee=_whole(told.get("fee", 0)),
        currency=_text(told["currency"]),
        moved_at=datetime.fromtimestamp(told["created"], UTC),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 255 or not value.isprintable():
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError
    return value
