"""Rows that hold for a period."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.db.models.functions import Now

from core.db.constraints import TABLE
from core.models.entity import Versioned


class EffectiveDatedQuerySet(models.QuerySet):
    """Reads by time."""

    def at(self, instant: dt.datetime) -> Self:
        """Rows that hold at `instant`."""
        return self.filter(valid__contains=instant)

    def in_force(self) -> Self:
        """Rows that hold now, by the clock of the database."""
        return self.filter(valid__contains=Now())


class EffectiveDated(Versioned):
    """A row that holds during `valid`, a half-open UTC range.

    Each concrete model adds its own exclusion constraint (`no_overlap`). An empty range would pass any of
    those, so it is refused here.
    """

    valid = DateTimeRangeField(
        db_comment="Half-open UTC range in which the row holds; no upper end: until ended."
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    base_constraints = (
        models.CheckConstraint(
            condition=Q(valid__isempty=False),
            name=f"{TABLE}_valid_check",
            violation_error_message="The period must not be empty: its end lies after its start.",
        ),
    )

    class Meta:
        abstract = True

    def is_in_force(self, at: dt.datetime) -> bool:
        """Does the row hold at `at`?"""
        lower, upper = self.valid.lower, self.valid.upper
        return (lower is None or lower <= at) and (upper is None or at < upper)

    def end(self, at: dt.datetime) -> None:
        """Close the range at `at` in memory; the service saves `valid`."""
        self.valid = DateTimeTZRange(self.valid.lower, at, "[)")
