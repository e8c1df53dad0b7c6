"""The list of categories: the tree in the order of its paths, a page at a time."""

import re

from django.contrib import messages
from django.http import HttpRequest

from core.admin.keyset import BAD_CURSOR, CURSORS, Cursor, KeysetChangeList, about, estimated_rows
from streams.models import Category

PATH = re.compile(r"([0-9A-Z]{4})+")


class TreePage(KeysetChangeList):
    """Ordered and paged by path; every row knows the names of those above it, by one query for the page."""

    order = ("path",)
    order_words = "in tree order"
    pager_words = ("First", "Earlier", "Later")

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

    def _read_cursor(self, request: HttpRequest) -> Cursor | None:
        for side in CURSORS:
            value = request.GET.get(side)
            if value is None:
                continue
            if PATH.fullmatch(value):
                return Cursor(side, (value,))
            messages.warning(request, BAD_CURSOR)
        return None
