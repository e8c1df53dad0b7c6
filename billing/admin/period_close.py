"""The page on which a month is closed: check-list, trial balance as of its last day, statements, and their export."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse

from billing.admin.ledger_exports import MOST_ROWS, csv_response
from billing.announcements import tax_statements_exported
from billing.closing import CheckItem
from billing.invoice_access import SHARE_STAFF
from billing.invoice_choices import StatementKind
from billing.ledger_access import LEDGER_STAFF
from billing.ledger_choices import PeriodStatus
from billing.ledger_selectors import trial_balance
from billing.models import AccountingPeriod, PeriodClosing, TaxStatement
from billing.money import money_figure, money_plain
from billing.services.accounting_periods import period_close_checklist
from core.admin.home import HomeCard, register_card
from core.admin.object_links import ObjectLink
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.clock import database_now
from core.db.roles import Role

SHOWN = ("opening", "earned", "taken_back", "exchanged", "paid_out", "adjusted", "closing", "fees")


def _admitted(request: HttpRequest, roles: tuple[Role, ...]) -> None:
    if request.acting_role not in roles:  # type: ignore[attr-defined]
        raise PermissionDenied


def list_of(link_query: str) -> str:
    """The address of a list of billing by `model?query`; empty where there is none."""
    model, _, query = link_query.partition("?")
    try:
        return reverse(f"admin:billing_{model}_changelist") + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


def _period(period_id: UUID) -> AccountingPeriod:
    period = AccountingPeriod.objects.select_related("soft_closed_by").filter(pk=period_id).first()
    if period is None:
        raise Http404
    return period


def period_close_page(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """What is in the way of closing a month; of a closed one, what was looked at then."""
    _admitted(request, LEDGER_STAFF)
    period = _period(period_id)
    closing = PeriodClosing.objects.select_related("closed_by").filter(period=period).first()
    items = [CheckItem(**item) for item in closing.checks] if closing else period_close_checklist(period.pk)
    sees_statements = request.acting_role in SHARE_STAFF  # type: ignore[attr-defined]
    return TemplateResponse(
        request,
        "admin/period_close.html",
        {
            **backoffice.each_context(request),
            "title": f"Close of {period}",
            "period": period,
            "closing": closing,
            "items": [(item, "" if item.ok else list_of(item.link_query)) for item in items],
            "blocked": sum(item.blocks and not item.ok for item in items),
            "period_url": reverse("admin:billing_accountingperiod_change", args=[period.pk]),
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
                for balance in trial_balance(period.last_day)
            ],
            "sums": _sums(period) if sees_statements else [],
            "sees_statements": sees_statements,
        },
    )


def _figure(amount: int, currency: str) -> str:
    return money_figure(amount, currency) if amount else ""


def _statements(period: AccountingPeriod) -> Any:
    return TaxStatement.objects.current().filter(kind=StatementKind.MONTH, days=period.days)


def _sums(period: AccountingPeriod) -> list[dict[str, Any]]:
    """Statements of the month together, for each unit."""
    sums = {f"sum_{name}": Sum(name) for name in SHOWN}
    totals = _statements(period).order_by("currency_id").values("currency_id")
    return [
        {
            "currency": of_unit["currency_id"],
            "statements": of_unit["statements"],
            "amounts": [money_figure(int(of_unit[name]), of_unit["currency_id"]) for name in sums],
        }
        for of_unit in totals.annotate(statements=Count("pk"), **sums)
    ]


@transaction.atomic
def statements_export(request: HttpRequest, period_id: UUID) -> HttpResponse:
    """The statements of a month as CSV, with totals for each unit (POST)."""
    _admitted(request, SHARE_STAFF)
    if request.method != "POST":
        raise Http404
    period = _period(period_id)
    found = list(
        _statements(period)
        .select_related("performer", "studio")
        .order_by("currency_id", "performer_id", "studio_id")[: MOST_ROWS + 1]
    )
    rows: list[tuple[object, ...]] = [
        (
            period.days.lower,
            "performer" if row.performer_id else "studio",
            row.performer_id or row.studio_id,
            str(row.performer or row.studio),
            row.version,
            row.currency_id,
            *(money_plain(getattr(row, name), row.currency_id) for name in SHOWN),
            row.activities,
        )
        for row in found[:MOST_ROWS]
    ]
    cut = f" (the first {MOST_ROWS} statements)" if len(found) > MOST_ROWS else ""
    for currency in sorted({row.currency_id for row in found}):
        of_unit = [row for row in found[:MOST_ROWS] if row.currency_id == currency]
        sums = (money_plain(sum(getattr(row, name) for row in of_unit), currency) for name in SHOWN)
        activities = sum(row.activities for row in of_unit)
        rows.append((period.days.lower, f"Total{cut}", "", "", "", currency, *sums, activities))
    tax_statements_exported.send(
        sender=AccountingPeriod, actor=request.user, subject=period, detail={"rows": len(rows)}
    )
    header = ("Month", "Of", "Id", "Name", "Version", "Unit", *SHOWN, "Activities")
    return csv_response(f"statements-{period.days.lower:%Y-%m}.csv", header, rows)


def _close_url(period: AccountingPeriod) -> str:
    return reverse("admin:period_close", args=[period.pk])


backoffice.add_pages(
    path("ledger/close/<uuid:period_id>/", backoffice.admin_view(period_close_page), name="period_close"),
    path(
        "ledger/close/<uuid:period_id>/statements/",
        backoffice.admin_view(statements_export),
        name="period_statements",
    ),
)
backoffice.add_object_link(AccountingPeriod, ObjectLink("Check-list", _close_url, LEDGER_STAFF))
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Months to close",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(
            AccountingPeriod.objects.exclude(status=PeriodStatus.CLOSED).filter(
                days__endswith__lte=database_now().date()
            ),
            limit,
        ),
        url=lambda: reverse("admin:billing_accountingperiod_changelist"),
        words="Over and not closed: look at the check-list of the oldest first.",
    )
)
