"""The transparency report: its numbers for chosen days, and as a file."""

from datetime import UTC, date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from audit.announcements import transparency_report_exported
from audit.errors import TransparencyRefused
from audit.selectors_transparency import TransparencyReport, transparency_report
from billing.admin.ledger_exports import csv_response
from core.admin.sections import Section
from core.admin.site import PageRoom, backoffice
from core.db.clock import database_now
from core.db.roles import Role

READERS: tuple[Role, ...] = (Role.COMPLIANCE, Role.AUDITOR)
"""Others would count what they may see, and publish that."""


class DaysForm(forms.Form):
    """The days of the report."""

    first = forms.DateField(label="From", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(label="Until", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


def last_year(today: date) -> tuple[date, date]:
    """The calendar year that ended last."""
    return date(today.year - 1, 1, 1), date(today.year, 1, 1) - timedelta(days=1)


def transparency_page(request: HttpRequest) -> HttpResponse:
    """The tables of the report; with `file`, the same as CSV, which is recorded."""
    if request.acting_role not in READERS:  # type: ignore[attr-defined]
        raise PermissionDenied
    first, last = last_year(database_now().astimezone(UTC).date())
    given = {"first": request.GET.get("first") or first, "last": request.GET.get("last") or last}
    form = DaysForm(given)
    report = None
    if form.is_valid():
        try:
            report = transparency_report(form.cleaned_data["first"], form.cleaned_data["last"])
        except TransparencyRefused as refusal:
            form.add_error(None, str(refusal))
    if report is not None and "file" in request.GET:
        return _file(request, report)
    return TemplateResponse(
        request,
        "admin/transparency.html",
        {
            **backoffice.each_context(request),
            "title": "Transparency report",
            "form": form,
            "report": report,
        },
    )


def _file(request: HttpRequest, report: TransparencyReport) -> HttpResponse:
    """Every number on a line of its own: what it is about, and the median times in seconds."""
    rows = [
        (table.source, table.title, " / ".join(names), column, _plain(cell))
        for table in report.tables
        for row in table.rows
        for names in [[cell for cell in row if isinstance(cell, str)]]
        for column, cell in zip(table.columns, row, strict=True)
        if not isinstance(cell, str)
    ]
    transparency_report_exported.send(
        sender=type(request.user),
        actor=request.user,
        subject=request.user,
        detail={"first": f"{report.first}", "last": f"{report.last}", "rows": len(rows)},
    )
    header = ("Source", "Table", "Row", "Column", "Number, or seconds")
    return csv_response(f"transparency-{report.first}-{report.last}.csv", header, rows)


def _plain(cell: Any) -> Any:
    return round(cell.total_seconds()) if isinstance(cell, timedelta) else cell


backoffice.add_pages(path("transparency/", backoffice.admin_view(transparency_page), name="transparency"))
backoffice.add_room(PageRoom(Section.COMPLIANCE, "Transparency report", "transparency", READERS))
