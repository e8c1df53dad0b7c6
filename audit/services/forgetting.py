"""Rows of the day's work that nobody needs afterwards: what moderators passed over and looked at."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from audit.models import CasePresence, CaseSkip

SKIPS_KEPT = timedelta(days=7)
PRESENCES_KEPT = timedelta(days=1)


def case_skips_over() -> Any:
    """What was passed over until a week ago or longer."""
    return CaseSkip.objects.filter(until__lt=Now() - SKIPS_KEPT)


def case_presences_over() -> Any:
    """Pages that were last open a day ago or longer."""
    return CasePresence.objects.filter(seen_at__lt=Now() - PRESENCES_KEPT)


def forget(rows: Any, *, batch: int = 1000) -> int:
    """Delete a batch of rows, by key; returns how many. Run as the worker."""
    with transaction.atomic():
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:batch])
        return int(rows.model.objects.filter(pk__in=keys).delete()[0])
