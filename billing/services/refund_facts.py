"""What providers say about refunds: answers to ours, and refunds that nobody here asked for."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from billing.announcements import refund_failed
from billing.models import ProviderCall, Refund
from billing.payment_choices import RefundOrigin, RefundStatus
from billing.provider_choices import ExceptionKind, FactKind, ProviderOutcome
from billing.providers.port import ProviderAnswer, ProviderFact
from billing.services.settlement import Settlement
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.roles import Role

R = RefundStatus
UNDER_WAY = (R.SENT, R.UNKNOWN)
STATE = ("status", "provider_reference", "failure_code", "succeeded_at", "settled_at")


def refund_answered(*, call: ProviderCall, answer: ProviderAnswer) -> None:
    """The taker of answers about refunds, for `billing.providers.settlement`."""
    refund_settle(refund_id=call.subject_id, answer=answer)


@transaction.atomic
def refund_settle(*, refund_id: UUID, answer: ProviderAnswer) -> Refund:
    """Take down what a provider answered to a refund. An answer that is known already changes nothing.

    Locks: the order, the payment, the refund. Runs as the worker. Raises: NotThere. Announces: `refund_succeeded`,
    `refund_failed`.
    """
    with acting(Role.WORKER):
        payment_id = Refund.objects.filter(pk=refund_id).values_list("payment_id", flat=True).first()
        if payment_id is None:
            raise NotThere("There is no such refund.")
        settlement = Settlement(payment_id)
        refund = locked(Refund, refund_id)
        now = database_now()
        _named(settlement, refund, answer.reference)
        if answer.outcome in (ProviderOutcome.UNKNOWN, ProviderOutcome.NOT_FOUND):
            if refund.status == R.SENT:
                refund.status = R.UNKNOWN
        elif answer.outcome == ProviderOutcome.SUCCEEDED and refund.status in UNDER_WAY:
            if settlement.is_in(answer.currency, answer.amount):
                _compare(settlement, refund, answer.amount)
            _succeed(refund, now)
        elif answer.outcome == ProviderOutcome.DECLINED and refund.status in UNDER_WAY:
            _fail(settlement, refund, answer.decline_code, now)
        elif answer.outcome == ProviderOutcome.DECLINED and refund.status == R.SUCCEEDED:
            settlement.differs(
                ExceptionKind.CONTRADICTS,
                "The provider declines a refund that it reported as paid.",
                subject=refund,
            )
        refund.save(update_fields=[*STATE])
        settlement.close()
        return refund


def refund_reported(settlement: Settlement, fact: ProviderFact) -> None:
    """Take down a fact about a refund: ours if one fits, else one of the provider's own."""
    if fact.total is not None:
        settlement.payment.refunded_reported = max(settlement.payment.refunded_reported, fact.total)
    refund = _refund_of(settlement, fact)
    if refund is None:
        return
    _named(settlement, refund, fact.refund_reference)
    at = fact.occurred_at
    stale = refund.settled_at is not None and at < refund.settled_at
    if fact.kind == FactKind.REFUND_SETTLED:
        _compare(settlement, refund, fact.amount)
        # Of two facts of one instant the failure counts: a bank returns what was paid, not the other way round.
        later = refund.settled_at is None or at > refund.settled_at
        if refund.status in UNDER_WAY or (refund.status == R.FAILED and later):
            _succeed(refund, at)
    elif fact.kind == FactKind.REFUND_FAILED and not stale and refund.status in (*UNDER_WAY, R.SUCCEEDED):
        _fail(settlement, refund, fact.decline_code, at)
    refund.save(update_fields=[*STATE])


def _refund_of(settlement: Settlement, fact: ProviderFact) -> Refund | None:
    """By the provider's name, by our key, by its amount among those under way; else a new one of the provider's own."""
    payment = settlement.payment
    refunds = list(Refund.objects.filter(payment=payment).select_for_update().order_by("pk"))
    name = fact.refund_reference
    by_name = [refund for refund in refunds if name and refund.provider_reference == name]
    by_key = [refund for refund in refunds if fact.idempotency_key == refund.provider_key]
    by_amount = [
        refund
        for refund in refunds
        if refund.status in UNDER_WAY and refund.provider_reference is None and refund.amount == fact.amount
    ]
    for found in (by_name, by_key, by_amount):
        if found:
            return found[0]
    if not name or not fact.amount or fact.kind == FactKind.REFUND_PENDING:
        # The total alone says how much went back; which refund it was, another fact says.
        return None
    if fact.amount > 10**15:
        settlement.payment.refunded_reported = max(settlement.payment.refunded_reported, fact.amount)
        return None
    return _of_provider(settlement, fact)


def _of_provider(settlement: Settlement, fact: ProviderFact) -> Refund:
    payment = settlement.payment
    refund = Refund(
        payment=payment,
        user_id=payment.user_id,
        provider_account_id=payment.provider_account_id,
        origin=RefundOrigin.PROVIDER,
        currency_id=payment.currency_id,
        amount=fact.amount,
        reason="Reported by the provider.",
    )
    refund.save(force_insert=True)
    refund.status, refund.sent_at = R.SENT, fact.occurred_at
    refund.save(update_fields=["status", "sent_at"])
    return refund


def _named(settlement: Settlement, refund: Refund, reference: str) -> None:
    if not reference or refund.provider_reference == reference:
        return
    taken = Refund.objects.filter(
        provider_account_id=refund.provider_account_id, provider_reference=reference
    )
    if refund.provider_reference or taken.exists():
        settlement.differs(
            ExceptionKind.CONTRADICTS,
            "The provider calls this refund by another name than before, or another refund so.",
            subject=refund,
            reference=reference,
        )
        return
    refund.provider_reference = reference


def _compare(settlement: Settlement, refund: Refund, amount: int | None) -> None:
    if amount is not None and amount != refund.amount:
        settlement.differs(
            ExceptionKind.AMOUNT_DIFFERS,
            "The provider refunded another amount than it was asked to.",
            subject=refund,
            expected=refund.amount,
            reported=amount,
        )


def _succeed(refund: Refund, at: datetime) -> None:
    refund.status, refund.settled_at, refund.failure_code = R.SUCCEEDED, at, ""
    refund.succeeded_at = refund.succeeded_at or at


def _fail(settlement: Settlement, refund: Refund, code: str, at: datetime) -> None:
    """It did not go back, or it came back: then the money stands in suspense until somebody refunds it another way."""
    returned = refund.status == R.SUCCEEDED
    refund.status, refund.settled_at, refund.failure_code = R.FAILED, at, code[:100]
    if returned:
        settlement.differs(
            ExceptionKind.CONTRADICTS,
            "A refund that was paid came back. The money stands in suspense; refund it again.",
            subject=refund,
            expected=refund.amount,
            reported=0,
        )
    refund_failed.send(
        sender=Refund,
        actor=None,
        subject=refund.payment,
        changed=("status",),
        detail={"refund": str(refund.pk), "code": code[:100], "returned": returned},
    )
