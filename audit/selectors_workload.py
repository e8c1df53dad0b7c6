"""How much comes in, waits and is decided in moderation, and how long that takes. Figures of what the role may see.

Rows of a period are found by their keys, which carry the time, so a period costs what lies in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case as Choice
from django.db.models import Count, DateTimeField, F, Func, Q, When
from django.db.models.functions import Now, TruncDate

from accounts.models import User
from audit.models import Appeal, Case, Queue, Report
from audit.models.moderation.case import UNDECIDED
from audit.moderation_choices import AppealStatus
from core.db.clock import database_now
from core.models.identity import uuid7_floor

PERIODS = {"7": timedelta(days=7), "30": timedelta(days=30)}
"""Periods that the page offers, by their number of days."""

MADE_AT = Func(F("pk"), function="uuid_extract_timestamp", output_field=DateTimeField())

DECIDED = """
WITH made AS (
  SELECT d.decided_by_id, c.queue_id, d.decided_at,
    extract(epoch FROM d.decided_at - coalesce(c.reopened_at, c.first_reported_at)) AS waited,
    extract(epoch FROM d.decided_at - (
      SELECT max(lower(l.valid)) FROM audit_claim l
      WHERE l.case_id = d.case_id AND l.moderator_id = d.decided_by_id AND lower(l.valid) <= d.decided_at
    )) AS worked,
    d.outcome,
    EXISTS (SELECT FROM audit_decision r WHERE r.reverses_id = d.id) AS is_reversed
  FROM audit_decision d JOIN audit_case c ON c.id = d.case_id
  WHERE d.id >= %s AND d.kind = 'original'
)
SELECT
  CASE WHEN grouping(queue_id) = 0 THEN 'queue' WHEN grouping(decided_by_id) = 0 THEN 'moderator'
    WHEN grouping(day) = 0 THEN 'day' ELSE 'total' END,
  queue_id, decided_by_id, day, count(*),
  count(*) FILTER (WHERE outcome = 'violation'),
  count(*) FILTER (WHERE is_reversed),
  percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY greatest(waited, 0)),
  percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY greatest(worked, 0))
FROM (SELECT *, (decided_at AT TIME ZONE 'UTC')::date AS day FROM made) AS dated
GROUP BY GROUPING SETS ((queue_id), (decided_by_id), (day), ())
"""


@dataclass(frozen=True)
class Times:
    """A typical and a long time: the median, and what nine of ten do not exceed; None where nothing was measured."""

    median: timedelta | None = None
    ninetieth: timedelta | None = None


@dataclass
class Decided:
    """What was decided in the period on cases that were reported, bulk jobs included."""

    number: int = 0
    violations: int = 0
    reversed: int = 0
    waited: Times = field(default_factory=Times)
    """From the first report, or the reopening, to the decision."""
    worked: Times = field(default_factory=Times)
    """From the claim to the decision."""


@dataclass
class Load:
    """The figures of one queue, or of all of them."""

    name: str
    url_value: str = ""
    opened: int = 0
    reports: int = 0
    pending: int = 0
    free: int = 0
    held: int = 0
    overdue: int = 0
    escalated: int = 0
    decided: Decided = field(default_factory=Decided)


@dataclass(frozen=True)
class Appeals:
    """Appeals of the period."""

    filed: int = 0
    settled: int = 0
    overturned: int = 0

    @property
    def overturned_share(self) -> float | None:
        """Which part of the decided ones was overturned; None where none was decided."""
        return self.overturned / self.settled if self.settled else None


@dataclass(frozen=True)
class Worker:
    """What one moderator decided in the period."""

    name: str
    decided: Decided
    holds: int


@dataclass
class Workload:
    """Everything that the page shows."""

    since: datetime
    until: datetime
    queues: list[Load]
    total: Load
    appeals: Appeals
    days: list[tuple[date, int, int]]
    """Of each day (UTC): cases opened, cases decided."""
    moderators: list[Worker]


def workload(period: timedelta, *, of_moderators: bool = False) -> Workload:
    """The figures of the last `period`, in at most eight queries; those of single moderators only when asked for."""
    until = database_now()
    since = until - period
    floor = uuid7_floor(since)
    by_key = {
        queue.pk: Load(name=queue.name, url_value=str(queue.pk))
        for queue in Queue.objects.order_by("position", "pk")
    }
    total = Load(name="All queues")
    opened_days: dict[date, int] = {}
    opened = (
        Case.objects.filter(pk__gte=floor)
        .annotate(day=TruncDate(MADE_AT, tzinfo=UTC))
        .order_by()
        .values_list("queue_id", "day")
        .annotate(number=Count("pk"))
    )
    for queue_id, day, number in opened:
        by_key[queue_id].opened += number
        opened_days[day] = opened_days.get(day, 0) + number
    reports = Report.objects.filter(pk__gte=floor).order_by().values_list("case__queue").annotate(Count("pk"))
    for queue_id, number in reports:
        if queue_id in by_key:
            by_key[queue_id].reports = number
    holders = _waiting(by_key)
    decided = _decided(floor)
    for load in by_key.values():
        load.decided = decided["queue"].get(UUID(load.url_value), Decided())
        for name in ("opened", "reports", "pending", "free", "held", "overdue", "escalated"):
            setattr(total, name, getattr(total, name) + getattr(load, name))
    total.decided = decided["total"].get(None, Decided())
    return Workload(
        since=since,
        until=until,
        queues=list(by_key.values()),
        total=total,
        appeals=_appeals(since),
        days=_days(since, until, opened_days, decided["day"]),
        moderators=_moderators(decided["moderator"], holders) if of_moderators else [],
    )


def _waiting(by_key: dict[UUID, Load]) -> dict[UUID, int]:
    """Fill in what waits at this moment; returns how many cases each moderator holds."""
    in_hand = Q(claimed_until__gt=Now())
    rows = (
        Case.objects.filter(UNDECIDED)
        .order_by()
        .annotate(holder=Choice(When(in_hand, then="claimed_by")))
        .values_list("queue_id", "holder")
        .annotate(
            number=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lte=Now())),
            escalated=Count("pk", filter=Q(escalated_at__isnull=False)),
        )
    )
    holders: dict[UUID, int] = {}
    for queue_id, holder, number, overdue, escalated in rows:
        load = by_key[queue_id]
        load.pending += number
        load.overdue += overdue
        load.escalated += escalated
        if holder is None:
            load.free += number
        else:
            load.held += number
            holders[holder] = holders.get(holder, 0) + number
    return holders


def _decided(floor: UUID) -> dict[str, dict[Any, Decided]]:
    """Decisions on cases by queue, by moderator, by day (UTC) and in all, in one query."""
    found: dict[str, dict[Any, Decided]] = {"queue": {}, "moderator": {}, "day": {}, "total": {}}
    with connection.cursor() as cursor:
        cursor.execute(DECIDED, [floor])
        for (
            group,
            queue_id,
            moderator_id,
            day,
            number,
            violations,
            undone,
            waited,
            worked,
        ) in cursor.fetchall():
            key = {"queue": queue_id, "moderator": moderator_id, "day": day, "total": None}[group]
            found[group][key] = Decided(number, violations, undone, _times(waited), _times(worked))
    return found


def _times(seconds: Iterable[float | None] | None) -> Times:
    return Times(*(None if part is None else timedelta(seconds=round(part)) for part in seconds or ()))


def _appeals(since: datetime) -> Appeals:
    settled = Q(status__in=[AppealStatus.UPHELD, AppealStatus.OVERTURNED], reviewed_at__gte=since)
    counts = Appeal.objects.filter(Q(pk__gte=uuid7_floor(since)) | Q(reviewed_at__gte=since)).aggregate(
        filed=Count("pk", filter=Q(filed_at__gte=since)),
        settled=Count("pk", filter=settled),
        overturned=Count("pk", filter=settled & Q(status=AppealStatus.OVERTURNED)),
    )
    return Appeals(**counts)


def _days(
    since: datetime, until: datetime, opened: dict[date, int], decided: dict[date, Decided]
) -> list[tuple[date, int, int]]:
    first = since.astimezone(UTC).date()
    span = (until.astimezone(UTC).date() - first).days
    days = [first + timedelta(days=number) for number in range(span + 1)]
    return [(day, opened.get(day, 0), decided.get(day, Decided()).number) for day in days]


def _moderators(decided: dict[UUID | None, Decided], holders: dict[UUID, int]) -> list[Worker]:
    keys = {key for key in (*decided, *holders) if key is not None}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=keys)}
    people = [
        Worker(names.get(key, "somebody else"), decided.get(key, Decided()), holders.get(key, 0))
        for key in keys
    ]
    if None in decided:
        people.append(Worker("a machine alone", decided[None], 0))
    return sorted(people, key=lambda worker: (-worker.decided.number, worker.name))
