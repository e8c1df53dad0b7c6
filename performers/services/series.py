"""Series of broadcasts: published, changed, prolonged, ended by performers; ended by support too."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from performers.announcements import series_changed, series_ended, series_prolonged, series_published
from performers.errors import OccurrenceOver, ScheduleRefused
from performers.models import ScheduleSeries
from performers.models.schedule_occurrence import UNTOUCHED
from performers.recurrence import days_of, read_rule, with_end
from performers.services.calendars import announce, calendar_lock, calendar_open, start_check
from performers.services.expansion import occurrences_make, occurrences_withdraw
from performers.wall_clock import instant_at, local_at, zone_named

MOST_SERIES = 20
"""Series of one performer that run at the same time."""

PLANNED = ("title", "time_zone", "first_day", "local_time", "duration_minutes", "rule", "last_day")


@dataclass(frozen=True, kw_only=True)
class SeriesPlan:
    """What a performer says of a series. `local_time` is to the minute, on the clock of `time_zone`."""

    title: str
    rule: str
    time_zone: str
    first_day: date
    local_time: time
    duration_minutes: int


def _plan(series: ScheduleSeries, plan: SeriesPlan, now: datetime) -> None:
    """Write the plan into the series, its rule in one spelling, its first day on the rule. Evaluates the rule once."""
    zone = zone_named(plan.time_zone)
    if plan.local_time.tzinfo is not None or plan.local_time.second or plan.local_time.microsecond:
        raise ScheduleRefused("A series begins on a minute of the clock, such as 20:30.")
    rule = read_rule(plan.rule, zone)
    days = days_of(rule, first_day=plan.first_day, local_time=plan.local_time, zone=zone)
    if instant_at(datetime.combine(days[-1], plan.local_time), zone) <= now:
        raise ScheduleRefused(f"This rule makes no broadcast any more: its last day was {days[-1]:%Y-%m-%d}.")
    series.title, series.time_zone = plan.title.strip(), plan.time_zone
    series.first_day, series.last_day, series.rule = days[0], days[-1], str(rule)
    series.local_time, series.duration_minutes = plan.local_time, plan.duration_minutes


@transaction.atomic
def series_publish(*, performer_id: UUID, plan: SeriesPlan, actor: User | None) -> ScheduleSeries:
    """Publish a series, and make its occurrences of the next eight weeks.

    A first day on which the rule does not fall gives way to the next one on which it does. Locks: the performer.
    Raises: RuleRefused, ScheduleRefused (not accepted, unknown zone, in the past, too many series, a value out of
    bounds). Announces: `series_published`.
    """
    calendar_open(performer_id)
    now = database_now()
    if ScheduleSeries.objects.running().filter(performer_id=performer_id).count() >= MOST_SERIES:
        raise ScheduleRefused(f"{MOST_SERIES} series run at the same time at most. End one first.")
    series = ScheduleSeries(performer_id=performer_id)
    _plan(series, plan, now)
    start_check(
        instant_at(datetime.combine(series.first_day, series.local_time), zone_named(series.time_zone)), now
    )
    with refused_as(ScheduleRefused):
        series.save(force_insert=True)
    made = occurrences_make(series, now)
    announce(
        series_published,
        performer_id=performer_id,
        actor=actor,
        sender=ScheduleSeries,
        detail={"series": str(series.pk), "rule": series.rule, **made},
    )
    return series


def _own(schedule_series_id: UUID, expected_version: int | None) -> ScheduleSeries:
    """The series, under the lock of its performer's calendar."""
    found = (
        ScheduleSeries.objects.filter(pk=schedule_series_id).values_list("performer_id", flat=True).first()
    )
    if found is None:
        raise NotThere("There is no such series, or your role may not see it.")
    calendar_lock(found)
    series = locked(ScheduleSeries, schedule_series_id, expected_version=expected_version)
    if series.ended_at is not None:
        raise OccurrenceOver("This series was ended. Publish a new one.")
    return series


@transaction.atomic
def series_change(
    *, schedule_series_id: UUID, plan: SeriesPlan, actor: User | None, expected_version: int | None = None
) -> ScheduleSeries:
    """Give a series another plan from now on.

    Occurrences that were moved or cancelled, that have begun or are over, stay as they are; of the others those that
    the new rule makes just the same stay, the rest are withdrawn and made anew. Locks: the performer, then the series.
    Raises: RuleRefused, ScheduleRefused, OccurrenceOver, NotThere, StaleVersion. Announces: `series_changed`.
    """
    series = _own(schedule_series_id, expected_version)
    now = database_now()
    _plan(series, plan, now)
    with refused_as(ScheduleRefused):
        series.save(update_fields=PLANNED)
    made = occurrences_make(series, now)
    kept = series.occurrences.filter(UNTOUCHED, starts_at__gt=now)
    kept.exclude(title=series.title, time_zone=series.time_zone).update(
        title=series.title, time_zone=series.time_zone
    )
    announce(
        series_changed,
        performer_id=series.performer_id,
        actor=actor,
        sender=ScheduleSeries,
        changed=PLANNED,
        detail={"series": str(series.pk), "rule": series.rule, **made},
    )
    return series


@transaction.atomic
def series_prolong(
    *, schedule_series_id: UUID, until: date, actor: User | None, expected_version: int | None = None
) -> ScheduleSeries:
    """Let a series go on up to `until`, a day on its clock, two years from now at most.

    The series counts from its next day on (from its last one when all are past), so that every second week stays the
    same second week; COUNT gives way to UNTIL. Locks: the performer, then the series.
    Raises: RuleRefused, ScheduleRefused, OccurrenceOver, NotThere, StaleVersion. Announces: `series_prolonged`.
    """
    series = _own(schedule_series_id, expected_version)
    now, zone = database_now(), zone_named(series.time_zone)
    rule = read_rule(series.rule, zone)
    days = days_of(rule, first_day=series.first_day, local_time=series.local_time, zone=zone)
    today = local_at(now, zone).date()
    first = next((day for day in days if day >= today), days[-1])
    rule = with_end(rule, until, zone)
    if until <= days[-1]:
        raise ScheduleRefused(f"This series goes on to {days[-1]:%Y-%m-%d} already. Give a later day.")
    days = days_of(rule, first_day=first, local_time=series.local_time, zone=zone)
    if days[-1] <= series.last_day or days[-1] < today:
        raise ScheduleRefused(f"Up to {until:%Y-%m-%d} the rule falls on no further day. Give a later day.")
    series.first_day, series.last_day, series.rule = days[0], days[-1], str(rule)
    with refused_as(ScheduleRefused):
        series.save(update_fields=["first_day", "last_day", "rule"])
    made = occurrences_make(series, now)
    announce(
        series_prolonged,
        performer_id=series.performer_id,
        actor=actor,
        sender=ScheduleSeries,
        changed=("first_day", "last_day", "rule"),
        detail={"series": str(series.pk), "last_day": f"{series.last_day:%Y-%m-%d}", **made},
    )
    return series


@transaction.atomic
def series_end(
    *, schedule_series_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> ScheduleSeries:
    """End a series now: what lies ahead untouched is withdrawn, what was moved stays planned.

    Locks: the performer, then the series. Raises: OccurrenceOver, NotThere, StaleVersion. Announces: `series_ended`.
    """
    series = _own(schedule_series_id, expected_version)
    series.ended_at = database_now()
    series.save(update_fields=["ended_at"])
    withdrawn = occurrences_withdraw(series, series.ended_at)
    announce(
        series_ended,
        performer_id=series.performer_id,
        actor=actor,
        sender=ScheduleSeries,
        reason=reason,
        changed=("ended_at",),
        detail={"series": str(series.pk), "withdrawn": withdrawn},
    )
    return series
