"""Settlement files and bank statements: uploaded, footed, matched; what does not add up waits here."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin.links import colleague
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.list_exports import ExportsList
from billing.admin.token_words import EMPTY, link, page, rows_of
from billing.errors import SettlementFileRefused
from billing.models import ReconciliationException, SettlementFile
from billing.models.settlement_file import LARGEST_FILE
from billing.money import money_figure, money_parse, money_text
from billing.payment_policies import PAYMENT_READERS
from billing.reconciliation_choices import SettlementFileKind, SettlementFileStatus
from billing.services.reconciliation import LINE, settlement_file_match_again
from billing.services.settlement_files import (
    settlement_file_read_again,
    settlement_file_set_aside,
    settlement_file_take,
    why_quarantined,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

DECIDE = "billing.decide_settlementfile"
S = SettlementFileStatus
BALANCE_HELP = "As 1234.50. For reports that name no balances, from the provider's summary; else empty."


class UploadForm(forms.ModelForm):
    """What is uploaded, and of which account."""

    file = forms.FileField(
        label="File", help_text=f"CSV or camt.053 in UTF-8, at most {LARGEST_FILE // 1024 // 1024} MB."
    )
    currency_code = forms.CharField(label="Currency of the balances below", max_length=5, required=False)
    opening_text = forms.CharField(
        label="Opening balance", max_length=30, required=False, help_text=BALANCE_HELP
    )
    closing_text = forms.CharField(
        label="Closing balance", max_length=30, required=False, help_text=BALANCE_HELP
    )

    class Meta:
        model = SettlementFile
        fields = ("provider_account", "kind")

    def _post_clean(self) -> None:
        """The service checks the row; the form has no more than what is uploaded."""


def money_of(text: str, currency: str) -> int | None:
    """An amount of the form in minor units; None where it is empty. Raises SettlementFileRefused, MoneyRefused."""
    if not text.strip():
        return None
    if not currency.strip():
        raise SettlementFileRefused("Balances are in a currency: name it.")
    return money_parse(text, currency.strip()).amount


LINES = Panel(
    title="Lines",
    columns=(
        ("Line", lambda row: link("settlementline", row.pk, row.position)),
        ("What", lambda row: row.get_category_display()),
        ("Reference", lambda row: row.reference or EMPTY),
        ("Moved", lambda row: money_figure(row.gross, row.settlement_file.currency_id)),
        ("Fee", lambda row: money_figure(row.fee, row.settlement_file.currency_id)),
        ("Matched", lambda row: "Yes" if hasattr(row, "match") else "No"),
    ),
    rows=lambda file: (
        file.lines.select_related("match", "settlement_file")
        .defer("settlement_file__body")
        .order_by("position")
    ),
    permission="billing.view_settlementline",
    limit=50,
    all_url=rows_of("settlementline", "file"),
    empty="It has no line: nothing moved.",
)
EXCEPTIONS = Panel(
    title="Exceptions that wait",
    columns=(("What", "kind"), ("In words", "words"), ("Reference", "reference"), ("Owner", "owner")),
    rows=lambda file: (
        ReconciliationException.objects.unresolved()
        .filter(subject_type=LINE, subject_id__in=file.lines.values("pk"))
        .select_related("owner")
        .order_by("-pk")
    ),
    permission="billing.view_reconciliationexception",
    url=page("reconciliationexception"),
    limit=20,
    empty="None of its lines waits for anybody.",
)


@admin.register(SettlementFile, site=backoffice)
class SettlementFileAdmin(ExportsList, AddedByService):
    """Files of providers and banks, newest first; upload one, and see whether it foots."""

    section = Section.FINANCE
    may_add = "billing.take_settlementfile"
    add_form = UploadForm
    list_display = (
        "name",
        "provider_account",
        "kind",
        "days",
        "closes_with",
        "status",
        "lines_matched",
        "created_at",
    )
    list_filter = (
        "status",
        "kind",
        exact("account", "account", lookup="provider_account__code", help="The code of an account."),
        TimeFilter,
    )
    list_select_related = ("provider_account", "taken_by", "follows")
    search_fields = ("id__exact",)
    search_help_text = "Our id of a file."
    fields = (
        "name",
        "kind",
        "provider_account",
        "account_reference",
        "statement_reference",
        "days",
        "opens_with",
        "moves",
        "closes_with",
        "footing",
        "after",
        "charged",
        "status",
        "lines_matched",
        "by",
        "digest",
        "created_at",
        "reconciled_at",
        "id",
        "version",
    )
    readonly_fields = (
        "days",
        "opens_with",
        "moves",
        "closes_with",
        "footing",
        "after",
        "charged",
        "lines_matched",
        "by",
        "digest",
    )
    panels = (EXCEPTIONS, LINES)
    export_columns = (
        ("File", lambda row: row.name),
        ("Account", lambda row: row.provider_account.code),
        ("Kind", lambda row: row.get_kind_display()),
        ("Status", lambda row: row.get_status_display()),
        ("First day", lambda row: row.first_day),
        ("Last day", lambda row: row.last_day),
        ("Lines", lambda row: row.line_count),
        ("Matched", lambda row: row.matched_count),
        ("Exceptions", lambda row: row.exception_count),
    )
    export_amounts = (
        ("Movement", lambda row: row.movement),
        ("Fees", lambda row: row.fees),
        ("Difference", lambda row: row.difference),
    )
    actions = (
        ConfirmedAction(
            "read-again",
            settlement_file_read_again,
            DECIDE,
            words="Read again",
            explain=lambda file: f"Now {why_quarantined(file)} Once the missing file has come, it follows.",
            done="Reconciled: {obj}.",
            available=lambda file: file.status == S.QUARANTINED,
            id_kwarg="settlement_file_id",
        ),
        ConfirmedAction(
            "match-again",
            settlement_file_match_again,
            DECIDE,
            words="Match again",
            explain="What has come since is matched with the lines that are exceptions.",
            done="Matched again: {obj}.",
            available=lambda file: file.status == S.RECONCILED and file.exception_count > 0,
            id_kwarg="settlement_file_id",
        ),
        ConfirmedAction(
            "set-aside",
            settlement_file_set_aside,
            DECIDE,
            words="Set aside",
            explain="It is no settlement of ours, or the right file has come. Its lines are never matched.",
            done="Set aside: {obj}.",
            dangerous=True,
            available=lambda file: file.status == S.QUARANTINED,
            id_kwarg="settlement_file_id",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Neither lists nor pages read the bytes."""
        return super().get_queryset(request).without_body()

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        uploaded = answers["file"]
        if uploaded.size > LARGEST_FILE:
            raise SettlementFileRefused(f"The file has more than {LARGEST_FILE // 1024 // 1024} MB.")
        return settlement_file_take(
            provider_account_id=answers["provider_account"].pk,
            kind=SettlementFileKind(answers["kind"]),
            body=uploaded.read(),
            name=uploaded.name,
            actor=cast(User, request.user),
            opening=money_of(answers["opening_text"], answers["currency_code"]),
            closing=money_of(answers["closing_text"], answers["currency_code"]),
        )

    @admin.display(description="Days")
    def days(self, file: SettlementFile) -> str:
        return f"{file.first_day} – {file.last_day}" if file.first_day else EMPTY

    @admin.display(description="Opens with")
    def opens_with(self, file: SettlementFile) -> str:
        return money_text(file.opening, file.currency_id)

    @admin.display(description="Lines move")
    def moves(self, file: SettlementFile) -> str:
        return money_text(file.movement, file.currency_id)

    @admin.display(description="Closes with")
    def closes_with(self, file: SettlementFile) -> str:
        return money_text(file.closing, file.currency_id)

    @admin.display(description="Foots")
    def footing(self, file: SettlementFile) -> str:
        if file.difference == 0:
            return "Yes: opening balance and lines give the closing balance"
        return f"No: {why_quarantined(file)}"

    @admin.display(description="Follows")
    def after(self, file: SettlementFile) -> str:
        if file.gap:
            return f"No: {why_quarantined(file) or money_text(file.gap, file.currency_id)}"
        return link("settlementfile", file.follows_id, file.follows) if file.follows_id else "None before it"

    @admin.display(description="Fees")
    def charged(self, file: SettlementFile) -> str:
        return money_text(file.fees, file.currency_id)

    @admin.display(description="Lines matched")
    def lines_matched(self, file: SettlementFile) -> str:
        if file.status != S.RECONCILED:
            return f"– of {file.line_count:,}"
        rest = f", {file.exception_count:,} exceptions" if file.exception_count else ""
        return f"{file.matched_count:,} of {file.line_count:,}{rest}"

    @admin.display(description="Uploaded by")
    def by(self, file: SettlementFile) -> str:
        return colleague(file.taken_by)

    @admin.display(description="SHA-256")
    def digest(self, file: SettlementFile) -> str:
        return bytes(file.sha256).hex()


def find_lines(query: str) -> Iterator[Hit]:
    """Lines of settlement files by the provider's name of what moved."""
    from billing.models import SettlementLine

    rows = (
        SettlementLine.objects.filter(reference=query).exclude(reference="").select_related("settlement_file")
    )
    for row in rows.defer("settlement_file__body").order_by("-pk")[:10]:
        yield Hit(
            title=f"{row.get_category_display()} {row.reference}",
            url=reverse("admin:billing_settlementline_change", args=[row.pk]),
            words=f"Line {row.position} of {row.settlement_file}",
        )


register_search(
    SearchProvider(
        "Lines of settlement files",
        PAYMENT_READERS,
        find_lines,
        hint="a provider's name of a payment or payout",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Settlement files in quarantine",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(SettlementFile.objects.quarantined(), limit),
        url=lambda: reverse("admin:billing_settlementfile_changelist") + "?status__exact=quarantined",
        words="They do not add up, or one is missing before them.",
    )
)
