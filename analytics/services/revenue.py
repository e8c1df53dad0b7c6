"""Revenue is proven against the ledger: figures of a day beside sums of its postings, to the minor unit."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from analytics.errors import RevenueRefused
from analytics.models import RollupState
from analytics.rollups.revenue import RevenueDays
from analytics.services.rollups import rollup_run
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role

RECENT_DAYS = 40
"""Days before today that every run proves: a month and what may still come into the one before."""

OLDEST_DAYS = 30
"""Days that every run proves beside them, those that were proven the longest ago: so all of history comes round."""

LONGEST_RANGE = 400
"""Days that one run proves when it is asked for a range."""

MOST_ROUNDS = 1_000
DAY = dt.timedelta(days=1)

CHECK = "SELECT analytics_revenue_check(%s::date, %s::date)"
FOUND = """
SELECT c.day, c.currency, c.measure, c.figures, c.ledger FROM analytics_revenuecheck c
WHERE c.day >= %s AND c.day < %s AND c.difference <> 0 ORDER BY c.day, c.currency, c.measure
"""
DUE = """
SELECT d.day FROM (
  SELECT g.day::date AS day FROM generate_series(%(first)s::date, %(today)s::date, interval '1 day') g (day)
  UNION
  SELECT b.day FROM analytics_revenuebook b WHERE b.proven_at IS NULL OR b.proven_at < b.computed_at
  UNION
  (SELECT b.day FROM analytics_revenuebook b ORDER BY b.proven_at NULLS FIRST, b.day LIMIT %(oldest)s)
  UNION
  SELECT g.day::date FROM (
    SELECT min(lower(a.days)) AS first, max(upper(a.days)) - 1 AS last FROM billing_accountingperiod a
  ) x CROSS JOIN LATERAL generate_series(x.first, x.last, interval '1 day') g (day)
  WHERE NOT EXISTS (SELECT FROM analytics_revenuebook b WHERE b.day = g.day::date)
    AND EXISTS (SELECT FROM billing_journalentry j WHERE j.booked_on = g.day::date)
) d ORDER BY d.day
"""


@dataclass(frozen=True, slots=True)
class RevenueDifference:
    """A measure of a day on which figures and ledger differ, in minor units of the currency."""

    day: dt.date
    currency: str
    measure: str
    figures: int
    ledger: int

    def __str__(self) -> str:
        more = self.figures - self.ledger
        return (
            f"{self.day} {self.currency} {self.measure}: figures {self.figures}, ledger {self.ledger}, "
            f"difference {more:+d}"
        )


@dataclass
class Reconciliation:
    """What a run proved: days, sums that were compared, and where figures and ledger differ."""

    days: int = 0
    compared: int = 0
    differences: list[RevenueDifference] = field(default_factory=list)


def revenue_catch_up() -> int:
    """Compute what waits for the roll-up of revenue; how many days were made anew. Runs as the worker.

    A transaction for each part. Locks: the state of the roll-up.
    """
    done = 0
    for _ in range(MOST_ROUNDS):
        run = rollup_run(name=RevenueDays.name)
        done += run.buckets
        if run.is_caught_up:
            break
    return done


def revenue_reconcile(*, since: dt.date | None = None, until: dt.date | None = None) -> Reconciliation:
    """Prove days against the ledger and write down what came of it. Runs as the worker, a transaction a run of days.

    Without a range: the last 40 days, whatever was computed since it was proven, days that were never computed, and
    the 30 that were proven the longest ago. `until` is the day after the last one. A day that goes on is proven as of
    the moment up to which it was computed. Locks: the state of the roll-up, for a run of days. Raises: RevenueRefused
    (an empty range, one of more than 400 days).
    """
    result = Reconciliation()
    for first, end in _runs(_days(since, until)):
        with transaction.atomic(), acting(Role.WORKER), connection.cursor() as cursor:
            # No day is computed, and no other proof taken, between the comparison and what is written down of it.
            RollupState.objects.select_for_update().filter(name=RevenueDays.name).first()
            cursor.execute(CHECK, [first, end])
            result.compared += int(cursor.fetchone()[0])
            cursor.execute(FOUND, [first, end])
            result.differences += [RevenueDifference(*row) for row in cursor.fetchall()]
        result.days += (end - first).days
    return result


def _days(since: dt.date | None, until: dt.date | None) -> list[dt.date]:
    today = database_now().astimezone(dt.UTC).date()
    if since is None and until is None:
        asked: dict[str, dt.date | int] = {
            "first": today - DAY * RECENT_DAYS,
            "today": today,
            "oldest": OLDEST_DAYS,
        }
        with acting(Role.WORKER), connection.cursor() as cursor:
            cursor.execute(DUE, asked)
            return [day for (day,) in cursor.fetchall()]
    end = until or today + DAY
    first = since or end - DAY * RECENT_DAYS
    if end <= first:
        raise RevenueRefused(
            f"The range ends ({end}) before it begins ({first}): name the day after its last."
        )
    if (count := (end - first).days) > LONGEST_RANGE:
        raise RevenueRefused(f"One run proves {LONGEST_RANGE} days at most, and these are {count:,}.")
    return [first + DAY * step for step in range(count)]


def _runs(days: Iterable[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Runs of days that follow one another, at most a month each, as `[first, end)`."""
    first = end = None
    for day in days:
        if first is not None and end is not None:
            if day == end and (end - first).days < 31:
                end = day + DAY
                continue
            yield first, end
        first, end = day, day + DAY
    if first is not None and end is not None:
        yield first, end
