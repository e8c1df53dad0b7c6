"""Time off: taken in whole days, withdrawn."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.announcements import time_off_taken, time_off_withdrawn
from performers.choices import OccurrenceStatus
from performers.errors import OccurrenceOver, ScheduleRefused
from performers.models import ScheduleOccurrence, TimeOff
from performers.models.time_off import LONGEST_TIME_OFF
from performers.services.calendars import announce, calendar_lock, calendar_open
from performers.services.expansion import calendar_expand
from performers.services.occurrences import occurrence_cancel
from performers.wall_clock import days_between, zone_named


@transaction.atomic
def time_off_take(
    *,
    performer_id: UUID,
    first_day: date,
    last_day: date,
    time_zone: str,
    actor: User | None,
    cancel_broadcasts: bool = False,
) -> TimeOff:
    """Take time off from `first_day` to `last_day`, both included, on the clock of `time_zone`.

    With `cancel_broadcasts`, what is scheduled in it is cancelled. What series make of it later is in conflict.
    Locks: the performer. Raises: ScheduleRefused (not accepted, over already, too long, overlaps other time off or
    scheduled broadcasts). Announces: `time_off_taken`, and `broadcast_cancelled` for each.
    """
    calendar_open(performer_id)
    if last_day < first_day:
        raise ScheduleRefused("The last day of time off lies before the first.")
    if (last_day - first_day).days >= LONGEST_TIME_OFF:
        raise ScheduleRefused(f"Time off lasts {LONGEST_TIME_OFF} days at most.")
    start, end = days_between(first_day, last_day, zone_named(time_zone))
    now = database_now()
    if end <= now:
        raise ScheduleRefused("These days are over. Time off lies ahead.")
    during = DateTimeTZRange(start, end, "[)")
    if cancel_broadcasts:
        inside = ScheduleOccurrence.objects.filter(
            performer_id=performer_id,
            status=OccurrenceStatus.SCHEDULED,
            during__overlap=during,
            starts_at__gt=now,
        )
        for pk in list(inside.order_by("pk").values_list("pk", flat=True)):
            occurrence_cancel(schedule_occurrence_id=pk, actor=actor)
    time_off = TimeOff(performer_id=performer_id, during=during, time_zone=time_zone)
    with refused_as(ScheduleRefused):
        time_off.save(force_insert=True)
    announce(
        time_off_taken,
        performer_id=performer_id,
        actor=actor,
        sender=TimeOff,
        detail={"time_off": str(time_off.pk)},
    )
    return time_off


@transaction.atomic
def time_off_withdraw(*, time_off_id: UUID, actor: User | None) -> TimeOff:
    """Take time off back; what series planned in it is scheduled at once where it is free.

    Locks: the performer, the time off, the performer's series. Raises: OccurrenceOver, NotThere.
    Announces: `time_off_withdrawn`.
    """
    found = TimeOff.objects.filter(pk=time_off_id).values_list("performer_id", flat=True).first()
    if found is None:
        raise NotThere("There is no such time off, or your role may not see it.")
    calendar_lock(found)
    time_off, now = locked(TimeOff, time_off_id), database_now()
    if time_off.withdrawn_at is not None or time_off.during.upper <= now:
        raise OccurrenceOver("This time off is over, or was withdrawn already.")
    time_off.withdrawn_at = now
    time_off.save(update_fields=["withdrawn_at"])
    calendar_expand(performer_id=found)
    announce(
        time_off_withdrawn,
        performer_id=found,
        actor=actor,
        sender=TimeOff,
        detail={"time_off": str(time_off.pk)},
    )
    return time_off
