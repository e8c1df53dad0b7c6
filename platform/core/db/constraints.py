"""Constraints that every app needs, with names derived from the table.

Each returns one of Django's own constraints, so that migrations import nothing of ours.
"""

from collections.abc import Iterable

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint, Value
from django.db.models.functions import Length
from django.db.models.lookups import Exact

TABLE = "%(app_label)s_%(class)s"
UNICODE = "pg_unicode_fast"


def one_of(field: str, choices: type[models.TextChoices] | Iterable[str], name: str = "") -> CheckConstraint:
    """`field` holds one of the values of `choices`."""
    values = list(choices.values) if isinstance(choices, type) else [str(value) for value in choices]
    return CheckConstraint(
        condition=Q(**{f"{field}__in": values}),
        name=name or f"{TABLE}_{field}_check",
        violation_error_message=f"{field.replace('_', ' ').capitalize()} must be one of: {', '.join(values)}.",
    )


def rule(condition: Q | models.Expression, name: str, message: str) -> CheckConstraint:
    """A CHECK named `<table>_<name>_check` with the sentence that people read."""
    return CheckConstraint(condition=condition, name=f"{TABLE}_{name}_check", violation_error_message=message)


def length_between(field: str, least: int, most: int) -> CheckConstraint:
    """`field` has between `least` and `most` characters (a null passes)."""
    models.TextField.register_lookup(Length)
    return CheckConstraint(
        condition=Q(**{f"{field}__length__gte": least, f"{field}__length__lte": most}),
        name=f"{TABLE}_{field}_length_check",
        violation_error_message=f"{field.replace('_', ' ').capitalize()} must have {least} to {most} characters.",
    )


def has_bytes(field: str, count: int) -> models.Expression:
    """The condition that the binary `field` has exactly `count` bytes (a null passes)."""
    return Exact(Func(F(field), function="octet_length", output_field=models.IntegerField()), count)


def is_object(field: str) -> models.Expression:
    """The condition that the JSON in `field` is an object and not a list or a bare value."""
    return Exact(Func(F(field), function="jsonb_typeof", output_field=models.TextField()), Value("object"))


def matches(field: str, pattern: str, message: str) -> CheckConstraint:
    """`field` matches the POSIX regular expression `pattern`."""
    return CheckConstraint(
        condition=Q(**{f"{field}__regex": pattern}),
        name=f"{TABLE}_{field}_format_check",
        violation_error_message=message,
    )


def unique(*fields: str, when: Q | None = None, message: str = "", name: str = "") -> UniqueConstraint:
    """No two rows (of those where `when` holds) agree in all `fields`; nulls count as equal."""
    return UniqueConstraint(
        fields=fields,
        condition=when,
        nulls_distinct=None if when is not None else False,
        name=f"{TABLE}_{name or '_'.join(fields)}_key",
        violation_error_message=message or f"There is already one with this {' and '.join(fields)}.",
    )


def without_case(expression: str | models.expressions.Combinable) -> Func:
    """The expression with letter case removed by full Unicode mapping; what `unique_without_case` indexes."""
    return Func(
        F(expression) if isinstance(expression, str) else expression,
        template=f"lower(%(expressions)s COLLATE {UNICODE})",
        output_field=models.TextField(),
    )


def unique_without_case(field: str, *, when: Q | None = None, message: str) -> UniqueConstraint:
    """No two rows differ only by letter case in `field` (full Unicode case mapping)."""
    return UniqueConstraint(
        without_case(field),
        condition=when,
        name=f"{TABLE}_{field}_key",
        violation_error_message=message,
    )


def no_overlap(*fields: str, during: str, message: str, when: Q | None = None) -> ExclusionConstraint:
    """No two rows that agree in `fields` have overlapping ranges in `during`."""
    return ExclusionConstraint(
        name=f"{TABLE}_{during}_excl",
        expressions=[
            *((field, RangeOperators.EQUAL) for field in fields),
            (during, RangeOperators.OVERLAPS),
        ],
        condition=when,
        violation_error_message=message,
    )
