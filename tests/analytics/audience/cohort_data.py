"""Days of people and times of subscriptions, as they stand when the grid of cohorts is counted."""

import datetime as dt

from accounts.models import User
from analytics.audience_choices import CohortKind, CohortSegment, CohortStep
from analytics.models import RetentionCohort
from analytics.rollups.engine import NO_SUBJECT, Grain
from billing.models import Subscription
from core.models.identity import uuid7_derived
from tests.analytics.audience.audience_data import TODAY, compute, instant
from tests.sql import run

WEEK = dt.timedelta(days=7)
FIRST = Grain.WEEK.floor(TODAY - 6 * WEEK).date()
"""The Monday of the first week: the four from here on are over for long."""

WEEKS = [FIRST + number * WEEK for number in range(4)]
HERE = (
    "INSERT INTO analytics_vieweractivityday (id, user_id, day, first_day, watched_seconds, performers) "
    "VALUES (%s, %s, %s, %s, 60, 1)"
)
TABLES = ("billing_subscription", "billing_subscriptionperiod")


def here(person: User, *days: dt.date) -> None:
    """The person was here on these days, as the roll-up of days writes it."""
    for day in days:
        key = uuid7_derived(instant(day, "00:00"), str(person.pk))
        run(HERE, [key, person.pk, day, min(days)])


def lasted(
    subscription: Subscription,
    begun: dt.datetime,
    ended: dt.datetime | None = None,
    giver: User | None = None,
) -> None:
    """The subscription began and ended then: time that no test can wait for."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(
        "UPDATE billing_subscriptionperiod SET starts_at = %s WHERE subscription_id = %s",
        [begun, subscription.pk],
    )
    if ended is not None:
        run(
            "UPDATE billing_subscription SET status = 'ended', ended_at = %s, end_reason = 'cancelled', "
            "renews_at = NULL, giver_id = %s WHERE id = %s",
            [ended, giver.pk if giver else None, subscription.pk],
        )
    for table in TABLES:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    run("SET CONSTRAINTS ALL DEFERRED")


def count(step: CohortStep, *periods: dt.date) -> None:
    """Have the grid counted for these periods."""
    compute(f"retention_{step.value}", *((NO_SUBJECT, period) for period in periods))


def cells(
    kind: CohortKind, step: CohortStep, segment: CohortSegment = CohortSegment.ALL
) -> dict[tuple[dt.date, int], tuple[int, int]]:
    """People and erased by cohort and age."""
    return {
        (cell.cohort, cell.age): (cell.people, cell.erased)
        for cell in RetentionCohort.objects.grid(kind, step, segment)
    }
