"""What follows when somebody decides about a batch of payouts, and the hash of what they decide about."""

from hashlib import sha256
from uuid import UUID

from django.db import connection

from accounts.models import User
from billing.errors import PayoutRefused
from billing.jobs import payout_batch_send
from billing.models import ApprovalRequest, Payout, PayoutBatch
from billing.payout_announcements import payout_batch_approved, payout_batch_cancelled
from billing.payout_choices import PayoutBatchStatus, PayoutStatus
from billing.services.payout_returns import payout_undo
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as

B = PayoutBatchStatus


def payout_batch_content_hash(batch_id: UUID) -> bytes:
    """The SHA-256 of the canonical content of a batch, taken here and compared by the database with its own.

    The content is what `payout_batch_content` of the database returns: see docs/guides/payouts.md.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT payout_batch_content(%s::uuid)", [batch_id])
        (content,) = cursor.fetchone()
    return sha256(str(content).encode()).digest()


def batch_of_approval(approval_id: UUID) -> PayoutBatch | None:
    """The batch that waits for an approval, locked: before the request itself. Runs as the worker."""
    found = PayoutBatch.objects.filter(approval_id=approval_id).values_list("pk", flat=True).first()
    return locked(PayoutBatch, found) if found else None


def payout_batch_decided(batch: PayoutBatch, approval: ApprovalRequest, approves: bool, actor: User) -> None:
    """What follows from a decision: the batch is sent, or its earnings are open again. Runs as the worker.

    Raises: PayoutRefused (the maker or somebody who is paid by it approves; the content is not what was submitted).
    """
    if approves:
        if actor.pk in (batch.made_by_id, batch.submitted_by_id):
            raise PayoutRefused("Nobody approves a batch that they prepared or submitted. Ask a colleague.")
        if Payout.objects.filter(batch=batch, performer_id=actor.pk).exists():
            raise PayoutRefused("Nobody approves a batch that pays them. Ask a colleague.")
        if payout_batch_content_hash(batch.pk) != bytes(batch.content_hash or b""):
            raise PayoutRefused(
                "The content of this batch is not what was submitted. Refuse it, and tell an engineer."
            )
        batch.status, batch.approved_at = B.APPROVED, database_now()
        with refused_as(PayoutRefused):
            batch.save(update_fields=["status", "approved_at"])
        payout_batch_send.enqueue(batch_id=batch.pk, key=str(batch.pk))
        payout_batch_approved.send(
            sender=PayoutBatch,
            actor=actor,
            subject=batch,
            reason=approval.decision_reason,
            changed=("status",),
            detail={"content_sha256": batch.hash_words},
        )
        return
    batch_cancel(batch, actor, approval.decision_reason)


def batch_cancel(batch: PayoutBatch, actor: User, reason: str) -> None:
    """Cancel a batch that is locked, and open its earnings again. Runs as the worker. Announces:
    `payout_batch_cancelled`."""
    batch.status = B.CANCELLED
    with refused_as(PayoutRefused):
        batch.save(update_fields=["status"])
    payouts = list(
        Payout.objects.filter(batch=batch)
        .select_related("provider_account", "token_value")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for payout in payouts:
        payout.status = PayoutStatus.CANCELLED
        payout.save(update_fields=["status"])
    for payout in payouts:
        payout_undo(payout, was_paid=False, at=database_now(), actor=actor)
    batch.refresh_from_db(fields=["version", "updated_at"])
    payout_batch_cancelled.send(
        sender=PayoutBatch,
        actor=actor,
        subject=batch,
        reason=reason,
        changed=("status",),
        detail={"payouts": len(payouts), "total": batch.total, "currency": batch.currency_id},
    )
