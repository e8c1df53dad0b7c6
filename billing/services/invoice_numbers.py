"""Numbers of invoices and credit notes: one company at a time, in the order in which they became ready.

Nobody who pays waits here: a charge leaves its invoice ready, and the worker numbers it a moment later.
"""

from collections import Counter
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from billing.announcements import credit_note_issued, invoice_issued
from billing.invoice_choices import InvoiceStatus
from billing.models import CreditNote, Invoice, LegalEntity, Order
from billing.services.credit_notes import credit_note_issue
from billing.services.invoices import invoice_of_paid
from core.db.context import acting
from core.db.roles import Role


def invoices_number(*, limit: int = 500) -> dict[str, int]:
    """Give numbers to what waits for them, at most `limit` documents of each kind for each company; counts.

    A company is a transaction; one that another worker is at is left to it. The trigger takes the next number of the
    series, so that a transaction that ends in any way but well leaves no gap. Runs as the worker. Locks: the company,
    then the documents. Announces: `invoice_issued`, `credit_note_issued`.
    """
    counts: Counter[str] = Counter(invoices=0, credit_notes=0)
    with acting(Role.WORKER):
        companies = sorted(
            LegalEntity.objects.filter(
                Exists(Invoice.objects.to_number().filter(legal_entity=OuterRef("pk")).order_by())
                | Exists(CreditNote.objects.to_number().filter(legal_entity=OuterRef("pk")).order_by())
            ).values_list("pk", flat=True)
        )
    for company_id in companies:
        with transaction.atomic(), acting(Role.WORKER):
            counts.update(_number(company_id, limit))
    return dict(counts)


def _number(company_id: UUID, limit: int) -> dict[str, int]:
    company = (
        LegalEntity.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=company_id).first()
    )
    if company is None:
        return {}
    invoices = list(
        Invoice.objects.to_number().filter(legal_entity=company).select_for_update(no_key=True)[:limit]
    )
    for invoice in invoices:
        invoice.status = InvoiceStatus.ISSUED
        invoice.save(update_fields=["status"])
    # Credit notes come after the invoices, so that one of both may get both numbers in one run.
    notes = list(
        CreditNote.objects.to_number()
        .filter(legal_entity=company, invoice__status=InvoiceStatus.ISSUED)
        .select_for_update(no_key=True, of=("self",))[:limit]
    )
    for note in notes:
        note.status = "issued"
        note.save(update_fields=["status"])
    for announcement, documents in ((invoice_issued, invoices), (credit_note_issued, notes)):
        for document in documents:
            document.refresh_from_db(fields=["series", "number", "issued_on", "version"])
            document.legal_entity = company
            announcement.send(
                sender=type(document),
                actor=None,
                subject=document,
                changed=("status", "number"),
                detail={"number": document.name, "total": document.total, "currency": document.currency_id},
            )
    return {"invoices": len(invoices), "credit_notes": len(notes)}


def orders_without_invoice() -> QuerySet:
    """Orders that are paid and have no invoice: paid while no company of ours sold there. The oldest first."""
    return Order.objects.filter(
        ~Exists(Invoice.objects.filter(order=OuterRef("pk"))), paid_at__isnull=False
    ).order_by("paid_at", "pk")


def invoices_catch_up(*, limit: int = 500) -> dict[str, int]:
    """Write the invoices, and credit notes, of up to `limit` orders paid while no company of ours sold there; counts.

    Orders of countries in which none sells yet wait on. An order is a transaction. Runs as the worker. Locks: the
    order, the invoice.
    """
    counts: Counter[str] = Counter(drafted=0)
    with acting(Role.WORKER):
        sellers = list(
            LegalEntity.objects.filter(closed_at__isnull=True).values_list("country", "sells_everywhere")
        )
        orders = orders_without_invoice()
        if not any(everywhere for _, everywhere in sellers):
            orders = orders.filter(country__in=[country for country, _ in sellers])
        order_ids = list(orders.values_list("pk", flat=True)[:limit])
    for order_id in order_ids:
        with transaction.atomic(), acting(Role.WORKER):
            invoice_of_paid(order_id=order_id)
            credit_note_issue(order_id=order_id)
        counts["drafted"] += 1
    return dict(counts)
