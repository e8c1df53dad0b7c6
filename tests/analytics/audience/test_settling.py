"""From players' events to what is published: late ones, runs that die, rebuilds, and the numbers stay the same."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from analytics.models import AudienceDay, RetentionCohort, RollupState, ViewerActivityDay
from analytics.rollups import audience_days
from analytics.rollups.engine import Grain
from analytics.services.audience import audience_settle
from analytics.services.playback_ingestion import playback_events_import
from analytics.services.rollups import rollup_rebuild, rollups_run
from streams.models import Stream
from tests.accounts.factories import UserFactory
from tests.analytics.audience.audience_data import TODAY, instant, midnight
from tests.analytics.playback_data import broadcast, morning, play_at, record, roll_up, watching
from tests.audit.sealing import settle

pytestmark = pytest.mark.django_db(transaction=True)

FINAL = (TODAY - dt.timedelta(days=3)).date()
"""The latest day that is final; partitions of events are there for it."""

NOON = instant(FINAL)
SECRET = b"of the tests"


def imported(of: Stream, count: int, **start: Any) -> None:
    """So many people who watched long ago."""
    for number in range(count):
        at = NOON + dt.timedelta(seconds=number)
        playback_events_import(
            events=watching(play_at(at), of, uuid4(), seconds=60, start={"country": "DE", **start}),
            secret=SECRET,
        )


def published() -> dict[tuple[UUID | None, str, str | None], int | None]:
    """Everything that is stored of breakdowns."""
    rows = AudienceDay.objects.values_list("performer_id", "dimension", "value", "people")
    return {(performer, dimension, value): people for performer, dimension, value, people in rows}


def test_a_day_is_published_whole_and_a_rebuild_is_the_same() -> None:
    of = broadcast(NOON - dt.timedelta(hours=1))
    imported(of, 12)
    imported(of, 3, language="fr")
    roll_up()
    assert published() == {}
    assert audience_settle().days == (FINAL,)
    roll_up()
    found = published()
    assert found[of.performer_id, "country", "DE"] == found[None, "country", "DE"] == 15
    assert found[of.performer_id, "language", None] is None
    assert audience_settle().days == ()
    rollup_rebuild(
        name="audience_day",
        since=FINAL,
        until=FINAL + dt.timedelta(days=1),
        actor=None,
        reason="a test of it",
    )
    roll_up()
    assert published() == found


def test_a_run_that_dies_leaves_what_was_there_and_the_next_one_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of = broadcast(NOON - dt.timedelta(hours=1))
    imported(of, 12)
    roll_up()
    audience_settle()
    roll_up()
    before = published()
    imported(of, 10, country="FR")
    roll_up()
    rollup_rebuild(
        name="audience_day",
        since=FINAL,
        until=FINAL + dt.timedelta(days=1),
        actor=None,
        reason="an import that came later",
    )
    settle()
    until = RollupState.objects.get(name="audience_day").until

    def dies(day: dt.date) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        # After the rows of the day were deleted, before any was written.
        patch.setattr(audience_days, "_rows", dies)
        with pytest.raises(RuntimeError, match="killed"):
            rollups_run()
    assert published() == before
    assert RollupState.objects.get(name="audience_day").until == until
    roll_up()
    assert published()[None, "country", "FR"] == 10


def test_who_was_here_follows_from_events_and_late_ones() -> None:
    fan = UserFactory.create()
    of = broadcast()
    play = play_at(morning() + dt.timedelta(minutes=5))
    events = watching(play, of, fan.pk, seconds=120, is_signed_in=True)
    *early, late = events
    record(early)
    roll_up()
    yesterday = midnight() - dt.timedelta(days=1)
    day = yesterday.date()
    assert ViewerActivityDay.objects.values_list("user_id", "day", "watched_seconds").get() == (
        fan.pk,
        day,
        90,
    )
    record([late])
    record(events)
    roll_up()
    assert ViewerActivityDay.objects.values_list("user_id", "watched_seconds").get() == (fan.pk, 120)
    audience_settle()
    roll_up()
    # The week of yesterday is touched each night: yesterday's, or the one before the present one.
    week = Grain.WEEK.floor(yesterday).date()
    cell = RetentionCohort.objects.get(kind="viewers", step="week")
    assert (cell.cohort, cell.period, cell.people) == (week, week, 1)
