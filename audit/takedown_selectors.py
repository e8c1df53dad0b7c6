"""Reads of copyright notices across aggregates: how often a performer's content was taken down for good."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Count

from audit.models import TakedownTarget
from audit.models.compliance.takedown_notice import STANDING
from core.db.clock import database_now
from core.models.identity import uuid7_floor

REPEATS_WITHIN = timedelta(days=365)
REPEATS_FROM = 3
"""So many standing notices within a year make a repeat infringer, whose account compliance looks at (512(i))."""


def standing_notices(performer_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many notices about each performer stand, of those that were taken in within a year (17 USC 512(i)).

    A notice stands that was carried out and neither answered with success nor taken back. Performers without one are
    left out.
    """
    since = uuid7_floor(database_now() - REPEATS_WITHIN)
    targets = TakedownTarget.objects.filter(
        performer_id__in=list(performer_ids),
        notice_id__gte=since,
        disabled_at__isnull=False,
        restored_at__isnull=True,
        notice__status__in=STANDING,
    )
    return dict(
        targets.values_list("performer_id")
        .annotate(Count("notice_id", distinct=True))
        .order_by("performer_id")
    )
