"""The books of the simulator about payouts: `captured_total` is what left, `refunded_total` what came back."""

from typing import Any

from billing.models.simulated_charge import SimulatedCharge
from billing.provider_choices import FactKind, ProviderOutcome
from billing.providers.scripts import Script


def payout_became(script: Script, amount: int) -> dict[str, Any]:
    """What is true of a payout right after the call, by its script."""
    return {
        "outcome": script.outcome,
        "decline_code": script.decline_code if script.outcome == ProviderOutcome.DECLINED else "",
        "amount": amount,
        "captured_total": amount if script.outcome == ProviderOutcome.SUCCEEDED else 0,
    }


def payout_happened(charge: SimulatedCharge, kind: FactKind) -> None:
    """The books of a payout: what left, and what came back of it; each once, in whatever order it is told."""
    fields: dict[str, Any] = {}
    if kind is FactKind.PAYOUT_PAID:
        fields = {"outcome": ProviderOutcome.SUCCEEDED, "captured_total": charge.amount}
    elif kind is FactKind.PAYOUT_RETURNED:
        fields = {
            "outcome": ProviderOutcome.SUCCEEDED,
            "captured_total": charge.amount,
            "refunded_total": charge.amount,
        }
    elif kind is FactKind.PAYOUT_FAILED and not charge.captured_total:
        fields = {"outcome": ProviderOutcome.DECLINED}
    if fields:
        SimulatedCharge.objects.filter(pk=charge.pk).update(**fields)
