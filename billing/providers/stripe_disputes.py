"""Stripe's disputes in neutral words, and evidence in Stripe's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.dispute_choices import DisputeReason, DisputeStage, EvidenceKind
from billing.providers.amounts import ExponentsOf, to_ours
from billing.providers.mapping import FIELD_OF_EVIDENCE, REASON_OF_DISPUTE, STATUS_OF_DISPUTE
from billing.providers.port import DisputeFact, MovementFact, Unreadable

OTHER_WORDS = "uncategorized_text"
LARGEST_AMOUNT = 2**63 - 1


def read_dispute(dispute: Mapping[str, Any], exponents: ExponentsOf) -> DisputeFact:
    """Where a dispute stands, and the balance transactions that Stripe tells with it. Raises Unreadable."""
    status = dispute.get("status")
    if status not in STATUS_OF_DISPUTE:
        raise Unreadable("The dispute has a state that is not known.")
    stage, neutral = STATUS_OF_DISPUTE[str(status)]
    card = _card(dispute)
    if stage is DisputeStage.CHARGEBACK and card.get("case_type") == "pre_arbitration":
        stage = DisputeStage.ARBITRATION
    details = dispute.get("evidence_details")
    reason = str(dispute.get("reason") or "")
    return DisputeFact(
        status=neutral,
        stage=stage,
        reason=REASON_OF_DISPUTE.get(reason, DisputeReason.OTHER),
        reason_code=str(card.get("network_reason_code") or reason)[:100],
        due_at=_instant(details.get("due_by")) if isinstance(details, dict) else None,
        movements=_movements(dispute.get("balance_transactions"), exponents),
    )


def evidence_fields(evidence: Mapping[str, str]) -> dict[str, str]:
    """Evidence by the fields of Stripe; what has none of its own goes together, under its name."""
    fields: dict[str, str] = {}
    others = []
    for kind, words in sorted(evidence.items()):
        name = FIELD_OF_EVIDENCE.get(EvidenceKind(kind))
        if name is not None:
            fields[name] = words
        else:
            others.append(f"{EvidenceKind(kind).label}: {words}")
    return {**fields, OTHER_WORDS: "\n\n".join(others)} if others else fields


def _movements(listed: Any, exponents: ExponentsOf) -> tuple[MovementFact, ...]:
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise Unreadable("The dispute lists its movements in a way that is not known.")
    return tuple(_movement(one, exponents) for one in listed)


def _movement(told: Any, exponents: ExponentsOf) -> MovementFact:
    if not isinstance(told, dict) or told.get("object") != "balance_transaction":
        raise Unreadable("The dispute lists a movement that is none.")
    reference, currency = told.get("id"), str(told.get("currency") or "").upper()
    moved_at = _instant(told.get("created"))
    places = exponents(currency)
    if not isinstance(reference, str) or not 1 <= len(reference) <= 255 or moved_at is None:
        raise Unreadable("A movement of the dispute has no name or no time.")
    if places is None:
        raise Unreadable("The message is about a currency that we do not have.")
    return MovementFact(
        reference=reference,
        amount=to_ours(_signed(told.get("amount")), places),
        fee=to_ours(_signed(told.get("fee", 0)), places),
        currency=currency,
        moved_at=moved_at,
    )


def _signed(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_AMOUNT:
        raise Unreadable("A movement of the dispute has no amount, or one that cannot be.")
    return value


def _card(dispute: Mapping[str, Any]) -> Mapping[str, Any]:
    details = dispute.get("payment_method_details")
    card = details.get("card") if isinstance(details, dict) else None
    return card if isinstance(card, dict) else {}


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("The dispute names a time that is none.")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise Unreadable("The dispute names a time that is none.") from None
