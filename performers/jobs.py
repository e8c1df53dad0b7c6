"""Background work of performers."""

import logging
from collections import Counter
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Q
from django.db.models.functions import Now

from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.models import ScheduleSeries
from performers.services.expansion import DUE, series_expand

logger = logging.getLogger(__name__)


def series_due(*, after: UUID | None = None, batch: int = 500) -> list[UUID]:
    """Running series that were not expanded today, in the order of their keys, those after `after`."""
    due = ScheduleSeries.objects.running().filter(
        Q(expanded_until__isnull=True) | Q(expanded_until__lt=Now() + DUE)
    )
    if after is not None:
        due = due.filter(pk__gt=after)
    return list(due.order_by("pk").values_list("pk", flat=True)[:batch])


def schedules_expand(counts: Counter[str], *, batch: int = 500) -> None:
    """Expand every series that is due, each in a transaction of its own, and add up in `counts` what was done.

    A series that fails is counted and logged, and the others go on; the next run tries it again.
    """
    last: UUID | None = None
    while True:
        with acting(Role.WORKER):
            due = series_due(after=last, batch=batch)
        for series_id in due:
            try:
                with acting(Role.WORKER):
                    counts += series_expand(schedule_series_id=series_id)
                counts["expanded"] += 1
            except (Refused, DatabaseError) as failure:
                counts["failed"] += 1
                logger.warning("series %s was not expanded: %s", series_id, type(failure).__name__)
        if len(due) < batch:
            return
        last = due[-1]
