"""One at a time writes a performer's calendar; what may stand in it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.announcements import Announcement
from performers.choices import OccurrenceStatus, PerformerStatus
from performers.errors import ScheduleRefused
from performers.models import PerformerProfile, ScheduleOccurrence, TimeOff

PLANS = frozenset({PerformerStatus.VERIFIED, PerformerStatus.PAUSED, PerformerStatus.EXPIRED})
"""Who may plan: whoever was accepted and has not left."""

FARTHEST = timedelta(days=366)
"""How far ahead a broadcast may be planned by hand."""


def calendar_lock(performer_id: UUID) -> PerformerStatus:
    """Wait until nobody else writes this performer's calendar, keep it until the transaction ends.

    Returns where the performer stands. Raises ScheduleRefused when there is no such performer, or none whose calendar
    the acting role may write.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT performers_schedule_lock(%s)", [performer_id])
        standing = cursor.fetchone()[0]
    if standing is None:
        raise ScheduleRefused("There is no such performer, or your role may not plan for this one.")
    return PerformerStatus(standing)


def calendar_open(performer_id: UUID) -> None:
    """Lock the calendar, to plan something new. Raises ScheduleRefused unless the performer may plan."""
    if calendar_lock(performer_id) not in PLANS:
        raise ScheduleRefused(
            "Broadcasts can be planned once the application is accepted, and until the performer leaves."
        )


def start_check(start: datetime, now: datetime) -> None:
    """Raise ScheduleRefused unless `start` lies ahead, by a year at most."""
    if start <= now:
        raise ScheduleRefused("This lies in the past. Choose a time that is still to come.")
    if start > now + FARTHEST:
        raise ScheduleRefused("Broadcasts are planned a year ahead at most.")


class BusyTime:
    """When a performer is busy within a span, as it is while the calendar is locked."""

    def __init__(self, performer_id: UUID, start: datetime, end: datetime) -> None:
        span = DateTimeTZRange(start, end, "[)")
        self.ranges: list[DateTimeTZRange] = [
            *TimeOff.objects.ahead()
            .filter(performer_id=performer_id, during__overlap=span)
            .values_list("during", flat=True),
            *ScheduleOccurrence.objects.filter(
                performer_id=performer_id, status=OccurrenceStatus.SCHEDULED, during__overlap=span
            ).values_list("during", flat=True),
        ]

    def takes(self, during: DateTimeTZRange) -> bool:
        """Take the time if it is free; False when it is not."""
        if any(_overlap(during, taken) for taken in self.ranges):
            return False
        self.ranges.append(during)
        return True


def _overlap(one: DateTimeTZRange, other: DateTimeTZRange) -> bool:
    return bool(one.lower < other.upper and other.lower < one.upper)


def announce(
    announcement: Announcement,
    *,
    performer_id: UUID,
    actor: Any,
    sender: Any,
    reason: str = "",
    changed: Iterable[str] = (),
    detail: dict[str, Any] | None = None,
) -> None:
    """Tell that something happened to a performer's calendar or settings; the profile is the subject."""
    announcement.send(
        sender=sender,
        actor=actor,
        subject=PerformerProfile.objects.get(pk=performer_id),
        reason=reason,
        changed=tuple(changed),
        detail=detail or {},
    )
