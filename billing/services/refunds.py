"""Giving money back: within what is left and within one's limit, else with the approval of a colleague."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import refund_requested
from billing.errors import RefundRefused
from billing.fulfilment import fulfilment_of
from billing.idempotency import once
from billing.models import Payment, Refund
from billing.money import amount_check, money_text
from billing.payment_choices import ApprovalKind, LimitKind, RefundOrigin, RefundStatus
from billing.provider_choices import CallSubject, ProviderOperation
from billing.services.approval_requests import approval_ask
from billing.services.provider_calls import provider_call_request
from billing.services.settlement import Settlement
from billing.services.staff_limits import allowance_of
from core.db.clock import database_now
from core.db.context import acting, current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES, Role


@transaction.atomic
def refund_request(
    *,
    payment_id: UUID,
    amount: int,
    actor: User | None,
    reason: str,
    is_goodwill: bool = False,
    idempotency_key: str | None = None,
    expected_version: int | None = None,
) -> Refund:
    """Give `amount` minor units of a payment back; above the limit of who asks, once a colleague approved.

    Staff ask in the role in which they act; `actor` None is the platform, which has no limit. With `is_goodwill` the
    platform bears what was used up already. Locks: the order, the payment. Raises: RefundRefused (more than is left,
    more than can be taken back, one's own payment, staff outside of a staff role), MoneyRefused, KeyReused, NotThere,
    StaleVersion. Announces: `refund_requested`, and `approval_asked` above the limit.
    """
    role = current_role()
    if actor is not None and role not in STAFF_ROLES:
        raise RefundRefused("Refunds are asked for by staff, in a role of staff.")

    def request() -> Refund:
        settlement = Settlement(payment_id)
        payment = settlement.payment
        if expected_version is not None:
            locked(Payment, payment_id, expected_version=expected_version)
        asked = amount_check(amount, payment.currency_id).amount
        _check(payment, asked, actor, is_goodwill)
        approval = None
        if actor is not None and role is not None:
            allowance = allowance_of(
                person_id=actor.pk, role=role, kind=LimitKind.REFUND, currency=payment.currency_id
            )
            if not allowance.covers(asked):
                approval = approval_ask(
                    kind=ApprovalKind.REFUND,
                    subject=payment,
                    amount=asked,
                    currency=payment.currency_id,
                    allowance=allowance,
                    role=role,
                    actor=actor,
                    reason=reason,
                )
        refund = Refund(
            payment=payment,
            user_id=payment.user_id,
            provider_account_id=payment.provider_account_id,
            origin=RefundOrigin.STAFF if actor else RefundOrigin.SYSTEM,
            currency_id=payment.currency_id,
            amount=asked,
            is_goodwill=is_goodwill,
            reason=reason.strip(),
            requested_by=actor,
            requested_role=role.value if actor and role else None,
            approval=approval,
        )
        with refused_as(RefundRefused):
            refund.save(force_insert=True)
            payment.refund_requested += asked
            payment.save(update_fields=["refund_requested"])
        if approval is None:
            refund_send(refund, actor)
        return refund

    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        refund, is_new = once(
            Refund,
            request,
            operation="refund_request",
            key=idempotency_key,
            arguments={"payment": payment_id, "amount": amount, "goodwill": is_goodwill},
        )
    if is_new:
        refund_requested.send(
            sender=Refund,
            actor=actor,
            subject=refund.payment,
            reason=reason,
            changed=("refund_requested",),
            detail={
                "refund": str(refund.pk),
                "amount": refund.amount,
                "currency": refund.currency_id,
                "waits_for_approval": refund.approval_id is not None,
            },
        )
    return refund


def _check(payment: Payment, amount: int, actor: User | None, is_goodwill: bool) -> None:
    if actor is not None and actor.pk == payment.user_id:
        raise RefundRefused("Nobody refunds their own payments. Ask a colleague.")
    if amount > payment.refundable:
        raise RefundRefused(
            f"At most {money_text(payment.refundable, payment.currency_id)} can be refunded of this payment."
        )
    if payment.provider_reference is None:
        raise RefundRefused(
            "The provider has not said what it calls this payment, so nothing can be refunded."
        )
    recoverable = refund_recoverable(payment)
    if amount > recoverable and not is_goodwill:
        raise RefundRefused(
            f"Of this, {money_text(recoverable, payment.currency_id)} can be taken back: the rest was used up. "
            "Refund less, or as goodwill, which the platform bears."
        )


def refund_recoverable(payment: Payment) -> int:
    """How much of a payment could be refunded now without a loss: what is in suspense, and what is not used up."""
    under_way = payment.refund_requested + payment.refunded_elsewhere - payment.refunded_settled
    beside = payment.captured_settled - payment.fulfilled - payment.refunded_settled + payment.reversed
    total = max(0, beside)
    if payment.fulfilled:
        for line in payment.order.lines.select_related("product").order_by("position"):
            fulfilment = fulfilment_of(line.product.kind)
            left = line.total - line.net_reversed - line.tax_reversed
            if fulfilment is not None and fulfilment.recoverable is not None:
                left = min(left, fulfilment.recoverable(line, payment))
            total += left
    return max(0, total - max(0, under_way))


def refund_send(refund: Refund, actor: User | None) -> None:
    """Have the provider called for a refund after this transaction. Runs as the worker, under the payment's lock."""
    refund.status, refund.sent_at = RefundStatus.SENT, database_now()
    with refused_as(RefundRefused):
        refund.save(update_fields=["status", "sent_at"])
    provider_call_request(
        operation=ProviderOperation.REFUND,
        provider_account_id=refund.provider_account_id,
        subject_type=CallSubject.REFUND,
        subject_id=refund.pk,
        idempotency_key=refund.provider_key,
        amount=refund.amount,
        currency=refund.currency_id,
        reference=refund.payment.provider_reference or "",
        actor=actor,
    )
