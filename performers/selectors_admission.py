"""Questions about admissions that several pages ask."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from performers.choices import PerformerStatus
from performers.models import IdentityRecord

WARNED_AHEAD = timedelta(days=30)
"""So long before documents run out they are due."""

STANDING = (PerformerStatus.VERIFIED, PerformerStatus.PAUSED)


def documents_due(within: timedelta = WARNED_AHEAD) -> QuerySet:
    """The current records of performers whose documents have expired or do so within a time, the soonest first.

    For those who read identity records.
    """
    return (
        IdentityRecord.objects.current()
        .filter(documents_until__lte=timezone.now() + within, performer__status__in=STANDING)
        .order_by("documents_until", "performer_id")
    )
