"""What the settlement of a payment finds: exceptions for finance, and what everybody is told."""

from typing import TYPE_CHECKING

from accounts.models import User
from billing.announcements import payment_captured, payment_voided, refund_succeeded
from billing.models import Payment
from billing.payment_choices import CaptureMode, OrderStatus
from billing.provider_choices import ExceptionKind
from billing.services.reconciliation_exceptions import exceptions_settle

if TYPE_CHECKING:
    from billing.services.settlement import Settlement


def look(settlement: "Settlement", captured_before: int) -> None:
    """What does not fit becomes an exception; what fits by now is settled."""
    payment = settlement.payment
    if payment.captured_settled > payment.amount:
        settlement.differs(
            ExceptionKind.ABOVE_AUTHORISED,
            "More was captured than the payer agreed to. The excess stands in suspense.",
            expected=payment.amount,
            reported=payment.captured_settled,
        )
    if payment.refunded_settled > payment.captured_settled:
        settlement.differs(
            ExceptionKind.ABOVE_CAPTURED,
            "More went back than was captured. The excess stands in suspense.",
            expected=payment.captured_settled,
            reported=payment.refunded_settled,
        )
    else:
        exceptions_settle(
            subject=payment,
            kinds=(ExceptionKind.ABOVE_CAPTURED,),
            reason="What was captured has been reported since.",
        )
    if settlement.had_disputes or payment.disputed or payment.charged_back:
        _look_at_disputes(settlement)
    if payment.refunded_elsewhere:
        settlement.differs(
            ExceptionKind.NOT_REQUESTED,
            "The provider reports a refund that nobody here asked for.",
            expected=0,
            reported=payment.refunded_elsewhere,
        )
    manual = payment.intent.capture_mode == CaptureMode.MANUAL
    if manual and payment.captured_settled > max(payment.capture_requested, captured_before):
        settlement.differs(
            ExceptionKind.NOT_REQUESTED,
            "The provider captured more than anybody here asked for.",
            expected=payment.capture_requested,
            reported=payment.captured_settled,
        )
    if payment.captured_settled and not payment.fulfilled and settlement.order.status != OrderStatus.PLACED:
        settlement.differs(
            ExceptionKind.CONTRADICTS,
            f"Money came for an order that is {settlement.order.get_status_display().lower()}. It stands in suspense.",
            expected=0,
            reported=payment.captured_settled,
        )
    if payment.voided_at is not None and payment.captured_settled:
        settlement.differs(
            ExceptionKind.CONTRADICTS, "The provider reports this payment both as voided and as captured."
        )


def _look_at_disputes(settlement: "Settlement") -> None:
    payment = settlement.payment
    gone, kept = payment.disputed + payment.charged_back, payment.captured_settled - payment.refunded_settled
    if gone > kept:
        settlement.differs(
            ExceptionKind.DISPUTE,
            "More is disputed than was paid and kept. What is lost beyond it stands in suspense.",
            expected=kept,
            reported=gone,
        )
    else:
        exceptions_settle(
            subject=payment,
            kinds=(ExceptionKind.DISPUTE,),
            reason="What is disputed is no more than what was paid.",
        )


def tell(payment: Payment, actor: User | None, *, before: tuple[int, int, bool]) -> None:
    """Announce what came, went back or was let go of since `before`: captured, refunded, voided."""
    captured, refunded, was_voided = before
    detail = {"currency": payment.currency_id}
    if payment.captured_settled > captured:
        taken = {"amount": payment.captured_settled - captured, **detail}
        payment_captured.send(
            sender=Payment, actor=actor, subject=payment, changed=("captured",), detail=taken
        )
    if payment.refunded_settled > refunded:
        given = {"amount": payment.refunded_settled - refunded, **detail}
        refund_succeeded.send(
            sender=Payment, actor=actor, subject=payment, changed=("refunded",), detail=given
        )
    if payment.voided_at is not None and not was_voided:
        payment_voided.send(sender=Payment, actor=actor, subject=payment, changed=("voided_at",))
