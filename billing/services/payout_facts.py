"""What providers answer and report about payouts: taken down whatever it says, in any order, as often as they like."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.errors import PaymentUnknown
from billing.models import Debt, Payout, PayoutBatch, ProviderCall
from billing.payout_announcements import payout_batch_done, payout_failed, payout_paid, payout_returned
from billing.payout_choices import DebtCause, PayoutBatchStatus, PayoutStatus
from billing.provider_choices import ExceptionKind, FactKind, ProviderOutcome
from billing.providers.port import ProviderAnswer, ProviderFact
from billing.services.debt_locks import debts_lock
from billing.services.journal import entries_post
from billing.services.payout_destinations import destination_failed, destination_worked
from billing.services.payout_postings import (
    debts_of,
    entry_given_back,
    entry_paid,
    entry_paid_after_all,
)
from billing.services.payout_returns import payout_return_record, payout_undo
from billing.services.reconciliation_exceptions import reconciliation_exception_raise
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere, locked
from core.db.roles import Role

P = PayoutStatus
PAYOUTS = (FactKind.PAYOUT_PAID, FactKind.PAYOUT_FAILED, FactKind.PAYOUT_RETURNED)
OVER, NEVER_SENT = (P.FAILED, P.RETURNED), (P.PREPARED, P.CANCELLED)
STATE = ("status", "provider_reference", "failure_code", "paid_at", "settled_at")


def payout_answered(*, call: ProviderCall, answer: ProviderAnswer) -> None:
    """The taker of answers about payouts, for `billing.providers.settlement`."""
    payout_settle(payout_id=call.subject_id, answer=answer)


@transaction.atomic
def payout_settle(*, payout_id: UUID, answer: ProviderAnswer) -> Payout:
    """Take down what a provider answered. An answer that is known already, by whatever way, changes nothing.

    Locks: the batch, the payout, its destination. Runs as the worker. Raises: NotThere. Announces: `payout_paid`,
    `payout_failed`, `payout_batch_done`.
    """
    with acting(Role.WORKER):
        batch, payout = _locked(payout_id)
        now = database_now()
        _named(payout, answer.reference)
        if answer.amount is not None:
            _compare(payout, answer.amount, answer.currency)
        match answer.outcome:
            case ProviderOutcome.SUCCEEDED:
                _paid(payout, now, told=False)
            case ProviderOutcome.DECLINED:
                _declined(payout, answer.decline_code, now)
            case ProviderOutcome.UNKNOWN | ProviderOutcome.NOT_FOUND if payout.status == P.SENT:
                payout.status = P.UNKNOWN
                payout.save(update_fields=["status"])
        batch_settle(batch)
        return payout


@transaction.atomic
def payout_fact_record(*, fact: ProviderFact, event_id: UUID) -> Payout:
    """Take down one fact. The same one again, or one that is older than what is known, changes nothing.

    What is known of answers has no time of the provider: every fact is newer. Of two facts of one instant the failure
    counts: a bank returns what was paid, not the other way round. Locks: the batch, the payout, its destination. Runs
    as the worker. Raises: PaymentUnknown. Announces: `payout_paid`, `payout_failed`, `payout_returned`,
    `payout_batch_done`.
    """
    with acting(Role.WORKER):
        batch, payout = _locked(_payout_of(fact))
        _named(payout, fact.reference, event_id)
        if fact.amount is not None:
            _compare(payout, fact.amount, fact.currency, event_id)
        at, known = fact.occurred_at, payout.settled_at
        if fact.kind == FactKind.PAYOUT_PAID:
            if payout.status in OVER and known is not None and at <= known:
                _note_paid(payout, at)
            else:
                _paid(payout, at, told=True, event_id=event_id)
        elif known is None or at >= known:
            _over(payout, fact, event_id)
        batch_settle(batch)
        return payout


def _locked(payout_id: UUID) -> tuple[PayoutBatch, Payout]:
    """The batch first, then the payout: whoever settles the last one sees what all others became."""
    batch_id = Payout.objects.filter(pk=payout_id).values_list("batch_id", flat=True).first()
    if batch_id is None:
        raise NotThere("There is no such payout.")
    batch = locked(PayoutBatch, batch_id)
    payout = (
        Payout.objects.select_for_update(of=("self",))
        .select_related("provider_account", "token_value")
        .get(pk=payout_id)
    )
    return batch, payout


def _payout_of(fact: ProviderFact) -> UUID:
    """Which payout a fact is about: by the provider's name of it, or by our key."""
    account: dict[str, Any] = {} if fact.account_id is None else {"provider_account_id": fact.account_id}
    payouts = Payout.objects.filter(**account)
    found = None
    if fact.reference:
        found = payouts.filter(provider_reference=fact.reference).values_list("pk", flat=True).first()
    if found is None and fact.idempotency_key:
        try:
            key = UUID(fact.idempotency_key)
        except ValueError:
            key = None
        found = payouts.filter(pk=key).values_list("pk", flat=True).first() if key else None
    if found is None:
        raise PaymentUnknown("There is no payout of this name.")
    return found


def _named(payout: Payout, reference: str, event_id: UUID | None = None) -> None:
    if not reference or payout.provider_reference == reference:
        return
    taken = Payout.objects.filter(
        provider_account_id=payout.provider_account_id, provider_reference=reference
    )
    if payout.provider_reference or taken.exists():
        _differs(
            payout,
            ExceptionKind.CONTRADICTS,
            "The provider calls this payout by another name than before, or another payout so.",
            event_id=event_id,
        )
        return
    payout.provider_reference = reference[:255]
    payout.save(update_fields=["provider_reference"])


def _compare(payout: Payout, amount: int, currency: str | None, event_id: UUID | None = None) -> None:
    if currency and currency != payout.currency_id:
        _differs(
            payout,
            ExceptionKind.CURRENCY_DIFFERS,
            f"The provider paid in {currency}.",
            event_id=event_id,
        )
    elif amount != payout.amount:
        _differs(
            payout,
            ExceptionKind.AMOUNT_DIFFERS,
            "The provider paid another amount than it was asked to.",
            reported=amount,
            event_id=event_id,
        )


def _differs(
    payout: Payout,
    kind: ExceptionKind,
    words: str,
    *,
    reported: int | None = None,
    event_id: UUID | None = None,
) -> None:
    reconciliation_exception_raise(
        kind=kind,
        subject=payout,
        words=words,
        provider_account_id=payout.provider_account_id,
        event_id=event_id,
        reference=payout.provider_reference or payout.reference,
        currency=payout.currency_id,
        expected_amount=payout.amount,
        reported_amount=reported,
    )


def _paid(payout: Payout, at: dt.datetime, *, told: bool, event_id: UUID | None = None) -> None:
    """The money left. `told`: by a message, whose time is the provider's; an answer may be older than a message."""
    known = payout.settled_at
    if payout.status in (P.PAID, P.PAID_AFTER_ALL):
        if told:
            payout.settled_at = at if known is None else max(known, at)
            payout.save(update_fields=["settled_at"])
        return
    if payout.status in OVER:
        if told or known is None:
            _paid_after_all(payout, at, told=told, event_id=event_id)
        else:
            _note_paid(payout, at)
        return
    if payout.status in NEVER_SENT:
        _never_sent(payout, event_id)
        return
    payout.status, payout.paid_at, payout.settled_at = P.PAID, at, at if told else None
    payout.save(update_fields=[*STATE])
    destination_worked(payout.destination_id)
    entries_post(entries=[entry_paid(payout, at)], actor=None)
    payout_paid.send(
        sender=Payout,
        actor=None,
        subject=payout,
        changed=("status",),
        detail={"amount": payout.amount, "currency": payout.currency_id},
    )


def _note_paid(payout: Payout, at: dt.datetime) -> None:
    """Heard of after it came back: it had been paid before that. Nothing else changes."""
    if payout.paid_at is None:
        payout.paid_at = at
        payout.save(update_fields=["paid_at"])


def _never_sent(payout: Payout, event_id: UUID | None) -> None:
    """Nothing is booked: nobody here sent it, so somebody must find out what the provider means."""
    _differs(
        payout,
        ExceptionKind.CONTRADICTS,
        "The provider reports on a payout that was never sent.",
        reported=payout.amount,
        event_id=event_id,
    )


def _paid_after_all(payout: Payout, at: dt.datetime, *, told: bool, event_id: UUID | None) -> None:
    """Its earnings are open again, and may be in another payout: whoever got the money owes it."""
    payout.status, payout.paid_at = P.PAID_AFTER_ALL, payout.paid_at or at
    payout.settled_at = at if told else None
    payout.save(update_fields=[*STATE])
    _differs(
        payout,
        ExceptionKind.CONTRADICTS,
        "The provider reports as paid what it reported as failed or returned. It is owed, and set off by and by.",
        reported=payout.amount,
        event_id=event_id,
    )
    Debt.objects.bulk_create(debts_of(payout, DebtCause.PAID_AFTER_ALL, {payout.currency_id: payout.amount}))
    entries_post(entries=[entry_paid_after_all(payout, at)], actor=None)


def _declined(payout: Payout, code: str, at: dt.datetime) -> None:
    """An answer: whatever a message said before is better known."""
    if payout.status in (P.SENT, P.UNKNOWN):
        payout_fail(payout, code=code, at=at, told=False)
    elif payout.status in (P.PAID, P.PAID_AFTER_ALL):
        _differs(payout, ExceptionKind.CONTRADICTS, "The provider declines what it reported as paid.")


def _over(payout: Payout, fact: ProviderFact, event_id: UUID) -> None:
    code, at = fact.decline_code, fact.occurred_at
    if payout.status in NEVER_SENT:
        _never_sent(payout, event_id)
    elif payout.status in (P.SENT, P.UNKNOWN) and fact.kind == FactKind.PAYOUT_FAILED:
        payout_fail(payout, code=code, at=at)
    elif payout.status in (P.SENT, P.UNKNOWN, P.PAID):
        _returned(payout, code, at)
    elif payout.status == P.PAID_AFTER_ALL:
        _given_back(payout, code, at)
    elif payout.status in OVER and (payout.settled_at is None or at > payout.settled_at):
        payout.settled_at = at
        payout.save(update_fields=["settled_at"])


def payout_fail(
    payout: Payout, *, code: str, at: dt.datetime, told: bool = True, counts: bool = True
) -> None:
    """It did not go: its earnings are open again. Runs as the worker, batch and payout locked.

    `told`: by a message, whose time is the provider's. `counts`: towards the pausing of its destination.
    """
    payout.status, payout.failure_code, payout.settled_at = P.FAILED, code[:100], at if told else None
    payout.save(update_fields=[*STATE])
    if counts:
        destination_failed(payout.destination_id)
    entry_id, shortfall = payout_undo(payout, was_paid=False, at=at, actor=None)
    payout_return_record(payout, was_paid=False, at=at, code=code, entry_id=entry_id, shortfall=shortfall)
    payout_failed.send(
        sender=Payout, actor=None, subject=payout, changed=("status",), detail={"code": code[:100]}
    )


def _returned(payout: Payout, code: str, at: dt.datetime) -> None:
    """It came back. That it had been paid may be heard of later, or never: then it never touched the cash here."""
    was_paid = payout.status == P.PAID
    payout.status, payout.failure_code, payout.settled_at = P.RETURNED, code[:100], at
    payout.save(update_fields=[*STATE])
    destination_failed(payout.destination_id)
    entry_id, shortfall = payout_undo(payout, was_paid=was_paid, at=at, actor=None)
    payout_return_record(payout, was_paid=was_paid, at=at, code=code, entry_id=entry_id, shortfall=shortfall)
    _tell_returned(payout, code)


def _given_back(payout: Payout, code: str, at: dt.datetime) -> None:
    payout.status, payout.failure_code, payout.settled_at = P.RETURNED, code[:100], at
    payout.save(update_fields=[*STATE])
    destination_failed(payout.destination_id)
    debts_lock(payout.payee_id)
    entry, less = entry_given_back(payout, at)
    Debt.objects.bulk_create(debts_of(payout, DebtCause.GIVEN_BACK, {payout.currency_id: -less}))
    entries_post(entries=[entry], actor=None)
    payout_return_record(payout, was_paid=True, at=at, code=code, entry_id=entry.id, shortfall=0)
    _tell_returned(payout, code)


def _tell_returned(payout: Payout, code: str) -> None:
    payout_returned.send(
        sender=Payout,
        actor=None,
        subject=payout,
        changed=("status",),
        detail={"code": code[:100], "amount": payout.amount, "currency": payout.currency_id},
    )


def batch_settle(batch: PayoutBatch) -> None:
    """A batch is done when every outcome is known. Runs as the worker, batch locked."""
    if batch.status != PayoutBatchStatus.SENDING:
        return
    if Payout.objects.filter(batch=batch, status__in=(P.PREPARED, P.SENT, P.UNKNOWN)).exists():
        return
    batch.status, batch.done_at = PayoutBatchStatus.DONE, database_now()
    batch.save(update_fields=["status", "done_at"])
    payout_batch_done.send(sender=PayoutBatch, actor=None, subject=batch, changed=("status",))
