"""Deciding what a colleague asked for. Nobody decides about their own, in the database too."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import approval_given, approval_refused
from billing.errors import ApprovalRefused
from billing.models import ApprovalRequest, Refund
from billing.payment_choices import ApprovalKind, ApprovalStatus, RefundStatus
from billing.services.payout_decisions import batch_of_approval, payout_batch_decided
from billing.services.refunds import refund_send
from billing.services.settlement import Settlement
from core.db.context import acting
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import Role


@transaction.atomic
def approval_decide(*, approvalrequest_id: UUID, approves: bool, actor: User, reason: str) -> ApprovalRequest:
    """Approve or refuse what a colleague asked for, and do what follows from it: a refund is sent or cancelled, a batch
    of payouts is sent or its earnings are open again.

    Locks: the order and the payment of a refund, or the batch; the request, the refund. Raises: ApprovalRefused (one's
    own, decided before, no longer possible, the role that approves is not held, no reason), PayoutRefused (whoever
    prepared the batch, or is paid by it; another content than was submitted), NotThere. Announces: `approval_given`,
    `approval_refused`.
    """
    with acting(Role.WORKER, user_id=actor.pk):
        refund_id = Refund.objects.filter(approval_id=approvalrequest_id).values_list("pk", flat=True).first()
        settlement = None
        if refund_id is not None:
            settlement = Settlement(Refund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
        batch = batch_of_approval(approvalrequest_id)
        request = locked(ApprovalRequest, approvalrequest_id)
        if request.maker_id == actor.pk:
            raise ApprovalRefused("Nobody decides about what they asked for themselves. Ask a colleague.")
        if request.status != ApprovalStatus.PENDING:
            raise ApprovalRefused(f"This was decided before: {request.get_status_display().lower()}.")
        request.status = ApprovalStatus.APPROVED if approves else ApprovalStatus.REFUSED
        request.checker, request.decision_reason = actor, reason.strip()
        with refused_as(ApprovalRefused):
            request.save(update_fields=["status", "checker", "decision_reason"])
        request.refresh_from_db(fields=["decided_at"])
        if request.kind == ApprovalKind.REFUND and settlement is not None and refund_id is not None:
            _carry_out(settlement, locked(Refund, refund_id), approves, actor)
        if request.kind == ApprovalKind.PAYOUT_BATCH and batch is not None:
            payout_batch_decided(batch, request, approves, actor)
    (approval_given if approves else approval_refused).send(
        sender=ApprovalRequest,
        actor=actor,
        subject=request,
        reason=reason,
        changed=("status",),
        detail={"kind": request.kind, "amount": request.amount, "currency": request.currency_id},
    )
    return request


def _carry_out(settlement: Settlement, refund: Refund, approves: bool, actor: User) -> None:
    payment = settlement.payment
    refund.payment = payment
    if approves:
        if payment.captured < payment.refund_requested + payment.refunded_elsewhere:
            raise ApprovalRefused("So much is no longer left of this payment. Refuse the request.")
        refund_send(refund, actor)
        return
    refund.status = RefundStatus.CANCELLED
    refund.save(update_fields=["status"])
    settlement.close(actor=actor)


def approval_give(*, approvalrequest_id: UUID, actor: User, reason: str) -> ApprovalRequest:
    """Approve; see `approval_decide`."""
    return approval_decide(approvalrequest_id=approvalrequest_id, approves=True, actor=actor, reason=reason)


def approval_refuse(*, approvalrequest_id: UUID, actor: User, reason: str) -> ApprovalRequest:
    """Refuse; see `approval_decide`."""
    return approval_decide(approvalrequest_id=approvalrequest_id, approves=False, actor=actor, reason=reason)
