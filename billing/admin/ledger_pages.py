"""Pages of accountants: the trial balance as of a day, and the statement of an account, both with an export."""

import datetime as dt
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from billing.admin.ledger_exports import MOST_ROWS, csv_response
from billing.announcements import account_statement_exported, trial_balance_exported
from billing.ledger_access import LEDGER_STAFF
from billing.ledger_selectors import AccountStatement, TrialBalance, account_statement, trial_balance
from billing.models import AccountingPeriod, JournalEntry, LedgerAccount
from billing.money import money_figure, money_plain
from core.admin.object_links import ObjectLink
from core.admin.sections import Section
from core.admin.site import PageRoom, backoffice
from core.db.clock import database_now

LINES_SHOWN = 200


class Day(forms.Form):
    """The day of a trial balance."""

    as_of = forms.DateField(
        label="As of the end of", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class Days(forms.Form):
    """The days of a statement."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="Until", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        """The end does not lie before the beginning."""
        days = super().clean() or {}
        if days.get("since") and days.get("until") and days["since"] > days["until"]:
            raise forms.ValidationError("The end lies before the beginning.")
        return days


def _admitted(request: HttpRequest) -> None:
    if request.acting_role not in LEDGER_STAFF:  # type: ignore[attr-defined]
        raise PermissionDenied


def _today() -> dt.date:
    return database_now().astimezone(dt.UTC).date()


def _asked(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else request.GET


def trial_balance_page(request: HttpRequest) -> HttpResponse:
    """The trial balance at present or as of a day (GET), or the same as CSV (POST)."""
    _admitted(request)
    form = Day(_asked(request))
    today = _today()
    as_of = form.cleaned_data["as_of"] if form.is_valid() else None
    balances = [] if form.errors else trial_balance(as_of if as_of and as_of < today else None)
    if request.method == "POST" and not form.errors:
        return _trial_balance_csv(request, balances, as_of or today)
    return TemplateResponse(
        request,
        "admin/trial_balance.html",
        {
            **backoffice.each_context(request),
            "title": "Trial balance",
            "form": form,
            "as_of": as_of or today,
            "balances": [
                {
                    "currency": balance.currency,
                    "rows": [
                        (row, _figure(row.debit, row.currency), _figure(row.credit, row.currency))
                        for row in balance.rows
                    ],
                    "debit": money_figure(balance.debit, balance.currency),
                    "credit": money_figure(balance.credit, balance.currency),
                    "difference": balance.difference,
                }
                for balance in balances
            ],
        },
    )


def _figure(amount: int | None, currency: str) -> str:
    return money_figure(amount, currency) if amount else ""


def _plain(amount: int | None, currency: str) -> str:
    return money_plain(amount, currency) if amount else ""


@transaction.atomic
def _trial_balance_csv(request: HttpRequest, balances: list[TrialBalance], as_of: dt.date) -> HttpResponse:
    rows: list[tuple[object, ...]] = []
    for balance in balances:
        for row in balance.rows:
            debit, credit = _plain(row.debit, row.currency), _plain(row.credit, row.currency)
            rows.append((as_of, row.name, row.type, row.accounts, row.currency, debit, credit))
        totals = money_plain(balance.debit, balance.currency), money_plain(balance.credit, balance.currency)
        rows.append((as_of, "Total", "", "", balance.currency, *totals))
    period = AccountingPeriod.objects.filter(days__contains=as_of).first()
    if period is not None:
        trial_balance_exported.send(
            sender=AccountingPeriod, actor=request.user, subject=period, detail={"rows": len(rows)}
        )
    header = ("As of", "Account", "Type", "Accounts", "Currency", "Debit", "Credit")
    return csv_response(f"trial-balance-{as_of}.csv", header, rows[:MOST_ROWS])


def statement_page(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """The statement of an account (GET), or the same as CSV (POST); without days, that of this month."""
    _admitted(request)
    form = Days(_asked(request))
    today = _today()
    days = form.cleaned_data if form.is_valid() else {}
    until = days.get("until") or today
    since = days.get("since") or (until.replace(day=1) if not days.get("until") else None)
    exports = request.method == "POST" and not form.errors
    try:
        statement = account_statement(
            account_id, since=since, until=until, limit=MOST_ROWS if exports else LINES_SHOWN
        )
    except LedgerAccount.DoesNotExist:
        raise Http404 from None
    if exports:
        return _statement_csv(request, statement)
    currency = statement.account.currency_id
    return TemplateResponse(
        request,
        "admin/account_statement.html",
        {
            **backoffice.each_context(request),
            "title": f"Statement of {statement.account}",
            "form": form,
            "statement": statement,
            "account_url": reverse("admin:billing_ledgeraccount_change", args=[account_id]),
            "opening": money_figure(statement.opening, currency),
            "closing": money_figure(statement.closing, currency),
            "debit": money_figure(statement.debit, currency),
            "credit": money_figure(statement.credit, currency),
            "lines": [
                {
                    "line": line,
                    "url": reverse("admin:billing_journalentry_change", args=[line.entry_id]),
                    "debit": _figure(line.debit, currency),
                    "credit": _figure(line.credit, currency),
                    "balance": money_figure(line.balance, currency),
                }
                for line in statement.lines
            ],
        },
    )


@transaction.atomic
def _statement_csv(request: HttpRequest, statement: AccountStatement) -> HttpResponse:
    currency = statement.account.currency_id
    rows: list[tuple[object, ...]] = [
        (statement.since, "", "Opening balance", "", "", money_plain(statement.opening, currency), currency)
    ]
    for line in statement.lines:
        words = line.description or line.get_kind_display()
        debit, credit = _plain(line.debit, currency), _plain(line.credit, currency)
        balance = money_plain(line.balance, currency)
        rows.append((line.booked_on, line.entry_id, words, debit, credit, balance, currency))
    cut = f" (the first {MOST_ROWS} lines are listed)" if statement.is_cut else ""
    totals = money_plain(statement.debit, currency), money_plain(statement.credit, currency)
    closing = money_plain(statement.closing, currency)
    rows.append((statement.until, "", f"Totals and closing balance{cut}", *totals, closing, currency))
    account_statement_exported.send(
        sender=LedgerAccount, actor=request.user, subject=statement.account, detail={"rows": len(rows)}
    )
    header = ("Day", "Entry", "What", "Debit", "Credit", "Balance", "Currency")
    return csv_response(f"statement-{statement.account.pk}-{statement.until}.csv", header, rows)


def _statement_url(account: LedgerAccount) -> str:
    return reverse("admin:ledger_statement", args=[account.pk])


def entry_lines(entry: JournalEntry) -> Any:
    """The postings of an entry with their accounts, in their order."""
    return entry.postings.select_related("account").order_by("position")


backoffice.add_pages(
    path("ledger/trial-balance/", backoffice.admin_view(trial_balance_page), name="ledger_trial_balance"),
    path(
        "ledger/statement/<uuid:account_id>/",
        backoffice.admin_view(statement_page),
        name="ledger_statement",
    ),
)
backoffice.add_room(PageRoom(Section.FINANCE, "Trial balance", "ledger_trial_balance", LEDGER_STAFF))
backoffice.add_object_link(LedgerAccount, ObjectLink("Statement", _statement_url, LEDGER_STAFF))
