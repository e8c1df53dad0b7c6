"""Series become occurrences, eight weeks ahead."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.choices import OccurrenceStatus
from performers.errors import ScheduleRefused
from performers.models import ScheduleOccurrence, ScheduleSeries
from performers.models.schedule_occurrence import LIVING, UNTOUCHED
from performers.recurrence import days_of, read_rule
from performers.services.calendars import PLANS, BusyTime, calendar_lock
from performers.wall_clock import instant_at, local_at, zone_named

AHEAD = timedelta(weeks=8)
DUE = AHEAD - timedelta(days=1)
"""A series is expanded again when less than this lies ahead: once a day."""

Plan = dict[date, DateTimeTZRange]


def series_plan(series: ScheduleSeries, after: datetime, until: datetime) -> Plan:
    """What the rule makes of the days whose start lies after `after` and not after `until`, by local day.

    Where the clocks skip a whole day, that day names the same instant as the next one, which is taken once.
    Raises ScheduleRefused for a zone or a rule that this installation does not know.
    """
    zone = zone_named(series.time_zone)
    found: Plan = {}
    starts = set()
    length = timedelta(minutes=series.duration_minutes)
    for day in days_of(
        read_rule(series.rule, zone), first_day=series.first_day, local_time=series.local_time, zone=zone
    ):
        start = instant_at(datetime.combine(day, series.local_time), zone)
        if after < start <= until and start not in starts:
            starts.add(start)
            found[day] = DateTimeTZRange(start, start + length, "[)")
    return found


def _is_untouched(occurrence: ScheduleOccurrence, now: datetime) -> bool:
    return (
        occurrence.status in (OccurrenceStatus.SCHEDULED, OccurrenceStatus.CONFLICTING)
        and occurrence.moved_at is None
        and occurrence.starts_at > now
    )


def occurrences_withdraw(series: ScheduleSeries, now: datetime, *, keep: Plan | None = None) -> int:
    """Withdraw what lies ahead untouched, but for what `keep` plans the same; returns how many.

    The caller holds the calendar.
    """
    ahead = series.occurrences.filter(UNTOUCHED, starts_at__gt=now)
    gone = [row.pk for row in ahead if (keep or {}).get(row.original_day) != row.during]
    return series.occurrences.filter(pk__in=gone).update(status=OccurrenceStatus.WITHDRAWN) if gone else 0


def occurrences_make(series: ScheduleSeries, now: datetime) -> Counter[str]:
    """Bring the occurrences ahead in line with the rule; returns what was made, scheduled, in conflict, withdrawn.

    Moved, cancelled and begun ones keep their day, whatever the rule says of it. What collides with another broadcast
    or with time off is kept as in conflict, where staff and the performer see it, and scheduled by a later run
    when the time has become free. The caller holds the calendar and the series.
    """
    counts: Counter[str] = Counter()
    horizon = now + AHEAD
    plan = series_plan(series, now, horizon)
    counts["withdrawn"] += occurrences_withdraw(series, now, keep=plan)
    today = local_at(now, zone_named(series.time_zone)).date()
    there = {
        row.original_day: row
        for row in series.occurrences.filter(LIVING, original_day__gte=today - timedelta(days=2))
    }
    busy = BusyTime(series.performer_id, now, horizon + timedelta(days=1))
    new = []
    for day, during in plan.items():
        row = there.get(day)
        if row is None:
            free = busy.takes(during)
            status = OccurrenceStatus.SCHEDULED if free else OccurrenceStatus.CONFLICTING
            new.append(_occurrence(series, day, during, status))
            counts["made" if free else "in_conflict"] += 1
        elif (
            row.status == OccurrenceStatus.CONFLICTING and _is_untouched(row, now) and busy.takes(row.during)
        ):
            row.status = OccurrenceStatus.SCHEDULED
            row.save(update_fields=["status"])
            counts["freed"] += 1
    with refused_as(ScheduleRefused):
        ScheduleOccurrence.objects.bulk_create(new)
    series.expanded_until = horizon
    series.save(update_fields=["expanded_until"])
    return counts


def _occurrence(
    series: ScheduleSeries, day: date, during: DateTimeTZRange, status: OccurrenceStatus
) -> ScheduleOccurrence:
    return ScheduleOccurrence(
        performer_id=series.performer_id,
        series=series,
        original_day=day,
        original_start=during.lower,
        during=during,
        time_zone=series.time_zone,
        title=series.title,
        status=status,
    )


@transaction.atomic
def series_expand(*, schedule_series_id: UUID) -> Counter[str]:
    """Make the occurrences of one series up to eight weeks ahead; a second call changes nothing. As the worker.

    A series of somebody who may not plan, or that has ended, rests. Locks: the performer, then the series.
    Raises: NotThere, ScheduleRefused.
    """
    performer_id = (
        ScheduleSeries.objects.filter(pk=schedule_series_id).values_list("performer_id", flat=True).first()
    )
    if performer_id is None:
        raise NotThere("There is no such series, or your role may not see it.")
    if calendar_lock(performer_id) not in PLANS:
        return Counter({"resting": 1})
    series = ScheduleSeries.objects.select_for_update().filter(pk=schedule_series_id, ended_at=None).first()
    return occurrences_make(series, database_now()) if series else Counter({"resting": 1})


@transaction.atomic
def calendar_expand(*, performer_id: UUID) -> Counter[str]:
    """Expand every running series of a performer, so that freed time is used at once. Locks: performer, series.

    Raises: ScheduleRefused.
    """
    counts: Counter[str] = Counter()
    if calendar_lock(performer_id) in PLANS:
        now = database_now()
        for pk in (
            ScheduleSeries.objects.running()
            .filter(performer_id=performer_id)
            .order_by("pk")
            .values_list("pk")
        ):
            counts += occurrences_make(locked(ScheduleSeries, pk[0]), now)
    return counts
