"""What the simulator does when it is called: every outcome, delay, repetition and disorder, by name.

The name of a script is the token of the payment method (`sim_pending`), so that a demo and a test choose it by choosing
how to pay. `sim_by_amount` chooses by the last two digits of the amount.
"""

from dataclasses import dataclass
from datetime import timedelta

from billing.dispute_choices import DisputeReason, DisputeStage, DisputeStatus
from billing.provider_choices import FactKind, ProviderOutcome
from billing.providers.port import NeverSent

NOW = timedelta(0)
AT_ONCE = timedelta(seconds=1)
SOON = timedelta(seconds=5)
LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Message:
    """One event: what it reports, how long after the call it arrives, how often, and when it happened if not then."""

    kind: FactKind
    after: timedelta = NOW
    times: int = 1
    happened: timedelta | None = None


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """One event about a dispute: where it stands, what of the amount moves, and when.

    `takes` and `gives` are basis points of what is disputed, of which the rest `is_partial`ly lost. `fee` is kept.
    """

    kind: FactKind
    status: DisputeStatus
    after: timedelta = NOW
    times: int = 1
    happened: timedelta | None = None
    takes: int = 0
    gives: int = 0
    is_partial: bool = False
    fee: int = 0
    stage: DisputeStage = DisputeStage.CHARGEBACK


@dataclass(frozen=True, slots=True)
class DisputeScript:
    """A dispute that follows a payment: what is told of it by itself, and what once evidence was submitted.

    `surplus` is disputed beyond what was paid. Evidence is refused with `refuses`, where there is a code.
    """

    opened: tuple[DisputeStep, ...]
    answered: tuple[DisputeStep, ...] = ()
    reason: DisputeReason = DisputeReason.NOT_RECEIVED
    surplus: int = 0
    refuses: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What comes of a call.

    `outcome` is what is true at the provider right after the call, `answers` whether the caller hears it. `happens`
    false: the call never arrives (the first one; a repetition with the same key does). `looks_up` false: nobody learns
    of it by asking either. `messages` None: one at once, as fits the outcome. `surplus` is added to the amount that
    moves, `currency` reported instead of the right one. `refund` is the script of refunds of this payment,
    `dispute` the name of that of its dispute.
    """

    outcome: ProviderOutcome = ProviderOutcome.SUCCEEDED
    decline_code: str = ""
    answers: bool = True
    happens: bool = True
    looks_up: bool = True
    messages: tuple[Message, ...] | None = None
    surplus: int = 0
    currency: str = ""
    refund: str = "sim_ok"
    dispute: str = ""


PAID, NOT_PAID, CAME_BACK = FactKind.PAYOUT_PAID, FactKind.PAYOUT_FAILED, FactKind.PAYOUT_RETURNED
CAPTURED, FAILED, PENDING = FactKind.PAYMENT_CAPTURED, FactKind.PAYMENT_FAILED, FactKind.PAYMENT_PENDING
ACTION = FactKind.PAYMENT_REQUIRES_ACTION
DECLINE = "sim_decline_"
REFUND = "sim_refund_"

SCRIPTS: dict[str, Script] = {
    "sim_ok": Script(),
    "sim_silent": Script(messages=()),
    "sim_pending": Script(ProviderOutcome.PENDING, messages=(Message(PENDING), Message(CAPTURED, SOON))),
    "sim_pending_fails": Script(
        ProviderOutcome.PENDING, "late_decline", messages=(Message(PENDING), Message(FAILED, SOON))
    ),
    "sim_action": Script(
        ProviderOutcome.REQUIRES_ACTION, messages=(Message(ACTION), Message(CAPTURED, SOON))
    ),
    "sim_action_fails": Script(
        ProviderOutcome.REQUIRES_ACTION,
        "authentication_failed",
        messages=(Message(ACTION), Message(FAILED, SOON)),
    ),
    "sim_timeout_charged": Script(answers=False),
    "sim_timeout_declined": Script(ProviderOutcome.DECLINED, "insufficient_funds", answers=False),
    "sim_timeout_lost": Script(answers=False, happens=False),
    "sim_timeout_dark": Script(answers=False, looks_up=False, messages=()),
    "sim_timeout_dark_told": Script(answers=False, looks_up=False),
    "sim_duplicates": Script(messages=(Message(CAPTURED, times=3),)),
    "sim_reordered": Script(
        ProviderOutcome.PENDING,
        messages=(Message(CAPTURED, happened=AT_ONCE), Message(PENDING, SOON, happened=NOW)),
    ),
    "sim_contradicts": Script(messages=(Message(CAPTURED), Message(FAILED, SOON))),
    "sim_late": Script(messages=(Message(CAPTURED, LATE),)),
    "sim_too_much": Script(surplus=1),
    "sim_too_little": Script(surplus=-1),
    "sim_other_currency": Script(currency="XTS"),
    "sim_refund_pending": Script(refund="sim_refund_pending"),
    "sim_refund_fails": Script(refund="sim_refund_fails"),
    "sim_refund_declined": Script(refund="sim_refund_declined"),
    "sim_refund_timeout": Script(refund="sim_refund_timeout"),
    "sim_refund_too_much": Script(refund="sim_refund_too_much"),
    "sim_payout_pending": Script(ProviderOutcome.PENDING, messages=(Message(PAID, SOON),)),
    "sim_payout_late": Script(ProviderOutcome.PENDING, messages=(Message(PAID, LATE),)),
    "sim_payout_never": Script(ProviderOutcome.PENDING, answers=False, looks_up=False, messages=()),
    "sim_payout_twice": Script(messages=(Message(PAID, times=3),)),
    "sim_payout_fails": Script(
        ProviderOutcome.PENDING, "account_closed", messages=(Message(NOT_PAID, SOON),)
    ),
    "sim_payout_returned": Script(
        decline_code="no_account", messages=(Message(PAID), Message(CAME_BACK, SOON))
    ),
    "sim_payout_reordered": Script(
        ProviderOutcome.PENDING,
        "no_account",
        messages=(Message(CAME_BACK, happened=SOON), Message(PAID, AT_ONCE, happened=AT_ONCE)),
    ),
    "sim_payout_after_all": Script(
        ProviderOutcome.PENDING,
        "account_closed",
        messages=(Message(NOT_PAID), Message(PAID, AT_ONCE, happened=SOON)),
    ),
    "sim_dispute_won": Script(dispute="sim_dispute_won"),
    "sim_dispute_lost": Script(dispute="sim_dispute_lost"),
    "sim_dispute_ignored": Script(dispute="sim_dispute_ignored"),
    "sim_dispute_partly": Script(dispute="sim_dispute_partly"),
    "sim_dispute_inquiry": Script(dispute="sim_dispute_inquiry"),
    "sim_dispute_too_much": Script(dispute="sim_dispute_too_much"),
    "sim_dispute_reordered": Script(dispute="sim_dispute_reordered"),
    "sim_dispute_refuses": Script(dispute="sim_dispute_refuses"),
}
"""By the token of the payment method. `sim_decline_<code>` declines with that code."""

REFUND_SCRIPTS: dict[str, Script] = {
    "sim_ok": Script(),
    "sim_refund_pending": Script(
        ProviderOutcome.PENDING,
        messages=(Message(FactKind.REFUND_PENDING), Message(FactKind.REFUND_SETTLED, SOON)),
    ),
    "sim_refund_fails": Script(
        ProviderOutcome.PENDING,
        "account_closed",
        messages=(Message(FactKind.REFUND_PENDING), Message(FactKind.REFUND_FAILED, SOON)),
    ),
    "sim_refund_declined": Script(ProviderOutcome.DECLINED, "charge_disputed"),
    "sim_refund_timeout": Script(answers=False),
    "sim_refund_too_much": Script(surplus=100),
}

DISPUTE_FEE = 1500
"""What the simulator keeps for a dispute, in minor units; no fee is given back."""

OPENED, UPDATED = FactKind.DISPUTE_OPENED, FactKind.DISPUTE_UPDATED
MOVED, CLOSED = FactKind.DISPUTE_MOVED, FactKind.DISPUTE_CLOSED
WAITS, REVIEWED = DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW
WON, LOST, PARTLY = DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.PARTLY
TAKEN = DisputeStep(OPENED, WAITS, SOON, takes=10_000, fee=DISPUTE_FEE)
REVIEW = DisputeStep(UPDATED, REVIEWED)

DISPUTE_SCRIPTS: dict[str, DisputeScript] = {
    "sim_dispute_won": DisputeScript(
        (TAKEN,), (REVIEW, DisputeStep(CLOSED, WON, SOON), DisputeStep(MOVED, WON, SOON, gives=10_000))
    ),
    "sim_dispute_lost": DisputeScript(
        (TAKEN,), (REVIEW, DisputeStep(CLOSED, LOST, SOON)), reason=DisputeReason.FRAUD
    ),
    "sim_dispute_ignored": DisputeScript((TAKEN, DisputeStep(CLOSED, LOST, LATE))),
    "sim_dispute_partly": DisputeScript(
        (TAKEN,),
        (REVIEW, DisputeStep(CLOSED, PARTLY, SOON, gives=6_000, is_partial=True)),
        reason=DisputeReason.NOT_AS_DESCRIBED,
    ),
    "sim_dispute_inquiry": DisputeScript(
        (DisputeStep(OPENED, WAITS, SOON, stage=DisputeStage.INQUIRY),),
        (DisputeStep(CLOSED, DisputeStatus.CLOSED, SOON, stage=DisputeStage.INQUIRY),),
        reason=DisputeReason.UNRECOGNISED,
    ),
    "sim_dispute_too_much": DisputeScript((TAKEN,), (REVIEW, DisputeStep(CLOSED, LOST, SOON)), surplus=100),
    "sim_dispute_reordered": DisputeScript(
        (
            DisputeStep(CLOSED, LOST, NOW, happened=LATE),
            DisputeStep(MOVED, WAITS, NOW, times=2, happened=SOON, takes=10_000, fee=DISPUTE_FEE),
            DisputeStep(OPENED, WAITS, NOW, times=2, happened=AT_ONCE),
        ),
    ),
    "sim_dispute_refuses": DisputeScript((TAKEN,), refuses="evidence_too_large"),
}

BY_AMOUNT: dict[int, str] = {
    1: "sim_decline_insufficient_funds",
    2: "sim_pending",
    3: "sim_action",
    4: "sim_timeout_charged",
    5: "sim_timeout_lost",
    6: "sim_duplicates",
    7: "sim_reordered",
    8: "sim_too_much",
}
"""By the last two digits of the amount, for the token `sim_by_amount`; every other amount succeeds."""


def script_name(token: str, amount: int) -> str:
    """The name of the script that a token and an amount choose."""
    return BY_AMOUNT.get(amount % 100, "sim_ok") if token == "sim_by_amount" else token  # noqa: S105


def script_of(name: str) -> Script:
    """The script. Raises NeverSent where there is none of this name."""
    if name.startswith(DECLINE) and len(name) > len(DECLINE):
        return Script(ProviderOutcome.DECLINED, name.removeprefix(DECLINE))
    try:
        return SCRIPTS[name]
    except KeyError:
        raise NeverSent("no_such_method", "The simulator has no script of this name.") from None
