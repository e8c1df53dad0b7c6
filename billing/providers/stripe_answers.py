"""What is kept of Stripe's answers: what explains a case; no secret, no name, no address."""

from collections.abc import Mapping
from typing import Any

PAYMENT_FIELDS = (
    "id",
    "status",
    "amount",
    "amount_received",
    "amount_capturable",
    "currency",
    "cancellation_reason",
)
CHARGE_FIELDS = ("id", "status", "captured", "amount_captured", "amount_refunded", "failure_code")
CARD_FIELDS = ("brand", "country", "funding", "last4", "exp_month", "exp_year", "fingerprint", "network")
THREE_D_SECURE_FIELDS = (
    "authentication_flow",
    "electronic_commerce_indicator",
    "exemption_indicator",
    "result",
    "result_reason",
    "transaction_id",
    "version",
)
REFUND_FIELDS = ("id", "status", "amount", "currency", "failure_reason", "reason")
PAYOUT_FIELDS = ("id", "status", "amount", "currency", "arrival_date", "failure_code", "method", "type")
DISPUTE_FIELDS = ("id", "status", "amount", "currency", "reason")
ERROR_FIELDS = ("type", "code", "decline_code", "param", "advice_code", "network_decline_code")


def told_of_payment(payment: Mapping[str, Any]) -> dict[str, Any]:
    """The states and amounts of a payment, the last decline, and how its card was authenticated."""
    told = _of(payment, PAYMENT_FIELDS)
    if isinstance(error := payment.get("last_payment_error"), dict):
        told["last_payment_error"] = _of(error, ERROR_FIELDS)
    charge = payment.get("latest_charge")
    if isinstance(charge, str):
        told["latest_charge"] = charge
    elif isinstance(charge, dict):
        told["charge"] = _of(charge, CHARGE_FIELDS)
        details = charge.get("payment_method_details")
        card = details.get("card") if isinstance(details, dict) else None
        if isinstance(card, dict):
            told["card"] = _of(card, CARD_FIELDS)
            if isinstance(secure := card.get("three_d_secure"), dict):
                told["three_d_secure"] = _of(secure, THREE_D_SECURE_FIELDS)
    return told


def told_of_refund(refund: Mapping[str, Any]) -> dict[str, Any]:
    """The state and amount of a refund."""
    return _of(refund, REFUND_FIELDS)


def told_of_payout(payout: Mapping[str, Any]) -> dict[str, Any]:
    """The state and amount of a payout, without where it goes."""
    return _of(payout, PAYOUT_FIELDS)


def told_of_dispute(dispute: Mapping[str, Any]) -> dict[str, Any]:
    """The state and amount of a dispute, without its evidence."""
    return _of(dispute, DISPUTE_FIELDS)


def told_of_error(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    """The status of HTTP (0: no answer at all) and the codes of an error, without its sentence."""
    error = content.get("error")
    told: dict[str, Any] = {"http_status": status}
    if isinstance(error, dict):
        told |= _of(error, ERROR_FIELDS)
        if isinstance(payment := error.get("payment_intent"), dict) and isinstance(payment.get("id"), str):
            told["payment_intent"] = payment["id"]
    return told


def _of(thing: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that are plain values, by name."""
    return {
        name: thing[name]
        for name in names
        if isinstance(thing.get(name), str | int | bool) and len(str(thing[name])) <= 255
    }
