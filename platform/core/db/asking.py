"""Several questions in one statement: a SELECT without FROM."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import IntegerField, QuerySet, Subquery
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query
from django.db.models.sql.constants import SINGLE


class CountUpTo(Subquery):
    """How many rows a queryset has, as an expression; the database stops counting at `limit`."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"

    def __init__(self, queryset: QuerySet, limit: int) -> None:
        super().__init__(queryset.order_by().values("pk")[:limit], output_field=IntegerField())


def ask(
    questions: Sequence[BaseExpression], known: Mapping[str, BaseExpression] | None = None
) -> tuple[Any, ...]:
    """The answers, in order: one query for all of them, none where there are none.

    `known` are values that the questions refer to by `OuterRef`.
    """
    if not questions:
        return ()
    # As `Q.check` of Django does: a SELECT without FROM, whose annotations are what the questions refer to.
    query: Any = Query(None)
    for name, value in (known or {}).items():
        query.add_annotation(value, name, select=False)
    for number, question in enumerate(questions):
        query.add_annotation(question, f"question_{number}", select=True)
    return tuple(query.get_compiler(using=DEFAULT_DB_ALIAS).execute_sql(SINGLE))
