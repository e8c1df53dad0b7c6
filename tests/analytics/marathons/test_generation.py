"""Invented plays: as many viewers as the source counted, minute by minute; the same ones for the same seed."""

import tracemalloc
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import islice, pairwise
from uuid import UUID

import pytest

from analytics.datasets.marathons.curves import CountedMinute, Curve, curves_of, milliseconds
from analytics.datasets.marathons.generation import DAY, plays_of, whole
from analytics.datasets.marathons.people import COUNTRIES, DEVICES, Choice, viewer_of
from analytics.datasets.marathons.plays import Play
from core.models.identity import uuid7_instant
from streams.datasets.marathon_streams import SET
from streams.demo import DATA
from tests.analytics.marathons.counting import LONGEST, ranges, watching

PEOPLE = [UUID(int=number) for number in range(500)]
HUNDREDTH = Fraction(1, 100)
CURVES = curves_of(DATA / SET)
START = datetime(2019, 6, 23, 23, 40, tzinfo=UTC)


def curve(*viewers: int | None, missing: tuple[int, ...] = ()) -> Curve:
    """An invented curve from twenty to midnight on; `missing` minutes have no row."""
    return Curve(
        "sgdq2019",
        tuple(
            CountedMinute(START + timedelta(minutes=number), count, number)
            for number, count in enumerate(viewers)
            if number not in missing
        ),
    )


def counted(plays: list[Play], heartbeat: int) -> dict[int, int]:
    return watching(
        (
            play.viewer.person or play.viewer.device,
            ranges(play.start + event.offset for event in play.events(heartbeat)),
        )
        for play in plays
    )


def expected(of: Curve, scale: Fraction) -> dict[int, int]:
    """The minutes in which somebody is to be seen."""
    return {
        milliseconds(minute.at): whole(minute.viewers, scale)
        for minute in of.minutes
        if minute.viewers and whole(minute.viewers, scale)
    }


def test_all_minutes_of_the_source_are_met() -> None:
    assert sum(len(found.minutes) for found in CURVES.values()) == 19_877
    for found in CURVES.values():
        difference: Counter[int] = Counter()
        for play in plays_of(found, scale=HUNDREDTH, seed=7):
            if play.device_class == play.viewer.device_class:
                for since, until in play.watched():
                    difference[-(-since // 60_000)] += 1
                    difference[-(-until // 60_000)] -= 1
        level, now, seen = 0, 0, {}
        for minute in found.minutes:
            at = milliseconds(minute.at) // 60_000
            for passed in range(now + 1 if now else at, at + 1):
                level += difference[passed]
            now = at
            seen[minute.at] = level
        for minute in found.minutes:
            if minute.viewers is None:
                assert seen[minute.at] == 0, f"nobody counted at {minute.at}"
            else:
                real = minute.viewers / 100
                assert abs(seen[minute.at] - real) <= max(real / 100, 0.5), minute


def test_one_in_a_hundred_is_within_a_hundredth_but_for_one_minute() -> None:
    """In one minute the source says 1,016 between a hundred thousand: ten people are the nearest to 10.16."""
    off = [
        minute
        for found in CURVES.values()
        for minute in found.minutes
        if minute.viewers
        and abs(whole(minute.viewers, HUNDREDTH) * 100 - minute.viewers) > minute.viewers / 100
    ]
    assert [minute.viewers for minute in off] == [1_016]
    assert all(
        abs(whole(minute.viewers, Fraction(1, 20)) * 20 - minute.viewers) <= minute.viewers / 100
        for found in CURVES.values()
        for minute in found.minutes
        if minute.viewers
    )


@pytest.mark.parametrize("heartbeat", [30, 60, 90])
def test_events_prove_the_curve_by_the_rule_of_ninety_seconds(heartbeat: int) -> None:
    found = curve(*(40 + number % 17 for number in range(60)))
    plays = list(plays_of(found, scale=Fraction(1), seed=3, people=PEOPLE))
    assert counted(plays, heartbeat) == expected(found, Fraction(1))


@pytest.mark.parametrize("heartbeat", [30, 90])
def test_a_day_of_the_source_is_met_by_events(heartbeat: int) -> None:
    found = CURVES["sgdq2019"]
    day = date(2019, 6, 30)
    plays = list(plays_of(found, scale=Fraction(1, 500), seed=3, since=day, people=PEOPLE))
    assert {play.started_at.date() for play in plays} == {day}
    wanted = {
        at: count
        for at, count in expected(found, Fraction(1, 500)).items()
        if at >= milliseconds(datetime(2019, 6, 30, tzinfo=UTC))
    }
    assert len(wanted) == 388
    assert counted(plays, heartbeat) == wanted


@pytest.mark.parametrize(
    ("viewers", "missing"),
    [
        pytest.param([30, 30, None, 32, 30], (), id="a minute without a number"),
        pytest.param([30, 30, 0, 0, 28, 30], (), id="the counter stood at nought"),
        pytest.param([30, 30, 30, 28, 30], (2,), id="a minute without a row"),
        pytest.param([30] * 18 + [None] * 6 + [33] * 5, (), id="midnight within minutes that nobody counted"),
        pytest.param([30] * 18 + [None] * 2 + [33] * 5, (), id="nobody counted until midnight"),
        pytest.param([30] * 21 + [None] * 3 + [33] * 5, (), id="nobody counted after midnight"),
        pytest.param([None, None, 30, 31, None, None], (), id="at the beginning and at the end"),
        pytest.param([30, 0, 30, 0, 30], (), id="one after another"),
        pytest.param([30, 31, 1, 40, 40], (), id="nearly everybody leaves and comes"),
    ],
)
@pytest.mark.parametrize("heartbeat", [30, 90])
def test_minutes_that_nobody_counted_are_gaps(
    viewers: list[int | None], missing: tuple[int, ...], heartbeat: int
) -> None:
    found = curve(*viewers, missing=missing)
    for seed in range(5):
        plays = list(plays_of(found, scale=Fraction(1), seed=seed, people=PEOPLE))
        assert counted(plays, heartbeat) == expected(found, Fraction(1))


def test_a_play_lies_within_a_day_and_goes_on_as_another() -> None:
    found = curve(*[50] * 60)
    plays = list(plays_of(found, scale=Fraction(1), seed=3))
    assert all(play.start // DAY == (play.end - 1) // DAY for play in plays)
    ended = {play.viewer.device for play in plays if play.end % DAY == 0}
    begun = {play.viewer.device for play in plays if play.start % DAY == 0}
    assert len(ended) == 50 - sum(play.start % DAY == 0 for play in plays if play.viewer.device not in ended)
    assert ended <= begun


def test_no_event_proves_more_than_its_play_and_gaps_are_longer_than_believed() -> None:
    found = curve(30, 30, None, None, 30, 30, 0, 31, *[30] * 30)
    for play in plays_of(found, scale=Fraction(1), seed=11):
        for heartbeat in (30, 90):
            events = list(play.events(heartbeat))
            offsets = [event.offset for event in events]
            assert offsets == sorted(set(offsets)) and offsets[0] == 0
            assert offsets[-1] == play.end - play.start
            assert [event.sequence for event in events] == list(range(1, len(events) + 1))
            assert events[0].kind == "start"
            assert {event.kind for event in events[1:-1]} <= {"heartbeat", "seek"}
            assert ranges(play.start + offset for offset in offsets) == play.watched()
        assert all(back - left > LONGEST for left, back in play.silences)


def test_the_same_seed_gives_the_same_plays_and_another_seed_others() -> None:
    found = CURVES["sgdq2019"]

    def some(seed: int) -> list[object]:
        plays = islice(plays_of(found, scale=HUNDREDTH, seed=seed, people=PEOPLE), 400)
        return [(play, play.id, list(play.events())) for play in plays]

    assert some(1) == some(1)
    assert some(1) != some(2)


def test_a_day_holds_the_same_plays_whichever_days_are_asked_for() -> None:
    found, scale = CURVES["sgdq2019"], Fraction(1, 500)
    whole_of_it = list(plays_of(found, scale=scale, seed=1, people=PEOPLE))
    first, second = date(2019, 6, 25), date(2019, 6, 27)
    cut = list(plays_of(found, scale=scale, seed=1, people=PEOPLE, since=first, until=second))
    assert cut == [play for play in whole_of_it if first <= play.started_at.date() < second]
    assert len({play.id for play in whole_of_it}) == len(whole_of_it)
    assert all(uuid7_instant(play.id) == play.started_at for play in cut)


def test_nobody_watches_twice_at_once_but_on_a_second_device() -> None:
    found = CURVES["sgdq2019"]
    plays = list(plays_of(found, scale=Fraction(1, 500), seed=1, people=PEOPLE))
    by_viewer = defaultdict(list)
    for play in plays:
        by_viewer[play.viewer.person or play.viewer.device].append(play)
    for mine in by_viewer.values():
        first = sorted(
            (play for play in mine if play.device_class == play.viewer.device_class),
            key=lambda play: play.start,
        )
        assert all(a.end <= b.start for a, b in pairwise(first))
        for other in mine:
            if other.device_class != other.viewer.device_class:
                assert any(a.start < other.start and other.end < a.end for a in first)
    assert any(play.device_class != play.viewer.device_class for play in plays)
    assert {play.viewer.person for play in plays} >= set(PEOPLE)


def test_attributes_follow_the_stated_shares() -> None:
    crowd = [viewer_of(key, seed=1, people=()) for key in range(20_000)]
    for shares, taken in (
        (COUNTRIES, Counter(viewer.country for viewer in crowd)),
        (DEVICES, Counter(viewer.device_class for viewer in crowd)),
    ):
        assert set(taken) == set(shares)
        for name, share in shares.items():
            assert abs(taken[name] / 20 - share) < 15, name
    assert len({viewer.device for viewer in crowd}) == len(crowd)
    assert {viewer.age_band for viewer in crowd} == {None}, "nothing is known of guests"
    with pytest.raises(ValueError, match=r"The shares come to 900 of 1,000\."):
        Choice({"one": 900})


def test_memory_follows_the_viewers_at_a_time_and_not_the_length() -> None:
    def most(hours: int) -> int:
        found = curve(*[200] * (60 * hours))
        tracemalloc.start()
        for _ in plays_of(found, scale=Fraction(1), seed=1):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    short, long = most(15), most(60)
    assert long < short * 1.5


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(-1, 2), Fraction(3, 2)])
def test_a_scale_lies_between_nought_and_one(scale: Fraction) -> None:
    with pytest.raises(ValueError, match=r"A scale lies above nought"):
        plays_of(curve(1, 2), scale=scale, seed=1)


def test_a_marathon_is_moved_by_whole_days() -> None:
    with pytest.raises(ValueError, match=r"moved by whole days"):
        plays_of(curve(1, 2), scale=Fraction(1), seed=1, moved=timedelta(hours=5))
