"""Deltas and touches are counted before they leave: retention would otherwise lose figures."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from analytics.models import RollupState, RollupTouch
from analytics.rollups.engine import rollups
from core.db.partitions.calendar import Every, Period
from core.db.partitions.manager import ensure_partitions
from core.models.identity import uuid7_derived
from engagement.models import CounterDelta
from engagement.services.counters import counters_fold, counters_of
from engagement.tie_choices import CounterKind
from tests.audit.sealing import settle
from tests.engagement.ties_data import as_worker, performer
from tests.sql import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.direct(
        "DETACH ... CONCURRENTLY refuses a transaction, so that its time-outs are those of the session"
    ),
]

LONG_AGO = Period.containing(Every.MONTH, datetime.now(UTC)).moved(-4)


def test_deltas_that_no_counter_has_taken_stay() -> None:
    star = performer()
    ensure_partitions(CounterDelta, LONG_AGO.start, LONG_AGO.end)
    CounterDelta.objects.create(
        id=uuid7_derived(LONG_AGO.start, "delta"),
        subject_type="performer",
        subject=star.pk,
        kind=CounterKind.TIPS,
        performer_id=star.pk,
        change=7,
    )
    with pytest.raises(CommandError, match=r"stays: 1 deltas of it are in no counter yet.*counters_fold"):
        call_command("retention_run", "--table", "engagement_counterdelta")
    assert CounterDelta.objects.between(LONG_AGO.start, LONG_AGO.end).count() == 1
    settle()
    with as_worker():
        assert counters_fold() == 1
    call_command("retention_run", "--table", "engagement_counterdelta")
    assert not CounterDelta.objects.between(LONG_AGO.start, LONG_AGO.end).exists()
    assert counters_of(subject_ids=[star.pk], kinds=[CounterKind.TIPS]) == {(star.pk, CounterKind.TIPS): 7}


def test_touches_that_no_roll_up_has_taken_stay() -> None:
    name = rollups()[0].name
    ensure_partitions(RollupTouch, LONG_AGO.start, LONG_AGO.moved(1).start)
    run(
        "INSERT INTO analytics_rolluptouch (id, rollup, subject, start) VALUES (%s, %s, %s, %s)",
        [uuid7_derived(LONG_AGO.start, "touch"), name, uuid4(), LONG_AGO.start],
    )
    with pytest.raises(CommandError, match=r"stays: 1 touches of it were never taken.*rollups_run"):
        call_command("retention_run", "--table", "analytics_rolluptouch")
    assert RollupTouch.objects.between(LONG_AGO.start, LONG_AGO.end).count() == 1
    ((moment,),) = run("SELECT max(moment) FROM analytics_rolluptouch")
    RollupState.objects.create(name=name, until=moment + 1, after=UUID(int=0))
    call_command("retention_run", "--table", "analytics_rolluptouch")
    assert not RollupTouch.objects.between(LONG_AGO.start, LONG_AGO.end).exists()
