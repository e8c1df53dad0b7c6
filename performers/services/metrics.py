"""Figures by day, for analytics to store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from uuid import UUID

from django.db import transaction

from core.db.refusals import refused_as
from performers.errors import SettingsRefused
from performers.models import PerformerMetric, PerformerProfile


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures of a day in UTC, as `PerformerMetric` explains them."""

    followers: int = 0
    minutes_live: int = 0
    average_viewers: int = 0
    peak_viewers: int = 0
    earned_tokens: int = 0


FIGURES = tuple(field.name for field in fields(Figures))


@transaction.atomic
def metric_store(*, performer_id: UUID, day: date, figures: Figures) -> None:
    """Store the figures of a performer's day in place of earlier ones. As the worker.

    Raises: SettingsRefused (negative counts, a peak below the average).
    """
    values = asdict(figures)
    with refused_as(SettingsRefused):
        PerformerMetric.objects.bulk_create(
            [PerformerMetric(performer_id=performer_id, day=day, **values)],
            update_conflicts=True,
            unique_fields=["performer", "day"],
            update_fields=list(values),
        )


@transaction.atomic
def metrics_store(*, figures: Mapping[tuple[UUID, date], Figures]) -> int:
    """Store the figures of many days of performers in place of earlier ones; returns how many stand. As the worker.

    A day without any figure gets no row, and one that stands is emptied. Whoever is erased is passed by. Locks: the
    rows, in the order of performers and days. Raises: SettingsRefused (as `metric_store`).
    """
    living = set(
        PerformerProfile.objects.filter(
            pk__in={performer for performer, _ in figures}, user__erased_at__isnull=True
        ).values_list("pk", flat=True)
    )
    standing = set(
        PerformerMetric.objects.filter(
            performer_id__in=living, day__in={day for _, day in figures}
        ).values_list("performer_id", "day")
    )
    rows = [
        PerformerMetric(performer_id=performer, day=day, **asdict(values))
        for (performer, day), values in sorted(figures.items(), key=lambda item: item[0])
        if performer in living and (values != Figures() or (performer, day) in standing)
    ]
    with refused_as(SettingsRefused):
        PerformerMetric.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["performer", "day"], update_fields=list(FIGURES)
        )
    return len(rows)
