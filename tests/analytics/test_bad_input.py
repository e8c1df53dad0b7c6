"""Bad input from end to end: it is counted and told, and no figure moves by it.

What the figures must be is counted from the sound events in Python, in a plain way of its own.
"""

import datetime as dt
import io
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command

from analytics.admin.ranges import RangeForm
from analytics.datasets.marathons.curves import EPOCH, milliseconds
from analytics.errors import RebuildRefused
from analytics.models import PlaybackRejection, StreamMinute, StreamPerformance
from analytics.playback_choices import RejectionReason as Reason
from analytics.rollups.engine import rollups
from analytics.services.playback_reading import ReportedEvent
from analytics.services.rollups import rollup_rebuild, rollups_run
from core.db.clock import database_now
from core.models.identity import uuid7_instant
from streams.models import Stream
from tests.accounts.test_races import at_once
from tests.analytics.marathons.counting import ranges
from tests.analytics.marathons.counting import watching as counted
from tests.analytics.playback_data import broadcast, event, morning, play_at, record, roll_up, watching
from tests.analytics.rolling import run_all
from tests.sql import run

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)
VIEWERS = 6
FIGURES = (
    "analytics_viewersession",
    "analytics_streamminute",
    "analytics_streamperformance",
    "analytics_performerday",
    "analytics_categoryday",
    "analytics_platformday",
)
Many = list[ReportedEvent]


@pytest.fixture
def show() -> Stream:
    """A stream of yesterday morning that is over, so that no figure moves because time passes."""
    stream = broadcast()
    Stream.all_objects.filter(pk=stream.pk).update(
        status="ended", lease=None, ended_at=morning() + 120 * MINUTE, end_reason="performer"
    )
    return stream


def audience(show: Stream) -> Many:
    """Viewers who come and go over an hour and a half, one of them on two devices at once."""
    events: Many = []
    for number in range(VIEWERS):
        viewer = uuid4()
        begins = morning() + (5 + 9 * number) * MINUTE
        events += watching(play_at(begins), show, viewer, seconds=1_500 + 37 * number)
        if number == 0:
            events += watching(play_at(begins + 3 * MINUTE), show, viewer, seconds=400)
    return events


def expected(events: Many) -> dict[dt.datetime, int]:
    """Who watches at each minute, of sound events that may stand there often and in any order."""
    plays: dict[UUID, dict[int, int]] = {}
    viewers = {}
    for each in events:
        start = milliseconds(uuid7_instant(each.playback_id))
        plays.setdefault(each.playback_id, {})[each.sequence] = start + each.offset_milliseconds
        viewers[each.playback_id] = each.viewer_id
    minutes = counted((viewers[play], ranges(found.values())) for play, found in plays.items())
    return {EPOCH + dt.timedelta(milliseconds=at): number for at, number in minutes.items()}


def curve(show: Stream) -> dict[dt.datetime, int]:
    rows = StreamMinute.objects.filter(stream=show, concurrent__gt=0)
    return dict(rows.values_list("minute", "concurrent"))


def figures() -> dict[str, list[Any]]:
    """Everything that was rolled up, without the names of rows and when they were written."""
    shown = "to_jsonb(t) - 'id' - 'created_at' - 'updated_at'"
    return {name: run(f"SELECT {shown} FROM {name} t ORDER BY 1") for name in FIGURES}


def rejected() -> dict[str, int]:
    """What was counted, by reason."""
    found: dict[str, int] = {}
    for row in PlaybackRejection.objects.all():
        found[row.reason] = found.get(row.reason, 0) + row.events
    return found


def of_the_future(show: Stream, good: Many) -> Many:
    now = database_now()
    other = broadcast(now - 60 * MINUTE)
    return [
        event(play_at(now - MINUTE), other, uuid4(), 2, 70_000),
        event(play_at(now + 10 * MINUTE), other, uuid4(), 1, 0, "start"),
        event(play_at(now + 3650 * 1440 * MINUTE), other, uuid4(), 1, 0, "start"),
    ]


def before_the_stream(show: Stream, good: Many) -> Many:
    return watching(play_at(morning() - 5 * MINUTE), show, uuid4(), seconds=900)


def after_the_stream(show: Stream, good: Many) -> Many:
    return watching(play_at(morning() + 123 * MINUTE), show, uuid4(), seconds=900)


def twice(show: Stream, good: Many) -> Many:
    return [*good, *good[::-1]]


def twice_with_other_words(show: Stream, good: Many) -> Many:
    """The number of an event that is there, with another time and other quality: the first sending stands."""
    return [replace(each, offset_milliseconds=each.offset_milliseconds + 7_000, errors=9) for each in good]


def of_an_unknown_stream(show: Stream, good: Many) -> Many:
    return [replace(each, playback_id=play_at(morning() + MINUTE), stream_id=uuid4()) for each in good[:5]]


def negative(show: Stream, good: Many) -> Many:
    play = play_at(morning() + MINUTE)
    one = event(play, show, uuid4(), 2, 30_000)
    return [
        replace(one, offset_milliseconds=-1),
        replace(one, offset_milliseconds=-(2**31)),
        replace(one, stalled_milliseconds=-30_000),
        replace(one, errors=-1),
        replace(one, dropped_frames=-1),
        replace(one, bitrate=-1),
    ]


def beyond_the_day(show: Stream, good: Many) -> Many:
    return [event(play_at(morning() + MINUTE), show, uuid4(), 2, 16 * 3_600_000)]


def no_event_at_all(show: Stream, good: Many) -> Many:
    play = play_at(morning() + MINUTE)
    return [
        event(uuid4(), show, uuid4(), 1, 0),
        event(play, show, uuid4(), 0, 0),
        event(play, show, uuid4(), 1, 0, "dance"),
        event(play, show, uuid4(), 1, 2**40),
        event(play, show, uuid4(), 1, 0, "start", country="Atlantis"),
    ]


def of_nobody(show: Stream, good: Many) -> Many:
    return watching(play_at(morning() + MINUTE), show, uuid4(), seconds=90, is_signed_in=True)


BAD: list[tuple[Callable[[Stream, Many], Many], Reason]] = [
    (of_the_future, Reason.FUTURE),
    (before_the_stream, Reason.BEFORE_STREAM),
    (after_the_stream, Reason.AFTER_STREAM),
    (twice, Reason.REPEATED),
    (twice_with_other_words, Reason.REPEATED),
    (of_an_unknown_stream, Reason.UNKNOWN_STREAM),
    (negative, Reason.NEGATIVE),
    (beyond_the_day, Reason.AFTER_DAY),
    (no_event_at_all, Reason.MALFORMED),
    (of_nobody, Reason.UNKNOWN_VIEWER),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[bad.__name__ for bad, _ in BAD])
def test_bad_events_are_counted_and_no_figure_moves(
    show: Stream, bad: Callable[[Stream, Many], Many], reason: Reason
) -> None:
    good = audience(show)
    wrong = bad(show, good)
    mixed = random.Random(5).sample([*good, *wrong], len(good) + len(wrong))
    # Those that are there twice: of the same number the first one counts.
    mixed = mixed if reason is not Reason.REPEATED else [*good, *wrong]
    done = record(mixed)
    assert (done.taken, done.rejected, done.sent) == (len(good), {reason: len(wrong)}, len(mixed))
    roll_up()
    assert curve(show) == expected(good)
    before = figures()
    assert len(before["analytics_viewersession"]) == VIEWERS + 1
    assert record(wrong).rejected == {reason: len(wrong)}
    roll_up()
    assert figures() == before
    assert rejected() == {str(reason): 2 * len(wrong)}
    assert StreamPerformance.objects.get(stream=show).unique_viewers == VIEWERS


@pytest.mark.parametrize("seed", range(3))
def test_out_of_order_and_in_parts_it_comes_to_the_same(show: Stream, seed: int) -> None:
    good, chance = audience(show), random.Random(seed)
    shuffled = chance.sample(good, len(good))
    while shuffled:
        size = chance.randint(1, 90)
        part, shuffled = shuffled[:size], shuffled[size:]
        record(part)
        if chance.random() < 0.5:
            roll_up()
    roll_up()
    assert curve(show) == expected(good)
    assert rejected() == {}
    piecemeal = figures()
    for rollup in rollups():
        day = morning().date()
        rollup_rebuild(
            name=rollup.name, since=day, until=day + dt.timedelta(days=1), actor=None, reason="To compare."
        )
        roll_up()
    assert figures() == piecemeal


def test_a_late_event_opens_its_buckets_and_no_other(show: Stream) -> None:
    good = audience(show)
    late = next(each for each in good if each.sequence == 9)
    record([each for each in good if each is not late])
    roll_up()
    missing = curve(show)
    record([late])
    done = {each.name: each.buckets for each in run_all() if each.buckets}
    assert done["viewer_session"] == 1
    assert done["stream_minute"] == 1
    assert curve(show) == expected(good)
    assert missing == expected([each for each in good if each is not late])


def test_a_rebuild_while_players_send_counts_nothing_twice(show: Stream) -> None:
    """Every event is sent by three at once in another order, while ranges are computed anew and roll-ups run."""
    good = audience(show)
    bad = [each for make, reason in BAD if reason is not Reason.REPEATED for each in make(show, good)]
    day = morning().date()
    outcomes: list[int] = []

    def send(seed: int) -> Callable[[], Any]:
        def act() -> None:
            mixed = random.Random(seed).sample([*good, *bad], len(good) + len(bad))
            for at in range(0, len(mixed), 40):
                done = record(mixed[at : at + 40])
                outcomes.append(done.sent)

        return act

    def rebuild() -> None:
        for _ in range(4):
            for name in ("viewer_session", "stream_minute", "performer_day"):
                rollup_rebuild(
                    name=name,
                    since=day,
                    until=day + dt.timedelta(days=1),
                    actor=None,
                    reason="While they send.",
                )
            rollups_run()

    found = at_once(send(1), send(2), send(3), rebuild, lambda: [rollups_run() for _ in range(6)])
    assert [each for each in found if isinstance(each, Exception)] == []
    roll_up()
    assert curve(show) == expected(good)
    assert sum(outcomes) == 3 * (len(good) + len(bad))
    counts = rejected()
    assert counts.pop("repeated") == 2 * len(good)
    assert sum(counts.values()) == 3 * len(bad)
    assert StreamPerformance.objects.get(stream=show).unique_viewers == VIEWERS


class TestRanges:
    def test_ten_years_are_refused_by_every_roll_up(self) -> None:
        since = dt.date(2016, 1, 1)
        for rollup in rollups():
            with pytest.raises(RebuildRefused, match="rebuild a part at a time"):
                rollup_rebuild(
                    name=rollup.name, since=since, until=dt.date(2026, 1, 1), actor=None, reason="All of it."
                )
        ((waiting,),) = run("SELECT count(*) FROM analytics_rolluptouch")
        assert waiting == 0

    def test_ten_years_are_refused_by_the_command(self) -> None:
        with pytest.raises(CommandError, match="rebuild a part at a time"):
            call_command(
                *("rollup_rebuild", "stream_minute", "2016-01-01", "2026-01-01", "--reason", "All of it."),
                stdout=io.StringIO(),
            )

    def test_ten_years_and_zones_that_do_not_exist_are_refused_by_pages(self) -> None:
        long = RangeForm({"since": "2016-01-01", "until": "2025-12-31"}, has_zone=True)
        assert not long.is_valid()
        assert "Choose at most 400" in " ".join(long.refusals)
        for zone in ("Mars/Olympus", "Europe", "../../etc/passwd", "utc+25", "Europe/Berlin "):
            form = RangeForm({"since": "2026-01-01", "until": "2026-01-31", "zone": zone}, has_zone=True)
            assert form.is_valid() == (zone.strip() == "Europe/Berlin"), zone
