"""Lists as CSV with totals: what is filtered on the page, capped, escaped, and on record."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from billing.admin.ledger_exports import MOST_ROWS, csv_response
from billing.announcements import list_exported
from billing.money import money_plain
from core.admin.models import BackOfficeModelAdmin
from core.admin.site import backoffice

Column = tuple[str, Callable[[Any], object]]
Amount = tuple[str, Callable[[Any], int]]


class ExportsList(BackOfficeModelAdmin):
    """A room whose list can be exported: `export_columns` as they are, then `export_amounts`, which are summed.

    The file has a row for each row of the list with its filters, then one total for each currency; it says how many
    rows there are, and when it is cut. `export_currency` tells the currency of a row.
    """

    export_columns: tuple[Column, ...] = ()
    export_amounts: tuple[Amount, ...] = ()
    change_list_template = "admin/exported_list.html"

    def export_currency(self, row: Any) -> str:
        """The currency of the amounts of a row."""
        return str(row.currency_id)

    def export_rows(self, queryset: Any) -> Any:
        """The rows in the order of the list, with what the columns need."""
        return queryset

    def export_whole(self, rows: list[Any]) -> list[Any]:
        """What can stay of a list that was cut, where rows only make sense together."""
        return rows

    def export_subject(self, row: Any) -> Model:
        """The row of which the trail says that it was exported, with those behind it."""
        return cast(Model, row)

    def get_urls(self) -> list[URLPattern]:
        own = path("export/", backoffice.admin_view(self.export_view), name=f"{self._name}_export")
        return [own, *super().get_urls()]

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        query = request.GET.urlencode()
        url = reverse(f"admin:{self._name}_export") + (f"?{query}" if query else "")
        return super().changelist_view(request, {**(extra_context or {}), "export_url": url})

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The file (POST, so that nobody exports by following a link)."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse(f"admin:{self._name}_changelist")
        try:
            changelist: Any = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.error(request, "A filter in the address made no sense. Nothing was exported.")
            return HttpResponseRedirect(back)
        rows = list(self.export_rows(changelist.queryset)[: MOST_ROWS + 1])
        if not rows:
            messages.info(request, "Nothing is on the list, so there is nothing to export.")
            return HttpResponseRedirect(back)
        is_cut = len(rows) > MOST_ROWS
        return self._exported(request, self.export_whole(rows[:MOST_ROWS]) if is_cut else rows, is_cut=is_cut)

    @transaction.atomic
    def _exported(self, request: HttpRequest, rows: Sequence[Model], *, is_cut: bool) -> HttpResponse:
        header = [
            *(name for name, _ in self.export_columns),
            *(name for name, _ in self.export_amounts),
            "Currency",
        ]
        lines: list[list[object]] = []
        totals: dict[str, list[int]] = {}
        for row in rows:
            currency = self.export_currency(row)
            amounts = [amount(row) for _, amount in self.export_amounts]
            sums = totals.setdefault(currency, [0] * len(amounts))
            totals[currency] = [before + amount for before, amount in zip(sums, amounts, strict=True)]
            texts = [money_plain(amount, currency) for amount in amounts]
            lines.append([*(column(row) for _, column in self.export_columns), *texts, currency])
        blank = [""] * (len(self.export_columns) - 1)
        cut = f" (the first {MOST_ROWS:,} rows; narrow the list for the rest)" if is_cut else ""
        for currency, sums in sorted(totals.items()):
            count = sum(self.export_currency(row) == currency for row in rows)
            words = f"Total of {count:,} rows{cut}"
            lines.append([words, *blank, *(money_plain(amount, currency) for amount in sums), currency])
        subject = self.export_subject(rows[0])
        list_exported.send(
            sender=type(subject),
            actor=request.user,
            subject=subject,
            detail={"list": self.opts.label_lower, "rows": len(rows), "is_cut": is_cut},
        )
        return csv_response(f"{self.opts.model_name}.csv", header, lines)
