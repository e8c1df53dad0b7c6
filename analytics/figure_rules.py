"""What columns of figures have in common: their kinds, their limits, and who reads them."""

from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Coalesce, NullIf, Round

from core.db.constraints import rule
from core.db.holds import NotHeld
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from streams.models.stream import READERS

FIGURES = NotHeld("Figures; what they count is held where it stands.")

FIGURE_READERS = READERS
"""Staff who read what a stream or a performer came to, and the worker, who computes it."""

MINUTES_OF_A_DAY = 24 * 60


def count(words: str, **options: Any) -> models.BigIntegerField:
    """A column that counts from zero; `words` say what and in which unit."""
    return models.BigIntegerField(default=0, db_comment=words, **options)


def average(minutes: str | int, words: str) -> models.GeneratedField:
    """`viewer_minutes` by so many minutes (a column or a number), rounded, so that both always agree."""
    number = models.DecimalField(max_digits=20, decimal_places=0)
    by = NullIf(F(minutes), Value(0)) if isinstance(minutes, str) else Value(minutes)
    mean = Round(Cast(F("viewer_minutes"), number) / by, output_field=number)
    return models.GeneratedField(
        expression=Cast(Coalesce(mean, Value(0), output_field=number), models.BigIntegerField()),
        output_field=models.BigIntegerField(),
        db_persist=True,
        db_comment=words,
    )


def never_negative(*fields: str) -> Any:
    """No figure of these is below zero."""
    return rule(Q(**{f"{field}__gte": 0 for field in fields}), "counts", "Figures are not negative.")


def peak_has_its_minute() -> Any:
    """A peak says when it was, and no peak says nothing; no instant of a day counts more than its peak."""
    return rule(
        Q(peak_viewers__gt=0, peak_at__isnull=False) | Q(peak_viewers=0, peak_at__isnull=True),
        "peak",
        "A peak has its minute.",
    )


def read_by_staff_and_herself() -> list[Any]:
    """Policies of figures of a performer: staff read those of all, she reads hers; a function alone writes."""
    return [
        *policies(*FIGURE_READERS, command="select", using=ALL),
        Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
    ]


def performer_column(related_name: str) -> models.ForeignKey:
    """Whose figures they are; an index of the table leads with it."""
    return models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_index=False,
        related_name=related_name,
        db_comment="Whose figures.",
    )
