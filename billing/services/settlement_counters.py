"""Counters of a payment that follow from others and from its refunds."""

from django.db.models import Q, Sum

from billing.models import Payment, Refund
from billing.models.refund import LIVE
from billing.payment_choices import CaptureMode, RefundOrigin, RefundStatus


def counters_follow(payment: Payment) -> None:
    """Set the counters of a payment that follow from others and from its refunds. As the worker, under lock."""
    reached = min(max(payment.authorised_settled, payment.captured_settled), payment.amount)
    payment.authorised = max(payment.authorised, reached)
    payment.captured = min(payment.captured_settled, payment.authorised)
    if payment.intent.capture_mode == CaptureMode.AUTOMATIC:
        payment.capture_requested = payment.authorised
    sums = Refund.objects.filter(payment=payment).aggregate(
        asked=Sum("amount", filter=~Q(origin=RefundOrigin.PROVIDER) & Q(status__in=LIVE)),
        elsewhere=Sum("amount", filter=Q(origin=RefundOrigin.PROVIDER, status=RefundStatus.SUCCEEDED)),
        paid=Sum("amount", filter=Q(succeeded_at__isnull=False)),
        returned=Sum("amount", filter=Q(succeeded_at__isnull=False, status=RefundStatus.FAILED)),
    )
    asked, elsewhere, paid, returned = (
        sums[name] or 0 for name in ("asked", "elsewhere", "paid", "returned")
    )
    payment.refund_requested = min(asked, payment.captured)
    payment.refunded_settled = max(paid, payment.refunded_reported) - returned
    payment.refunded_elsewhere = max(elsewhere, payment.refunded_reported - asked - returned, 0)
