"""Payouts at Stripe: what is asked for, and what its answer says. https://docs.stripe.com/api/payouts"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from billing.provider_choices import ProviderOutcome
from billing.providers.mapping import OUTCOME_OF_PAYOUT_STATUS
from billing.providers.port import PayoutCall
from billing.providers.stripe_answers import told_of_payout
from billing.providers.stripe_events import OUR_KEY


@dataclass(frozen=True, slots=True)
class PayoutTold:
    """What a payout at Stripe says; `amount` in its units."""

    outcome: ProviderOutcome
    amount: Any
    decline_code: str
    raw: Mapping[str, Any]


def payout_fields(call: PayoutCall) -> dict[str, str]:
    """The fields of a payout to an external account beside its money."""
    return {
        "destination": call.destination_token,
        "method": "standard",
        "statement_descriptor": call.reference,
        f"metadata[{OUR_KEY}]": call.idempotency_key,
    }


def payout_told(payout: Mapping[str, Any]) -> PayoutTold:
    """The payout as it stands; a state that is not known leaves it open."""
    return PayoutTold(
        outcome=OUTCOME_OF_PAYOUT_STATUS.get(str(payout.get("status")), ProviderOutcome.UNKNOWN),
        amount=payout.get("amount"),
        decline_code=str(payout.get("failure_code") or ""),
        raw=told_of_payout(payout),
    )
