"""Lists that page by key: `id < cursor` instead of an offset, and an estimate instead of COUNT(*).

Every id is a UUIDv7, so the newest come first and a page costs the same on row one and row one million. A queue names
another order; an index with the same columns makes it as cheap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

AFTER = "after"
BEFORE = "before"
CURSORS = (AFTER, BEFORE)
BETWEEN = "~"
"""Stands between the values of a cursor; no key, number or instant contains it."""

BAD_CURSOR = "The page marker in the address is not one of ours, so this is the first page."
BAD_PARAMETERS = (
    "A filter in the address made no sense and was left out. Choose from the filters on the page."
)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after or before the row that has these values in the columns of the order."""

    side: str
    values: tuple[Any, ...]

    @property
    def key(self) -> Any:
        """The key of that row, where it is the last column of the order."""
        return self.values[-1]


def estimated_rows(model: type[Model]) -> int | None:
    """About how many rows a table has, from the planner's statistics; partitions are added up.

    None when no partition was ever analysed. Costs one look into the catalog, whatever the size.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(c.reltuples) FILTER (WHERE c.reltuples >= 0) FROM pg_class c "
            "WHERE c.oid = to_regclass(%s) AND c.relkind <> 'p' OR c.oid IN "
            "(SELECT relid FROM pg_partition_tree(to_regclass(%s)) WHERE isleaf)",
            [connection.ops.quote_name(model._meta.db_table)] * 2,
        )
        (rows,) = cursor.fetchone()
    return None if rows is None else int(rows)


def about(rows: int) -> str:
    """A large number as people say it: 950, 12,300, 1.2 million, 4.1 billion."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if rows >= size:
            return f"{rows / size:.1f}".removesuffix(".0") + f" {word}"
    if rows >= 10_000:
        return f"{round(rows, -2):,}"
    return f"{rows:,}"


class KeysetChangeList(ChangeList):
    """A change list in one fixed order, read page by page through `?after=` and `?before=`.

    Works with filters and search, since both only narrow the rows. There is no total, no page number
    and no choice of order: an order that no index serves would have to sort the table. A subclass names its `order`:
    columns that are never null, the last of them unique, and an index over them.
    """

    keyset = True
    order: ClassVar[tuple[str, ...]] = ("-pk",)
    order_words = "newest first"
    pager_words = ("Newest", "Newer", "Older")
    """What leads to the first page, to the one before and to the next one."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if any("\x00" in value for values in request.GET.lists() for value in values[1]):
            raise IncorrectLookupParameters("NUL is no text.")
        self.cursor: Cursor | None = None
        super().__init__(request, *args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        lookups = super().get_filters_params(params)
        return {key: value for key, value in lookups.items() if key not in CURSORS}

    def get_query_string(
        self, new_params: dict[str, Any] | None = None, remove: Iterable[str] | None = None
    ) -> str:
        """A narrowed list begins at its first page, so the cursor is dropped; pagers add their own."""
        fresh = dict.fromkeys(CURSORS) | (new_params or {})
        return super().get_query_string(fresh, list(remove or ()))

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> Any:
        return list(self.order)

    def get_ordering_field_columns(self) -> Any:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        self.cursor = self._read_cursor(request)
        for name in CURSORS:
            self.params.pop(name, None)
        rows, has_newer, has_older = self._page(self.cursor)
        if self.cursor and self.cursor.side == BEFORE and not has_newer:
            # The way back has reached the front: show the whole first page, not what is left of it.
            self.cursor = None
            rows, has_newer, has_older = self._page(None)
        self.result_list = rows
        self.result_count = len(rows)
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = bool(rows)
        self.can_show_all = False
        self.paged = has_newer or has_older
        # What Django's own pagination asks for: nothing.
        self.multi_page = False
        self.paginator = None
        self.first_url = self.get_query_string() if has_newer else ""
        self.newer_url = self._page_url(BEFORE, rows[0]) if has_newer and rows else ""
        self.older_url = self._page_url(AFTER, rows[-1]) if has_older and rows else ""

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter is set; Django's own flag overlooks `?status=` without `__exact`."""
        return bool(self.query or self.get_filters_params())

    @property
    def extent(self) -> str:
        """How much there is, in words: exact when the page shows it all, else the estimate, else nothing."""
        name = self.opts.verbose_name if self.result_count == 1 else self.opts.verbose_name_plural
        if not self.paged:
            return f"{self.result_count} {name}"
        if self.narrowed:
            return f"{self.result_count} {name} on this page"
        estimate = estimated_rows(self.model)
        if estimate is None or estimate <= self.result_count:
            return f"{self.result_count} {name} on this page"
        return f"about {about(estimate)} {self.opts.verbose_name_plural}, {self.order_words}"

    def _columns(self) -> list[tuple[str, Any, bool]]:
        """Attribute, field and whether it descends, of each column of the order."""
        columns = []
        for name in self.order:
            attribute = name.removeprefix("-")
            field = self.lookup_opts.pk if attribute == "pk" else self.lookup_opts.get_field(attribute)
            columns.append((attribute, field, name.startswith("-")))
        return columns

    def _page_url(self, side: str, row: Model) -> str:
        values = [getattr(row, attribute) for attribute, _, _ in self._columns()]
        texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
        return self.get_query_string({side: BETWEEN.join(texts)})

    def _read_cursor(self, request: HttpRequest) -> Cursor | None:
        for side in CURSORS:
            value = request.GET.get(side)
            if value is None:
                continue
            columns = self._columns()
            try:
                texts = value.split(BETWEEN)
                if len(texts) != len(columns):
                    raise ValidationError("So many values has no cursor.")
                values = [field.clean(text, None) for (_, field, _), text in zip(columns, texts, strict=True)]
                return Cursor(side, tuple(values))
            except ValidationError:
                messages.warning(request, BAD_CURSOR)
        return None

    def _beyond(self, values: tuple[Any, ...], *, backwards: bool) -> Q:
        """The condition that a row comes after these values; before them, when read backwards.

        The bound of the first column stands in front once more, so that an index over the order begins there.
        """
        columns = [
            (attribute, "lt" if descends is not backwards else "gt", value)
            for (attribute, _, descends), value in zip(self._columns(), values, strict=True)
        ]
        alternatives = []
        for place, (attribute, side, value) in enumerate(columns):
            same = Q(**{earlier: equal for earlier, _, equal in columns[:place]})
            alternatives.append(same & Q(**{f"{attribute}__{side}": value}))
        if len(alternatives) == 1:
            return alternatives[0]
        first, side, value = columns[0]
        return Q(**{f"{first}__{side}e": value}) & reduce(or_, alternatives)

    def _page(self, cursor: Cursor | None) -> tuple[list[Model], bool, bool]:
        """The rows of a page in the order of the list; whether there are earlier ones; whether later ones."""
        size = self.list_per_page
        if cursor is None:
            rows = list(self.queryset[: size + 1])
            return rows[:size], False, len(rows) > size
        backwards = cursor.side == BEFORE
        found = self.queryset.filter(self._beyond(cursor.values, backwards=backwards))
        if not backwards:
            rows = list(found[: size + 1])
            return rows[:size], True, len(rows) > size
        rows = list(found.reverse()[: size + 1])
        return rows[:size][::-1], len(rows) > size, True
