"""What invoices and tax documents keep when a person is erased, and what they object to."""

from typing import Any
from uuid import UUID

from django.db.models import Model, Q
from django.dispatch import receiver

from accounts.models import User
from billing.invoice_choices import InvoiceStatus
from billing.models import (
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    TaxEvidence,
    TaxForm,
    TaxStatement,
)
from core.erasure import Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested

TAX = "bookkeeping and taxes, a legal obligation (Directive 2006/112/EC, art. 369k; GDPR art. 17(3)(b))"
REPORTS = "reports to tax authorities (Directive 2011/16/EU, annex V; 26 CFR 1.1441-1; GDPR art. 17(3)(b))"
UNTIL = "10 years"

KEPT: tuple[tuple[type[Model], str, str, tuple[str, ...]], ...] = (
    (Invoice, "invoices", TAX, ("user",)),
    (InvoiceLine, "lines of invoices", TAX, ("user",)),
    (CreditNote, "credit notes", TAX, ("user",)),
    (CreditNoteLine, "lines of credit notes", TAX, ("user",)),
    (TaxEvidence, "evidence of the country of orders", TAX, ("user",)),
    (TaxForm, "tax forms, name and number sealed", REPORTS, ("signed_by",)),
    (TaxStatement, "statements of earnings", REPORTS, ("performer",)),
)
"""Table, what stays, why, and the fields that lead to the person."""


@receiver(erasure_requested, sender=User)
def refuse_while_documents_wait(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while an invoice of theirs is to be numbered or paid."""
    waiting = Invoice.objects.filter(user=user).filter(
        Q(status=InvoiceStatus.READY) | Q(status=InvoiceStatus.ISSUED, paid_at__isnull=True)
    )
    for invoice in waiting.prefetch_related("lines")[:20]:
        lines = invoice.lines.all()
        if invoice.status == InvoiceStatus.READY or any(
            line.net_credited + line.tax_credited < line.total for line in lines
        ):
            return [Veto("An invoice of the person waits for its number or its payment.")]
    return []


def survey(person_id: UUID) -> ErasureReport:
    """What stays, and how much of it. Read as compliance, before and after."""
    kept = []
    for model, words, why, fields in KEPT:
        condition = Q()
        for name in fields:
            condition |= Q(**{name: person_id})
        rows = model._base_manager.filter(condition).count()
        kept.append(Kept(model._meta.db_table, words, rows, why, UNTIL))
    return ErasureReport(kept=tuple(kept))


register_eraser(Eraser(42, "invoices", survey=survey, erase=survey))
