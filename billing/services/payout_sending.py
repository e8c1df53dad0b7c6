"""Sending an approved batch, as a job does: one payout and one call a transaction, so that it may die anywhere."""

from uuid import UUID

from billing.models import Payout, PayoutBatch
from billing.payout_announcements import payout_sent
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.provider_choices import CallSubject, ProviderOperation
from billing.services.payout_destinations import usable_at
from billing.services.payout_facts import batch_settle, payout_fail
from billing.services.provider_calls import provider_call_request
from billing.services.sanctions_screenings import payout_barred
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import locked
from core.db.roles import Role

NOT_USABLE = "destination_not_usable"
"""Our code for a payout that was not sent, since its destination was paused, given up or changed after the approval."""

BARRED = "payouts_stopped"
"""Our code for a payout that was not sent, since compliance has something against its payee."""


def payout_batch_run(*, batch_id: UUID) -> int:
    """Send every payout of an approved batch that was not sent yet; how many were taken now.

    May be run twice, or by two at once, and goes on where an earlier run ended. Raises RuntimeError inside of a
    transaction.
    """
    taken = 0
    while True:
        with acting(Role.WORKER, durable=True):
            if not payout_send_next(batch_id):
                return taken
        taken += 1


def payout_send_next(batch_id: UUID) -> bool:
    """One payout: it is sent, its call is requested, and a job is enqueued to make it, all or nothing.

    Returns whether there was one. Runs as the worker. Locks: the batch, the payout.
    """
    batch = locked(PayoutBatch, batch_id)
    if batch.status not in (PayoutBatchStatus.APPROVED, PayoutBatchStatus.SENDING):
        return False
    payout = (
        Payout.objects.filter(batch=batch, status=PayoutStatus.PREPARED)
        .select_for_update(of=("self",))
        .select_related("destination", "provider_account", "token_value")
        .defer("destination__holder_name", "destination__details", "destination__token")
        .order_by("pk")
        .first()
    )
    if batch.status == PayoutBatchStatus.APPROVED:
        batch.status = PayoutBatchStatus.SENDING
        batch.save(update_fields=["status"])
    if payout is None:
        batch_settle(batch)
        return False
    if code := _why_not(payout):
        payout_fail(payout, code=code, at=database_now(), told=False, counts=False)
        batch_settle(batch)
    else:
        _send(payout)
    return True


def _why_not(payout: Payout) -> str:
    """Our code of what came between the approval and the sending; empty: nothing did."""
    if payout_barred(performer_id=payout.performer_id, studio_id=payout.studio_id):
        return BARRED
    return "" if usable_at(payout.destination) else NOT_USABLE


def _send(payout: Payout) -> None:
    payout.status, payout.sent_at = PayoutStatus.SENT, database_now()
    payout.save(update_fields=["status", "sent_at"])
    provider_call_request(
        operation=ProviderOperation.PAYOUT,
        provider_account_id=payout.provider_account_id,
        subject_type=CallSubject.PAYOUT,
        subject_id=payout.pk,
        idempotency_key=payout.provider_key,
        amount=payout.amount,
        currency=payout.currency_id,
        reference=payout.reference,
        actor=None,
    )
    payout_sent.send(
        sender=Payout,
        actor=None,
        subject=payout,
        changed=("status",),
        detail={"amount": payout.amount, "currency": payout.currency_id},
    )
