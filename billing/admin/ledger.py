"""The books: accounts, entries with their postings, accounting periods."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.links import colleague
from billing.admin.ledger_pages import entry_lines
from billing.admin.list_exports import ExportsList
from billing.ledger_choices import JournalKind, PeriodStatus
from billing.models import AccountingPeriod, JournalEntry, JournalLine, LedgerAccount, Posting, Reversal
from billing.money import money_figure
from billing.services.accounting_periods import (
    accounting_period_close,
    accounting_period_reopen,
    accounting_period_soft_close,
)
from billing.services.journal import adjustment_reverse, balance_of
from billing.services.tax_statements import tax_statements_freeze
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice


def _entry_url(row: Posting) -> str:
    return reverse("admin:billing_journalentry_change", args=[row.entry_id])


def _debit(posting: Posting) -> str:
    return money_figure(-posting.amount, posting.currency) if posting.amount < 0 else "–"


def _credit(posting: Posting) -> str:
    return money_figure(posting.amount, posting.currency) if posting.amount > 0 else "–"


def _account_link(account: LedgerAccount) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:billing_ledgeraccount_change", args=[account.pk]), account
    )


def _source(text: str) -> Q:
    """The condition for a source. Raises ValidationError where the text is no key."""
    try:
        return Q(source_id=UUID(text.strip()))
    except ValueError:
        raise ValidationError("The key of a payment, refund or spend, in full.") from None


@admin.register(LedgerAccount, site=backoffice)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Accounts of the ledger; the statement of each is a page of its own."""

    section = Section.FINANCE
    list_display = ("code", "type", "currency", "guard", "opened_at")
    list_filter = ("type", "guard", exact("currency", "Currency", lookup="currency_id"))
    search_fields = ("code__exact", "person__handle__exact")
    search_help_text = "The code of an account, a handle, or an id."
    fields = ("code", "type", "currency", "balance_now", "guard", "person", "studio_id", "opened_at", "id")
    readonly_fields = ("balance_now",)
    list_select_related = ("person",)
    panels = (
        Panel(
            title="Latest postings",
            columns=(
                ("Day", lambda row: row.entry.booked_on),
                ("What", lambda row: row.entry.get_kind_display()),
                ("Debit", _debit),
                ("Credit", _credit),
            ),
            rows=lambda account: account.postings.select_related("entry").order_by("-moment"),
            permission="billing.view_posting",
            url=_entry_url,
            all_url=lambda account: reverse("admin:ledger_statement", args=[account.pk]),
            empty="Nothing was posted to this account.",
        ),
    )

    @admin.display(description="Balance")
    def balance_now(self, account: LedgerAccount) -> str:
        """As of now, credit above zero."""
        return f"{money_figure(balance_of(account.pk), account.currency_id)} {account.currency_id}"


@admin.register(JournalEntry, site=backoffice)
class JournalEntryAdmin(ExportsList, ReadOnlyAdmin):
    """The journal: entries, each with its debits and credits; exported posting by posting, whole entries only."""

    section = Section.FINANCE
    list_display = ("id", "kind", "booked_on", "description", "source_table", "posted_at")
    list_filter = ("kind", exact("source_id", "Source", find=_source), TimeFilter)
    search_fields = ()
    list_select_related = ("period",)
    fields = (
        "kind",
        "booked_on",
        "period",
        "description",
        "occurred_at",
        "posted_at",
        "source_table",
        "source_id",
        "rate",
        "reverses",
        "id",
    )
    panels = (
        Panel(
            title="Postings",
            columns=(
                ("Account", lambda row: _account_link(row.account)),
                ("Debit", _debit),
                ("Credit", _credit),
                ("Currency", "currency"),
            ),
            rows=entry_lines,
            permission="billing.view_posting",
            limit=100,
        ),
        Panel(
            title="Taken back",
            columns=(
                ("When (UTC)", lambda row: f"{row.decided_at:%Y-%m-%d %H:%M}"),
                ("By", lambda row: colleague(row.decided_by)),
                ("Why", "reason"),
            ),
            rows=lambda entry: Reversal.objects.filter(entry__reverses=entry).select_related("decided_by"),
            permission="billing.view_reversal",
            url=_entry_url,
            empty="This entry stands.",
        ),
    )
    export_columns = (
        ("Day", lambda row: row.booked_on),
        ("Entry", lambda row: row.entry_id),
        ("What", lambda row: row.get_kind_display()),
        ("In words", lambda row: row.description),
        ("Account", lambda row: row.code),
    )
    export_amounts = (
        ("Debit", lambda row: row.debit or 0),
        ("Credit", lambda row: row.credit or 0),
    )
    actions = (
        ConfirmedAction(
            "reverse",
            adjustment_reverse,
            "billing.reverse_journalentry",
            words="Reverse",
            explain="An entry with the opposite amounts is posted. Both stay in the books.",
            done="Reversed: {obj}.",
            dangerous=True,
            available=lambda entry: entry.kind == JournalKind.ADJUSTMENT,
        ),
    )

    def export_rows(self, queryset: Any) -> Any:
        """The postings of the entries on the list."""
        entries = queryset.order_by().values("pk")
        return JournalLine.objects.filter(entry_id__in=entries).order_by("-entry_id", "position")

    def export_whole(self, rows: list[Any]) -> list[Any]:
        """Without the entry that was cut in two, so that debits and credits stay even."""
        return [row for row in rows if row.entry_id != rows[-1].entry_id]

    def export_subject(self, row: Any) -> JournalEntry:
        return JournalEntry.objects.get(pk=row.entry_id)

    def export_currency(self, row: Any) -> str:
        return str(row.currency)


@admin.register(AccountingPeriod, site=backoffice)
class AccountingPeriodAdmin(ReadOnlyAdmin):
    """The months of the books: close them softly when they are over, for good when they are proven."""

    section = Section.FINANCE
    list_display = ("name", "days", "status", "soft_closed_by", "updated_at")
    list_filter = ("status",)
    list_select_related = ("soft_closed_by",)
    fields = ("days", "status", "soft_closed_by", "updated_at", "id", "version")
    actions = (
        ConfirmedAction(
            "soft-close",
            accounting_period_soft_close,
            "billing.soft_close_accountingperiod",
            words="Close softly",
            explain="From then on it takes adjustments and reversals only. What else comes counts in the next month.",
            done="Closed softly: {obj}.",
            available=lambda period: period.status == PeriodStatus.OPEN,
        ),
        ConfirmedAction(
            "reopen",
            accounting_period_reopen,
            "billing.soft_close_accountingperiod",
            words="Open again",
            explain="Entries may be posted into it again.",
            done="Open again: {obj}.",
            available=lambda period: period.status == PeriodStatus.SOFT_CLOSED,
        ),
        ConfirmedAction(
            "make-statements",
            tax_statements_freeze,
            "billing.freeze_taxstatement",
            words="Make statements",
            explain=(
                "Every performer and studio gets the statement of the month, made from the ledger. One that says "
                "something else than the ledger is amended by a further version."
            ),
            done="Statements are made: {obj}.",
            available=lambda period: period.status != PeriodStatus.OPEN,
        ),
        ConfirmedAction(
            "close",
            accounting_period_close,
            "billing.close_accountingperiod",
            words="Close for good",
            explain=(
                "It takes nothing any more and is never opened again. Nothing on the check-list may be in the way, and "
                "a colleague must have closed it softly."
            ),
            done="Closed: {obj}.",
            dangerous=True,
            available=lambda period: period.status == PeriodStatus.SOFT_CLOSED,
        ),
    )

    @admin.display(description="Month")
    def name(self, period: AccountingPeriod) -> str:
        return str(period)
