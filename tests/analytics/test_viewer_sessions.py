"""Sessions: what events prove, and the same whatever order they came in."""

import datetime as dt
import json
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import RollupSource, ViewerSession
from analytics.rollups.engine import NO_SUBJECT, Touch
from analytics.rollups.viewer_sessions import WRITTEN, ViewerSessions, bucket_of
from analytics.services.playback_reading import ReportedEvent
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import MILLISECOND, uuid7_floor, uuid7_instant
from streams.models import Stream
from tests.analytics.playback_data import broadcast, event, morning, play_at, record, watching

pytestmark = pytest.mark.django_db

BEGUN = dt.timedelta(minutes=1)


def computed(*plays: UUID) -> list[Touch]:
    """Have the sessions of these plays computed, as a run does."""
    with acting(Role.WORKER):
        return list(ViewerSessions().compute(sorted(bucket_of(play) for play in plays)))


def pieces(row: ViewerSession, play: UUID) -> list[tuple[float, float]]:
    """What was watched, in seconds since the play began."""
    begun = dt.datetime.fromtimestamp((play.int >> 80) / 1000, dt.UTC)
    return [((r.lower - begun).total_seconds(), (r.upper - begun).total_seconds()) for r in row.watched]


def by_hand(events: list[ReportedEvent]) -> tuple[list[tuple[float, float]], int]:
    """The same by brute force, millisecond pieces joined one by one; and the whole seconds."""
    clock = sorted(events, key=lambda each: (each.offset_milliseconds, each.sequence))
    joined: list[list[int]] = []
    for before, after in pairwise(clock):
        since, until = before.offset_milliseconds, after.offset_milliseconds
        if not 0 < until - since <= 90_000 or before.kind == "stop" or after.kind == "start":
            continue
        if joined and joined[-1][1] == since:
            joined[-1][1] = until
        else:
            joined.append([since, until])
    seconds = sum(until - since for since, until in joined) // 1000
    return [(since / 1000, until / 1000) for since, until in joined], seconds


class TestWhatEventsProve:
    def test_a_play_without_gaps(self) -> None:
        show, viewer, play = broadcast(), uuid4(), play_at(morning() + BEGUN)
        start = {"country": "DE", "language": "de", "device_class": "mobile", "age_band": "25-34"}
        record(
            watching(play, show, viewer, seconds=300, start=start, bitrate=4_000, stalled_milliseconds=600)
        )
        computed(play)
        row = ViewerSession.objects.get()
        assert (row.pk, row.stream_id, row.performer_id) == (play, show.pk, show.performer_id)
        assert pieces(row, play) == [(0, 300)]
        assert (row.watched_seconds, row.stalled_seconds, row.bitrate, row.events) == (300, 6, 4_000, 11)
        assert (row.country, row.language, row.device_class, row.age_band) == ("DE", "de", "mobile", "25-34")
        assert row.ended_at - row.started_at == dt.timedelta(minutes=5)

    def test_ninety_seconds_are_proof_and_a_millisecond_more_is_a_gap(self) -> None:
        show, viewer, play = broadcast(), uuid4(), play_at(morning() + BEGUN)
        record(
            [event(play, show, viewer, n, at) for n, at in ((1, 0), (2, 90_000), (3, 180_001), (4, 200_000))]
        )
        computed(play)
        assert pieces(ViewerSession.objects.get(), play) == [(0, 90), (180.001, 200)]

    def test_nothing_is_watched_between_a_stop_and_what_follows(self) -> None:
        show, viewer, play = broadcast(), uuid4(), play_at(morning() + BEGUN)
        record(
            [
                event(play, show, viewer, 1, 0, "start"),
                event(play, show, viewer, 2, 20_000, "stop"),
                event(play, show, viewer, 3, 40_000),
                event(play, show, viewer, 4, 60_000),
            ]
        )
        computed(play)
        assert pieces(ViewerSession.objects.get(), play) == [(0, 20), (40, 60)]

    def test_one_event_alone_proves_presence_and_no_time(self) -> None:
        show, play = broadcast(), play_at(morning() + BEGUN)
        record([event(play, show, uuid4(), 5, 60_000)])
        computed(play)
        row = ViewerSession.objects.get()
        assert (list(row.watched), row.watched_seconds, row.country) == ([], 0, None)
        assert row.started_at == row.ended_at

    def test_a_play_is_of_the_stream_and_viewer_of_its_first_event(self) -> None:
        show, other, viewer, play = broadcast(), broadcast(), uuid4(), play_at(morning() + BEGUN)
        record(watching(play, show, viewer, seconds=60))
        record([event(play, other, viewer, 8, 70_000), event(play, show, uuid4(), 9, 80_000)])
        computed(play)
        row = ViewerSession.objects.get()
        assert (row.stream_id, row.watched_seconds) == (show.pk, 60)

    def test_a_late_event_closes_the_gap(self) -> None:
        show, viewer, play = broadcast(), uuid4(), play_at(morning() + BEGUN)
        events = watching(play, show, viewer, seconds=240)
        record([each for each in events if not 60_000 < each.offset_milliseconds < 180_000])
        computed(play)
        assert pieces(ViewerSession.objects.get(), play) == [(0, 60), (180, 240)]
        record(events)
        computed(play)
        assert pieces(ViewerSession.objects.get(), play) == [(0, 240)]

    def test_a_play_whose_events_are_gone_has_no_session(self) -> None:
        play = play_at(morning() + BEGUN)
        assert computed(play) == []
        assert not ViewerSession.objects.exists()


OFFSETS = st.integers(0, 1_200_000)
KINDS = st.sampled_from(["heartbeat"] * 6 + ["seek", "stop", "start"])
PLAYS = st.lists(st.lists(st.tuples(OFFSETS, KINDS), min_size=1, max_size=25), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plays=PLAYS, data=st.data())
def test_sessions_equal_a_brute_force_whatever_the_order_and_however_often(
    plays: list[list[tuple[int, str]]], data: st.DataObject, show: Stream
) -> None:
    events: dict[UUID, list[ReportedEvent]] = {}
    for said in plays:
        play, viewer = play_at(morning() + BEGUN), uuid4()
        events[play] = [event(play, show, viewer, n, at, kind) for n, (at, kind) in enumerate(said, 1)]
    sent = data.draw(st.permutations([each for said in events.values() for each in said]))
    cut = data.draw(st.integers(0, len(sent)))
    # Some come twice, and sessions are computed in between.
    for batch in (sent[:cut], sent[: cut // 2] + sent[cut:]):
        record(batch)
        computed(*{each.playback_id for each in batch})
    rows = ViewerSession.objects.in_bulk(list(events))
    for play, said_events in events.items():
        expected, seconds = by_hand(said_events)
        assert pieces(rows[play], play) == expected
        assert (rows[play].watched_seconds, rows[play].events) == (seconds, len(said_events))


@pytest.fixture
def show() -> Stream:
    return broadcast()


class TestWhatReadsSessions:
    @pytest.fixture(autouse=True)
    def sources(self) -> None:
        lines = (
            ("sessions", "of_streams", "hour", False),
            ("performer_sessions", "of_performers", "day", False),
            ("plays", "of_plays", "day", False),
            ("sessions", "of_platform", "day", True),
        )
        RollupSource.objects.bulk_create(
            RollupSource(
                source=source, rollup=rollup, grain=grain, is_platform=everywhere, words="For a test."
            )
            for source, rollup, grain, everywhere in lines
        )

    def test_every_hour_of_the_play_is_touched_once(self) -> None:
        show, play = broadcast(), play_at(morning() + dt.timedelta(minutes=50))
        record(watching(play, show, uuid4(), seconds=5_400))
        hour, day = morning(), morning() - dt.timedelta(hours=8)
        told = [touch for touch in computed(play) if touch.rollup.startswith("of_")]
        assert sorted(told, key=str) == sorted(
            [
                *(Touch("of_streams", show.pk, hour + dt.timedelta(hours=n)) for n in range(3)),
                Touch("of_performers", show.performer_id, day),
                Touch("of_plays", play, day),
                Touch("of_platform", NO_SUBJECT, day),
            ],
            key=str,
        )

    def test_what_it_was_before_is_touched_too(self) -> None:
        """The first event that came in was of another stream; now the start is there."""
        show, other, viewer, play = broadcast(), broadcast(), uuid4(), play_at(morning() + BEGUN)
        record([event(play, other, viewer, 2, 30_000)])
        computed(play)
        record([event(play, show, viewer, 1, 0, "start")])
        streams = {touch.subject for touch in computed(play) if touch.rollup == "of_streams"}
        assert streams == {show.pk, other.pk}


class TestStanding:
    def test_plays_of_a_range_by_events_and_by_rows(self) -> None:
        show, other = broadcast(), broadcast()
        one, two = play_at(morning() + BEGUN), play_at(morning() + BEGUN)
        record([event(one, show, uuid4(), 1, 0), event(two, other, uuid4(), 1, 0)])
        day = morning() - dt.timedelta(hours=8)

        def standing(since: dt.datetime, until: dt.datetime, subject: Any = None) -> set[UUID]:
            return {bucket.subject for bucket in ViewerSessions().standing(since, until, subject)}

        assert standing(day, day + dt.timedelta(days=1)) == {one, two}
        assert standing(day, day + dt.timedelta(days=1), show.pk) == {one}
        assert standing(day + dt.timedelta(days=1), day + dt.timedelta(days=2)) == set()

    def test_sessions_without_events_are_closed(self) -> None:
        now = dt.datetime(2026, 11, 26, 17, tzinfo=dt.UTC)
        assert ViewerSessions().earliest(now) == dt.datetime(2026, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("others", [0, 3_000])
def test_only_the_day_of_the_play_is_read(others: int) -> None:
    """Partitions of other days are pruned by the bounds of each play's id, whatever there is in them.

    With many plays too, where one join over all the events there are looked cheaper to the planner.
    """
    show, play = broadcast(), play_at(morning() + BEGUN)
    record(watching(play, show, uuid4(), seconds=60))
    plays = [play, *(play_at(morning() + BEGUN + number * MILLISECOND) for number in range(1, others + 1))]
    begun = [uuid7_instant(each) for each in plays]
    asked = {
        "plays": plays,
        "lows": [uuid7_floor(at) for at in begun],
        "highs": [uuid7_floor(at + MILLISECOND) for at in begun],
    }
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {WRITTEN}", asked)
        answer = cursor.fetchone()[0]
    plan = json.loads(answer) if isinstance(answer, str) else answer
    nodes, read = [plan[0]["Plan"]], []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name", "").startswith("analytics_playbackevent") and node["Actual Loops"]:
            read.append(node["Relation Name"])
    assert read == [f"analytics_playbackevent_p{morning():%Y_%m_%d}"]
