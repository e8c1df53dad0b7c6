"""Lines of settlement files: what each is matched with, and matching by hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from accounts.admin.links import colleague
from billing.admin.list_exports import ExportsList
from billing.admin.provider_panels import exceptions
from billing.admin.token_words import EMPTY, link
from billing.models import Payment, ReconciliationMatch, SettlementLine
from billing.money import money_text
from billing.reconciliation_choices import SettlementFileStatus
from billing.services.reconciliation import settlement_line_match
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice


class MatchForm(forms.Form):
    """What the line is, by the name that the provider gave it elsewhere."""

    reference = forms.CharField(
        label="The provider's name of it",
        max_length=255,
        help_text="Of a payment, refund, dispute or payout of the same amount and currency.",
    )


class MatchedFilter(admin.SimpleListFilter):
    """Lines that are matched, and those that are not."""

    title = "matched"
    parameter_name = "matched"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Matched"), ("no", "Not matched")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in ("yes", "no"):
            return queryset.filter(match__isnull=self.value() == "no")
        return queryset


def subject_link(match: ReconciliationMatch) -> str:
    """What a line is matched with, leading to its page."""
    words = match.subject_type.removeprefix("billing.")
    try:
        url = reverse(f"admin:{match.subject_type.replace('.', '_')}_change", args=[match.subject_id])
    except NoReverseMatch:
        return f"{words} {match.subject_id}"
    return format_html('<a href="{}">{} {}</a>', url, words, match.subject_id)


@admin.register(SettlementLine, site=backoffice)
class SettlementLineAdmin(ExportsList, ReadOnlyAdmin):
    """Lines, newest first; usually read by file."""

    section = Section.FINANCE
    list_display = ("place", "file", "category", "reference", "booked_on", "moved", "charged", "matched_with")
    list_filter = (
        "category",
        MatchedFilter,
        exact("file", "file (id)", lookup="settlement_file_id"),
        TimeFilter,
    )
    list_select_related = ("settlement_file", "match", "match__matched_by")
    search_fields = ("reference__exact",)
    search_help_text = "The provider's name of what moved, or our id of a line."
    fields = (
        "file",
        "position",
        "category",
        "reference",
        "booked_on",
        "moved",
        "charged",
        "remains",
        "words",
        "matched_with",
        "by",
        "why",
        "id",
    )
    readonly_fields = ("file", "moved", "charged", "remains", "matched_with", "by", "why")
    panels = (exceptions(empty="There was none about it."),)
    export_columns = (
        ("File", lambda row: row.settlement_file.name),
        ("Line", lambda row: row.position),
        ("Day", lambda row: row.booked_on),
        ("What", lambda row: row.get_category_display()),
        ("Reference", lambda row: row.reference),
        ("Matched with", lambda row: row.match.subject_type if hasattr(row, "match") else ""),
        ("Our id", lambda row: row.match.subject_id if hasattr(row, "match") else ""),
    )
    export_amounts = (
        ("Gross", lambda row: row.gross),
        ("Fee", lambda row: row.fee),
        ("Net", lambda row: row.net),
    )
    actions = (
        ConfirmedAction(
            "match",
            settlement_line_match,
            "billing.match_settlementline",
            MatchForm,
            words="Match by hand",
            explain="It must have the same amount and currency. A match stays.",
            done="Matched: {obj}.",
            available=lambda line: (
                line.settlement_file.status == SettlementFileStatus.RECONCILED and not hasattr(line, "match")
            ),
            id_kwarg="settlement_line_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the bytes of the files."""
        return super().get_queryset(request).defer("settlement_file__body")

    def export_currency(self, row: SettlementLine) -> str:
        return str(row.settlement_file.currency_id)

    @admin.display(description="Line")
    def place(self, line: SettlementLine) -> str:
        return f"{line.position:,}"

    @admin.display(description="File")
    def file(self, line: SettlementLine) -> str:
        return link("settlementfile", line.settlement_file_id, line.settlement_file)

    @admin.display(description="Moved")
    def moved(self, line: SettlementLine) -> str:
        return money_text(line.gross, line.settlement_file.currency_id)

    @admin.display(description="Fee")
    def charged(self, line: SettlementLine) -> str:
        return money_text(line.fee, line.settlement_file.currency_id)

    @admin.display(description="Net")
    def remains(self, line: SettlementLine) -> str:
        return money_text(line.net, line.settlement_file.currency_id)

    @admin.display(description="Matched with")
    def matched_with(self, line: SettlementLine) -> str:
        return subject_link(line.match) if hasattr(line, "match") else EMPTY

    @admin.display(description="Matched by")
    def by(self, line: SettlementLine) -> str:
        if not hasattr(line, "match"):
            return EMPTY
        return colleague(line.match.matched_by) if line.match.matched_by_id else "Rule"

    @admin.display(description="Why")
    def why(self, line: SettlementLine) -> str:
        return (line.match.reason if hasattr(line, "match") else "") or EMPTY


backoffice.add_panel(
    Payment,
    Panel(
        "Settled by",
        columns=(
            ("File", lambda row: row.line.settlement_file.name),
            ("Line", lambda row: row.line.position),
            ("Day", lambda row: f"{row.line.booked_on}"),
            ("Moved", lambda row: money_text(row.line.gross, row.line.settlement_file.currency_id)),
        ),
        rows=lambda payment: (
            ReconciliationMatch.objects.filter(subject_id=payment.pk, subject_type="billing.payment")
            .select_related("line__settlement_file")
            .defer("line__settlement_file__body")
            .order_by("-pk")
        ),
        permission="billing.view_reconciliationmatch",
        url=lambda row: reverse("admin:billing_settlementline_change", args=[row.line_id]),
        empty="No settlement file has named it yet.",
    ),
)
