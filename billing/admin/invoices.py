"""The rooms of documents: companies that sell, invoices, credit notes and the counters of their numbers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet

from accounts.admin.filters import PersonFilter
from accounts.admin.links import person_link
from billing.admin.payment_words import list_url, money, money_of, row_link, row_url, when, when_of
from billing.models import CreditNote, Invoice, InvoiceSeries, LegalEntity, TaxEvidence
from billing.models.invoice_line import InvoiceLine
from billing.services.legal_entities import legal_entity_change, legal_entity_close
from billing.services.tax_evidence import evidence_verdict
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

KEEP = "billing.keep_legalentity"
DRAFT = "No number yet"


def _rate(line: InvoiceLine) -> str:
    return f"{line.tax_rate * 100:.2f} % in {line.tax_jurisdiction}"


def _number(document: Any) -> str:
    return document.name or DRAFT


LINES = Panel(
    "Lines",
    columns=(
        ("What", "description"),
        ("Quantity", "quantity"),
        ("Discount", money_of("discount")),
        ("Net", money_of("net")),
        ("Tax", money_of("tax")),
        ("Rate", _rate),
        ("Total", money_of("total")),
        ("Net credited", money_of("net_credited")),
        ("Tax credited", money_of("tax_credited")),
    ),
    rows=lambda invoice: invoice.lines.order_by("position"),
    permission="billing.view_invoiceline",
    limit=20,
)
CREDITS = Panel(
    "Credit notes",
    columns=(
        ("Number", _number),
        ("Why", "cause"),
        ("Net", money_of("net")),
        ("Tax", money_of("tax")),
        ("Total", money_of("total")),
        ("Issued (UTC)", when_of("issued_at")),
    ),
    rows=lambda invoice: invoice.credit_notes.select_related("legal_entity").order_by("-pk"),
    permission="billing.view_creditnote",
    url=row_url,
    empty="Nothing was credited.",
)
EVIDENCE = Panel(
    "Where the customer is",
    columns=(
        ("Evidence", "kind"),
        ("Country", "country"),
        ("From", "source"),
        ("Recorded (UTC)", when_of("recorded_at")),
    ),
    rows=lambda invoice: TaxEvidence.objects.filter(order_id=invoice.order_id).order_by("pk"),
    permission="billing.view_taxevidence",
    words="Two pieces must name the country that was taxed: Regulation (EU) 282/2011, articles 24b and 24f.",
    empty="Nothing is recorded.",
)
CREDITED = Panel(
    "Lines",
    columns=(
        ("What", lambda line: line.invoice_line.description),
        ("Net", lambda line: _of_note(line, "net")),
        ("Tax", lambda line: _of_note(line, "tax")),
        ("Total", lambda line: _of_note(line, "total")),
    ),
    rows=lambda note: note.lines.select_related("invoice_line").order_by("invoice_line__position"),
    permission="billing.view_creditnoteline",
    limit=20,
)


def _of_note(line: Any, name: str) -> str:
    line.currency_id = line.invoice_line.currency_id
    return money(line, name)


class _Documents(ReadOnlyAdmin):
    """What both kinds of documents show."""

    section = Section.FINANCE
    search_help_text = "Our id, or the number within a series: 42 of INV-2026."
    search_fields = ("id__exact", "number__exact")

    @admin.display(description="Number")
    def number_words(self, document: Any) -> str:
        return _number(document)

    @admin.display(description="Person")
    def person(self, document: Any) -> str:
        return person_link(document.user)

    @admin.display(description="Net")
    def net_words(self, document: Any) -> str:
        return money(document, "net")

    @admin.display(description="Tax")
    def tax_words(self, document: Any) -> str:
        return money(document, "tax")

    @admin.display(description="Total")
    def total_words(self, document: Any) -> str:
        return money(document, "total")


@admin.register(Invoice, site=backoffice)
class InvoiceAdmin(_Documents):
    """Invoices, as customers see them; numbered by the worker, in the order in which they were paid."""

    list_display = ("number_words", "issued_on", "status", "person", "total_words", "tax_words", "country")
    list_filter = (
        "status",
        exact("series", "Series", lookup="series", help="As INV-2026."),
        exact("company", "Company", lookup="legal_entity__code", help="As VBL_EU."),
        PersonFilter,
        TimeFilter,
    )
    list_select_related = ("legal_entity", "user", "order")
    fields = (
        "number_words",
        "status",
        "issued_for",
        "person",
        "net_words",
        "tax_words",
        "total_words",
        "country",
        "evidence",
        "order_link",
        "seller_name",
        "seller_address",
        "seller_tax_number",
        "due_at",
        "paid_at",
        "issued_at",
        "voided_at",
        "created_at",
        "id",
    )
    readonly_fields = (
        "number_words",
        "person",
        "net_words",
        "tax_words",
        "total_words",
        "evidence",
        "order_link",
    )
    panels = (LINES, CREDITS, EVIDENCE)

    @admin.display(description="Order")
    def order_link(self, invoice: Invoice) -> str:
        return row_link(invoice.order)

    @admin.display(description="Evidence of the country")
    def evidence(self, invoice: Invoice) -> str:
        return evidence_verdict(invoice.order).label


@admin.register(CreditNote, site=backoffice)
class CreditNoteAdmin(_Documents):
    """Credit notes, each to an invoice."""

    list_display = ("number_words", "issued_on", "status", "cause", "person", "total_words", "tax_words")
    list_filter = (
        "status",
        "cause",
        exact("series", "Series", lookup="series", help="As CRN-2026."),
        exact("source", "Caused by (id)", lookup="source_id", help="Our id of a refund or dispute."),
        PersonFilter,
        TimeFilter,
    )
    list_select_related = ("legal_entity", "user", "invoice", "invoice__legal_entity")
    fields = (
        "number_words",
        "status",
        "cause",
        "invoice_link",
        "person",
        "net_words",
        "tax_words",
        "total_words",
        "source_table",
        "source_id",
        "seller_name",
        "seller_address",
        "seller_tax_number",
        "issued_at",
        "created_at",
        "id",
    )
    readonly_fields = ("number_words", "person", "net_words", "tax_words", "total_words", "invoice_link")
    panels = (CREDITED,)

    @admin.display(description="Invoice")
    def invoice_link(self, note: CreditNote) -> str:
        return row_link(note.invoice)


class EntityForm(forms.Form):
    """What documents say about a company from now on."""

    name = forms.CharField(label="Name", max_length=200, help_text="As in the register of companies.")
    address = forms.CharField(label="Seat", max_length=300, help_text="In one line.")
    tax_number = forms.CharField(label="Tax number", max_length=30)


@admin.register(LegalEntity, site=backoffice)
class LegalEntityAdmin(ReadOnlyAdmin):
    """Companies that sell; the first one is added by `manage.py legal_entity_add`."""

    section = Section.FINANCE
    list_display = ("code", "name", "country", "sells_everywhere", "closed")
    fields = (
        "code",
        "name",
        "address",
        "country",
        "tax_number",
        "sells_everywhere",
        "closed_at",
        "created_at",
        "id",
        "version",
    )
    panels = (
        Panel(
            "Series",
            columns=(
                ("Series", "series"),
                ("Last number", "last_number"),
                ("Given (UTC)", when_of("updated_at")),
            ),
            rows=lambda entity: entity.series.order_by("series"),
            permission="billing.view_invoiceseries",
            url=row_url,
            empty="No document has a number yet.",
        ),
    )
    actions = (
        ConfirmedAction(
            "change",
            legal_entity_change,
            KEEP,
            EntityForm,
            words="Change",
            explain="Documents that get their number from now on say so; the others keep what they said.",
            done="Changed: {obj}.",
            available=lambda entity: entity.closed_at is None,
        ),
        ConfirmedAction(
            "close",
            legal_entity_close,
            KEEP,
            words="Close",
            explain="It sells no more. What waits for a number still gets one.",
            done="Closed: {obj}.",
            dangerous=True,
            available=lambda entity: entity.closed_at is None,
        ),
    )

    @admin.display(description="Closed (UTC)")
    def closed(self, entity: LegalEntity) -> str:
        return when(entity.closed_at)


@admin.register(InvoiceSeries, site=backoffice)
class InvoiceSeriesAdmin(ReadOnlyAdmin):
    """Counters of numbers; the trigger that numbers documents writes them, and nobody else."""

    section = Section.FINANCE
    list_display = ("series", "legal_entity", "last_number", "updated_at")
    list_select_related = ("legal_entity",)
    fields = ("legal_entity", "series", "last_number", "documents", "updated_at", "id")
    readonly_fields = ("documents",)

    @admin.display(description="Documents")
    def documents(self, series: InvoiceSeries) -> str:
        """Where the documents of the series are."""
        model = "invoice" if series.series.startswith("INV") else "creditnote"
        return list_url(model, f"?series={series.series}")

    def get_queryset(self, request: Any) -> QuerySet:
        return super().get_queryset(request).select_related("legal_entity")
