"""What invoices hear: a payment makes one ready, a refund is credited, a cancelled order voids its draft.

A payment is never refused because of the books: where no company of ours sells in a country, the order stays without an
invoice, the close of the month says so, and the worker writes it once there is a company.
"""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from billing.announcements import (
    order_cancelled,
    order_charged_back,
    order_placed,
    payment_captured,
    refund_succeeded,
)
from billing.errors import NoSeller
from billing.models import Order, Payment
from billing.payment_choices import RefundStatus
from billing.services.credit_notes import credit_note_issue
from billing.services.invoices import invoice_cancel, invoice_of_paid
from billing.services.tax_evidence import tax_evidence_of_address


@receiver(payment_captured)
def invoice_when_paid(sender: Any, subject: Payment, **named: Any) -> None:
    """In the transaction in which the money is recorded; only what paid for the whole order has an invoice."""
    if not subject.fulfilled:
        return
    try:
        invoice_of_paid(order_id=subject.order_id)
    except NoSeller:
        return


@receiver(refund_succeeded)
def credit_when_refunded(sender: Any, subject: Payment, **named: Any) -> None:
    """After the lines of the order were taken back; money that stood in suspense credits nothing."""
    refund = subject.refunds.filter(status=RefundStatus.SUCCEEDED).order_by("-settled_at", "-pk").first()
    credit_note_issue(order_id=subject.order_id, refund_id=refund.pk if refund else None)


@receiver(order_charged_back)
def credit_when_charged_back(sender: Any, subject: Order, dispute_id: UUID, **named: Any) -> None:
    """A lost dispute takes the order back as a refund does."""
    credit_note_issue(order_id=subject.pk, dispute_id=dispute_id)


@receiver(order_cancelled)
def void_when_cancelled(sender: Any, subject: Order, actor: Any, reason: str, **named: Any) -> None:
    """Nobody can pay for it any more."""
    invoice_cancel(order_id=subject.pk, actor=actor, reason=reason)


@receiver(order_placed)
def evidence_when_placed(sender: Any, subject: Order, **named: Any) -> None:
    """The billing address of an order is the first piece of evidence of where the customer is."""
    tax_evidence_of_address(order=subject)
