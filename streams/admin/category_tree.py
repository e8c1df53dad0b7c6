"""The list of categories: the tree in the order of its paths, a page at a time."""

import re
from typing import Any

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.admin.keyset import AFTER, BAD_CURSOR, CURSORS, Cursor, KeysetChangeList, about, estimated_rows
from streams.models import Category

PATH = re.compile(r"([0-9A-Z]{4})+")


class TreePage(KeysetChangeList):
    """Ordered and paged by path; every row knows the names of those above it, by one query for the page."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> Any:
        return ["path"]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        above = {row.path[:end] for row in self.result_list for end in range(4, len(row.path), 4)}
        names = dict(Category.objects.filter(path__in=above).order_by().values_list("path", "name"))
        for row in self.result_list:
            row.above = [names.get(row.path[:end], "?") for end in range(4, len(row.path), 4)]

    @property
    def extent(self) -> str:
        """How much there is; a tree has no newest first."""
        if not self.paged or self.narrowed:
            return super().extent
        return f"about {about(estimated_rows(self.model) or self.result_count)} categories, in tree order"

    def _page_url(self, side: str, key: Any) -> str:
        return self.get_query_string({side: next(row.path for row in self.result_list if row.pk == key)})

    def _read_cursor(self, request: HttpRequest) -> Cursor | None:
        for side in CURSORS:
            value = request.GET.get(side)
            if value is None:
                continue
            if PATH.fullmatch(value):
                return Cursor(side, value)
            messages.warning(request, BAD_CURSOR)
        return None

    def _page(self, cursor: Cursor | None) -> tuple[list[Model], bool, bool]:
        """The rows of a page; whether there are earlier ones; whether later ones."""
        size = self.list_per_page
        if cursor is None:
            rows = list(self.queryset[: size + 1])
            return rows[:size], False, len(rows) > size
        if cursor.side == AFTER:
            rows = list(self.queryset.filter(path__gt=cursor.key)[: size + 1])
            return rows[:size], True, len(rows) > size
        rows = list(self.queryset.filter(path__lt=cursor.key).order_by("-path")[: size + 1])
        return rows[:size][::-1], len(rows) > size, True
