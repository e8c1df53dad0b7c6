"""Planned broadcasts, one by one: planned, moved, cancelled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.announcements import broadcast_cancelled, broadcast_moved, broadcast_planned
from performers.choices import OccurrenceStatus
from performers.errors import OccurrenceOver, ScheduleRefused
from performers.models import ScheduleOccurrence
from performers.models.schedule_series import LONGEST_DURATION
from performers.services.calendars import announce, calendar_lock, calendar_open, start_check
from performers.wall_clock import instant_at, zone_named


def _length(minutes: int) -> timedelta:
    if not 1 <= minutes <= LONGEST_DURATION:
        raise ScheduleRefused("A broadcast is planned for 1 minute to 24 hours.")
    return timedelta(minutes=minutes)


@transaction.atomic
def occurrence_plan(
    *,
    performer_id: UUID,
    title: str,
    time_zone: str,
    local_start: datetime,
    duration_minutes: int,
    actor: User | None,
) -> ScheduleOccurrence:
    """Plan one broadcast at `local_start`, naive, on the clock of `time_zone`.

    Locks: the performer. Raises: ScheduleRefused (not accepted, in the past, too long, overlaps another broadcast or
    time off). Announces: `broadcast_planned`.
    """
    calendar_open(performer_id)
    zone, length = zone_named(time_zone), _length(duration_minutes)
    if local_start.tzinfo is not None:
        raise ScheduleRefused("Give the start as the clock of the zone shows it, without an offset.")
    start = instant_at(local_start.replace(second=0, microsecond=0), zone)
    start_check(start, database_now())
    occurrence = ScheduleOccurrence(
        performer_id=performer_id,
        original_day=local_start.date(),
        original_start=start,
        during=DateTimeTZRange(start, start + length, "[)"),
        time_zone=time_zone,
        title=title.strip(),
    )
    with refused_as(ScheduleRefused):
        occurrence.save(force_insert=True)
    announce(
        broadcast_planned,
        performer_id=performer_id,
        actor=actor,
        sender=ScheduleOccurrence,
        detail={"occurrence": str(occurrence.pk), "start": start.isoformat()},
    )
    return occurrence


def _ahead(occurrence_id: UUID, expected_version: int | None, now: datetime) -> ScheduleOccurrence:
    """The occurrence, under the lock of its performer's calendar, if it can still be changed."""
    found = ScheduleOccurrence.objects.filter(pk=occurrence_id).values_list("performer_id", flat=True).first()
    if found is None:
        raise NotThere("There is no such planned broadcast, or your role may not see it.")
    calendar_lock(found)
    occurrence = locked(ScheduleOccurrence, occurrence_id, expected_version=expected_version)
    if occurrence.status in (OccurrenceStatus.CANCELLED, OccurrenceStatus.WITHDRAWN):
        raise OccurrenceOver(
            f"This broadcast is {occurrence.get_status_display().lower()}. Plan another one."
        )
    if occurrence.during.lower <= now:
        raise OccurrenceOver("This broadcast has begun already, or is over. Plan another one.")
    return occurrence


@transaction.atomic
def occurrence_move(
    *,
    schedule_occurrence_id: UUID,
    start: datetime,
    actor: User | None,
    duration_minutes: int | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> ScheduleOccurrence:
    """Move a planned broadcast to `start` (aware); its length stays unless given. One in conflict is scheduled by it.

    Locks: the performer, then the occurrence. Raises: ScheduleRefused (in the past, overlaps another broadcast or time
    off), OccurrenceOver, NotThere, StaleVersion. Announces: `broadcast_moved`.
    """
    now = database_now()
    occurrence = _ahead(schedule_occurrence_id, expected_version, now)
    if start.tzinfo is None:
        raise ScheduleRefused("Give the start with its zone or offset.")
    start_check(start, now)
    start = start.astimezone(UTC).replace(second=0, microsecond=0)
    before = occurrence.during
    length = before.upper - before.lower if duration_minutes is None else _length(duration_minutes)
    occurrence.during = DateTimeTZRange(start, start + length, "[)")
    occurrence.status = OccurrenceStatus.SCHEDULED
    occurrence.moved_at, occurrence.reason = now, reason
    with refused_as(ScheduleRefused):
        occurrence.save(update_fields=["during", "status", "moved_at", "reason"])
    announce(
        broadcast_moved,
        performer_id=occurrence.performer_id,
        actor=actor,
        sender=ScheduleOccurrence,
        reason=reason,
        changed=("during",),
        detail={
            "occurrence": str(occurrence.pk),
            "start": start.isoformat(),
            "before": before.lower.isoformat(),
        },
    )
    return occurrence


@transaction.atomic
def occurrence_cancel(
    *,
    schedule_occurrence_id: UUID,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
) -> ScheduleOccurrence:
    """Cancel a planned broadcast. The public goes on seeing it, as cancelled, and its series never makes it again.

    Locks: the performer, then the occurrence. Raises: ScheduleRefused (the reason is no text), OccurrenceOver,
    NotThere, StaleVersion. Announces: `broadcast_cancelled`.
    """
    now = database_now()
    occurrence = _ahead(schedule_occurrence_id, expected_version, now)
    occurrence.status, occurrence.cancelled_at, occurrence.reason = OccurrenceStatus.CANCELLED, now, reason
    with refused_as(ScheduleRefused):
        occurrence.save(update_fields=["status", "cancelled_at", "reason"])
    announce(
        broadcast_cancelled,
        performer_id=occurrence.performer_id,
        actor=actor,
        sender=ScheduleOccurrence,
        reason=reason,
        changed=("status",),
        detail={"occurrence": str(occurrence.pk)},
    )
    return occurrence
