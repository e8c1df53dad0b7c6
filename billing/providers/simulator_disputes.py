"""Disputes at the simulator: what their scripts tell, when a payment was taken and when evidence comes."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from billing.models.simulated_charge import SimulatedCharge
from billing.provider_choices import ProviderOperation, ProviderOutcome
from billing.providers.scripts import DISPUTE_SCRIPTS, DisputeScript, DisputeStep, Message, script_of
from billing.providers.simulator_dispute_words import dispute_of_payment
from billing.providers.simulator_messages import message_write
from core.db.clock import database_now

ANSWERED_WITHIN = timedelta(days=14)
"""So long the simulator takes evidence."""

FIRST_ANSWER = 100
"""Steps are numbered; those after evidence begin here."""


def dispute_begin(charge: SimulatedCharge) -> None:
    """Write down what is told of the dispute of a payment that was just taken, where its script has one."""
    script = _script_of(charge)
    if script is None or charge.outcome != ProviderOutcome.SUCCEEDED:
        return
    for number, step in enumerate(script.opened):
        dispute_step_write(charge, step, charge.amount + script.surplus, number=number)


def dispute_answered(payment: SimulatedCharge) -> str:
    """Follow the script of a dispute after evidence; returns why evidence is refused, '' if it is taken."""
    script = _script_of(payment)
    if script is None:
        return "no_such_dispute"
    if script.refuses:
        return script.refuses
    submitted = SimulatedCharge.objects.filter(
        payment_reference=payment.payment_reference,
        operation=ProviderOperation.SUBMIT_EVIDENCE,
        outcome=ProviderOutcome.SUCCEEDED,
    )
    # The one that is being taken is in the books already.
    if submitted.count() > 1:
        return "already_submitted"
    for number, step in enumerate(script.answered, FIRST_ANSWER):
        dispute_step_write(payment, step, payment.amount + script.surplus, number=number)
    return ""


def dispute_step_write(charge: SimulatedCharge, step: DisputeStep, amount: int, *, number: int) -> None:
    """Write down one message about a dispute of `amount`."""
    script = _script_of(charge)
    now = database_now()
    happened = step.happened if step.happened is not None else step.after
    given = amount * step.gives // 10_000
    at = int((now + happened).timestamp())
    about: dict[str, Any] = {
        "refund": dispute_of_payment(charge.payment_reference),
        "key": "",
        "dispute": {
            "status": step.status.value,
            "stage": step.stage.value,
            "reason": script.reason.value if script else "other",
            "code": "13.1",
            "due": int((now + ANSWERED_WITHIN).timestamp()),
            "lost": amount - given if step.is_partial else None,
            "movements": [],
        },
    }
    moved = given - amount * step.takes // 10_000
    if moved:
        name = sha256(f"{charge.reference} {step.kind} {number}".encode()).hexdigest()[:24]
        about["dispute"]["movements"].append(
            {
                "id": f"sim_txn_{name}",
                "amount": moved,
                "fee": step.fee,
                "currency": charge.currency_id,
                "created": at,
            }
        )
    message_write(
        charge,
        step.kind,
        amount=amount,
        total=None,
        number=number,
        message=Message(step.kind, step.after, step.times, step.happened),
        about=about,
    )


def _script_of(charge: SimulatedCharge) -> DisputeScript | None:
    return DISPUTE_SCRIPTS.get(script_of(charge.script).dispute)
