"""Figures by day, for analytics to store."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from core.db.refusals import refused_as
from performers.errors import SettingsRefused
from performers.models import PerformerMetric


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Figures of a day in UTC, as `PerformerMetric` explains them."""

    followers: int = 0
    minutes_live: int = 0
    average_viewers: int = 0
    peak_viewers: int = 0
    earned_tokens: int = 0


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
