"""Exports of the books: CSV that a spreadsheet opens without running anything, capped, and on record."""

import csv
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

MOST_ROWS = 10_000
"""Lines of one export; whoever needs more asks for shorter periods."""

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a cell for a formula."""


def cell(value: object) -> object:
    """A value as it may stand in a cell: numbers as they are, text that would be a formula behind an apostrophe."""
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return f"'{value}"
    return "" if value is None else value


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file called `name`, UTF-8, to be saved and not shown."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return response
