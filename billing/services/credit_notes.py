"""Credit notes: what the ledger took back of an order, line by line, so that tax and net agree to the cent."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.announcements import credit_note_written
from billing.errors import InvoiceRefused
from billing.invoice_choices import CreditCause, InvoiceStatus
from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, Refund
from core.db.clock import database_now
from core.db.context import acting
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import Role

NUMBERED = (InvoiceStatus.READY, InvoiceStatus.ISSUED)


@transaction.atomic
def credit_note_issue(
    *,
    order_id: UUID | None = None,
    refund_id: UUID | None = None,
    dispute_id: UUID | None = None,
    actor: User | None = None,
    reason: str = "",
) -> CreditNote | None:
    """Credit what was taken back of an order and is not credited yet; None where that is nothing.

    Call it after the lines of the order were taken back (`net_reversed`, `tax_reversed`), in the same transaction.
    Name the order, or a refund of it; `dispute_id` says that a lost dispute was the cause. However often it is called,
    what was taken back is credited once. Locks: the invoice. Raises: InvoiceRefused, NotThere (no such refund).
    Announces: `credit_note_written`.
    """
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        if order_id is None:
            refunds = Refund.objects.filter(pk=refund_id) if refund_id else Refund.objects.none()
            order_id = refunds.values_list("payment__order_id", flat=True).first()
            if order_id is None:
                raise NotThere("There is no such refund, and no order is named.")
        invoice = (
            Invoice.objects.select_for_update(no_key=True)
            .filter(order_id=order_id, status__in=NUMBERED)
            .first()
        )
        if invoice is None:
            return None
        parts = [
            (
                line,
                line.order_line.net_reversed - line.net_credited,
                line.order_line.tax_reversed - line.tax_credited,
            )
            for line in invoice.lines.select_related("order_line").order_by("position")
        ]
        source: tuple[str, UUID] | None = None
        if dispute_id is not None:
            source = ("billing_dispute", dispute_id)
        elif refund_id is not None:
            source = ("billing_refund", refund_id)
        cause = CreditCause.REFUND if dispute_id is None else CreditCause.DISPUTE
        return _write(invoice, parts, cause, source, actor, reason)


def credit_note_write_off(
    *, invoice: Invoice, cause: CreditCause, actor: User | None, reason: str
) -> CreditNote | None:
    """Credit all that is left of an invoice; the caller holds its lock and acts as the worker. See `invoice_cancel`."""
    parts = [
        (line, line.net - line.net_credited, line.tax - line.tax_credited)
        for line in invoice.lines.order_by("position")
    ]
    return _write(invoice, parts, cause, ("billing_order", invoice.order_id), actor, reason)


def _write(
    invoice: Invoice,
    parts: list[tuple[InvoiceLine, int, int]],
    cause: CreditCause,
    source: tuple[str, UUID] | None,
    actor: User | None,
    reason: str,
) -> CreditNote | None:
    parts = [(line, max(net, 0), max(tax, 0)) for line, net, tax in parts]
    net, tax = sum(part[1] for part in parts), sum(part[2] for part in parts)
    if net + tax == 0:
        return None
    note = CreditNote(
        invoice=invoice,
        legal_entity_id=invoice.legal_entity_id,
        user_id=invoice.user_id,
        cause=cause,
        source_table=source[0] if source else None,
        source_id=source[1] if source else None,
        currency_id=invoice.currency_id,
        net=net,
        tax=tax,
        total=net + tax,
        ready_at=database_now(),
    )
    lines = [
        CreditNoteLine(
            credit_note=note,
            invoice_line=line,
            user_id=invoice.user_id,
            net=part_net,
            tax=part_tax,
            total=part_net + part_tax,
        )
        for line, part_net, part_tax in parts
        if part_net + part_tax
    ]
    with refused_as(InvoiceRefused):
        note.save(force_insert=True)
        CreditNoteLine.objects.bulk_create(lines)
    credit_note_written.send(
        sender=CreditNote,
        actor=actor,
        subject=invoice,
        reason=reason,
        detail={
            "credit_note": str(note.pk),
            "total": note.total,
            "currency": note.currency_id,
            "cause": str(cause),
        },
    )
    return note
