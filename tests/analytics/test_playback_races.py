"""Two at once, on connections of their own, and processes that die: every event once, every session whole."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from analytics.models import PlaybackEvent, PlaybackRejection, PlaybackViewer, RotatingSalt, ViewerSession
from analytics.services.playback_reading import ReportedEvent
from analytics.services.rollups import rollup_rebuild, rollups_run
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once
from tests.analytics.playback_data import broadcast, morning, play_at, record, roll_up, watching
from tests.analytics.test_engine import Killed, killed_at

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)


def failures(outcomes: list[Any]) -> list[Any]:
    return [each for each in outcomes if isinstance(each, Exception)]


def sessions() -> dict[UUID, tuple[Any, ...]]:
    """Every session, without what differs from run to run."""
    rows = ViewerSession.objects.all()
    return {
        row.pk: (row.stream_id, row.day_key, row.stream_key, str(row.watched), row.events) for row in rows
    }


def test_the_same_batch_sent_by_four_at_once_is_taken_once() -> None:
    show, person = broadcast(), UserFactory.create()
    events: list[ReportedEvent] = []
    for _ in range(5):
        events += watching(play_at(morning() + MINUTE), show, person.pk, seconds=300, is_signed_in=True)
    outcomes = at_once(*[lambda: record(events), lambda: record(events[::-1])] * 2)
    assert failures(outcomes) == []
    assert sum(each.taken for each in outcomes) == len(events) == PlaybackEvent.objects.count()
    assert PlaybackRejection.objects.get().events == 3 * len(events)
    # One salt of the day and one of the stream, whoever made them: one viewer.
    assert RotatingSalt.objects.count() == 2
    assert PlaybackEvent.objects.values("day_key").distinct().count() == 1
    assert PlaybackViewer.objects.count() == 5


def test_taking_in_running_and_rebuilding_at_once_comes_to_the_same() -> None:
    show = broadcast()
    plays = [play_at(morning() + MINUTE) for _ in range(8)]
    events = [each for play in plays for each in watching(play, show, uuid4(), seconds=400)]
    day = morning().date()

    def take(part: int) -> Any:
        def act() -> None:
            for number in range(part, len(events), 12):
                record(events[number : number + 4])

        return act

    def rebuild() -> None:
        for _ in range(3):
            rollup_rebuild(
                name="viewer_session",
                since=day,
                until=day + dt.timedelta(days=1),
                actor=None,
                reason="A test",
            )
            rollups_run()

    assert failures(at_once(take(0), take(4), take(8), rebuild, rebuild)) == []
    roll_up()
    incremental = sessions()
    assert sum(row[4] for row in incremental.values()) == len(events)
    assert all(row.watched_seconds == 400 for row in ViewerSession.objects.all())
    rebuild()
    roll_up()
    assert sessions() == incremental


def test_killed_at_any_statement_of_the_ingestion_nothing_is_half_there() -> None:
    show, person = broadcast(), UserFactory.create()
    events = watching(play_at(morning() + MINUTE), show, person.pk, seconds=120, is_signed_in=True)
    kills = 0
    while True:
        try:
            with connection.execute_wrapper(killed_at(kills)):
                done = record(events)
            break
        except Killed:
            kills += 1
            connection.close()
            assert PlaybackEvent.objects.count() in (0, len(events))
    assert kills >= 8
    assert done.sent == len(events)
    roll_up()
    row = ViewerSession.objects.get()
    assert (row.events, row.watched_seconds) == (len(events), 120)
    assert PlaybackViewer.objects.count() == 1
