"""Settlement files and bank statements: uploaded, footed, matched; what does not add up waits here."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.links import colleague
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.list_exports import ExportsList
from billing.admin.settlement_panels import EXCEPTIONS, LINES, UNNAMED
from billing.admin.settlement_uploads import UploadForm, money_of
from billing.admin.token_words import EMPTY, link
from billing.errors import SettlementFileRefused
from billing.models import SettlementFile
from billing.models.settlement_file import LARGEST_FILE
from billing.money import money_text
from billing.reconciliation_choices import SettlementFileKind, SettlementFileStatus
from billing.services.reconciliation import settlement_file_match_again
from billing.services.settlement_files import (
    settlement_file_read_again,
    settlement_file_set_aside,
    settlement_file_take,
    why_quarantined,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.sections import Section
from core.admin.site import backoffice

DECIDE = "billing.decide_settlementfile"
S = SettlementFileStatus


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
    panels = (EXCEPTIONS, UNNAMED, LINES)
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
        rows: Any = super().get_queryset(request)
        return rows.without_body()

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
