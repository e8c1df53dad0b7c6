"""Figures through the engine: whatever comes late, twice, out of order, and wherever a run dies, the numbers agree."""

import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.errors import RebuildRefused
from analytics.models import PlatformDay, StreamMinute, StreamPerformance
from analytics.rollups.engine import rollups
from analytics.services.rollups import rollup_rebuild, rollup_run, rollups_run
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerMetric
from streams.models import Stream
from tests.analytics.figures_data import (
    DAY,
    HOUR,
    NEXT,
    Play,
    compute_all,
    followed,
    on_air,
    performer,
    play,
    snapshot,
    spent,
    spoke,
    taken_back,
)
from tests.analytics.rolling import run_all
from tests.analytics.test_stream_minutes import SPANS
from tests.audit.sealing import settle
from tests.sql import run
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db(transaction=True)

FIGURES = ("stream_minute", "performer_day", "stream_performance", "category_day", "platform_day")
FIRST, LAST = DAY.date() - dt.timedelta(days=1), DAY.date() + dt.timedelta(days=3)


class Died(Exception):
    """The process is gone."""


@contextmanager
def dying(after: int) -> Iterator[list[int]]:
    """The process dies before its next statement but `after`."""
    count = [0]

    def wrap(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if count[0] >= after:
            raise Died(sql)
        count[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrap):
        yield count


def rebuilt(*names: str, subject: Any = None) -> int:
    """Have the days computed anew."""
    return sum(
        rollup_rebuild(
            name=name, since=FIRST, until=LAST, subject_id=subject, actor=None, reason="to compare"
        )
        for name in names or FIGURES
    )


def emptied() -> None:
    """Every figure is gone."""
    for table in ("streamminute", "streamperformance", "performerday", "categoryday", "platformday"):
        run(f"DELETE FROM analytics_{table}")


def evening() -> list[Stream]:
    """A little of everything, over midnight and with a change of category."""
    music, talk = category("Music"), category("Talk")
    star, other = performer(), performer()
    one = on_air(star, 20 * HOUR, NEXT + 2 * HOUR, (20 * HOUR, music), (NEXT + HOUR, talk))
    two = on_air(other, 22 * HOUR, 23 * HOUR, (22 * HOUR, talk))
    with transaction.atomic():
        play(Play(one, 1, ((20 * HOUR, 21 * HOUR), (22 * HOUR + 30, NEXT)), stalled=3))
        play(Play(one, 1, ((NEXT, NEXT + HOUR + 61),)))
        play(Play(one, 2, ((23 * HOUR - 1, 23 * HOUR + 1),), errors=1))
        play(Play(two, 2, ((22 * HOUR, 23 * HOUR),)))
        play(Play(two, 3, ((22 * HOUR + 59, 22 * HOUR + 61),)))
    spoke(one, 20 * HOUR + 5, NEXT + 5)
    spoke(two, 22 * HOUR + 5)
    taken_back(spent(star, 50, 21 * HOUR, one), NEXT + 60)
    spent(star, 9, 12 * HOUR)
    followed(star, 21 * HOUR, ended=NEXT + 7)
    followed(other, HOUR)
    return [one, two]


class TestRunning:
    def test_the_roll_ups_are_there_each_after_those_that_it_reads(self) -> None:
        names = [rollup.name for rollup in rollups()]
        assert [name for name in names if name in FIGURES] == list(FIGURES)

    def test_what_the_engine_computes_is_what_is_computed_whole(self) -> None:
        streams = evening()
        run_all()
        incremental = snapshot()
        assert all(incremental.values())
        compute_all(streams, 0, 1)
        assert snapshot() == incremental
        assert not any(each.touches for each in run_all())

    def test_a_rebuild_restores_figures_that_somebody_bent_or_lost_and_changes_no_right_one(self) -> None:
        evening()
        run_all()
        right = snapshot()
        assert rebuilt() > 0
        run_all()
        assert snapshot() == right
        run("UPDATE analytics_streamminute SET concurrent = concurrent + 7")
        run("UPDATE analytics_performerday SET followers = 1000, tokens_spent = 1")
        run("UPDATE analytics_streamperformance SET unique_viewers = 0")
        run("UPDATE analytics_categoryday SET errors = 12")
        run("UPDATE analytics_platformday SET sessions = 12")
        rebuilt("stream_minute")
        run_all()
        assert snapshot() == right, "what reads the minutes follows them"
        emptied()
        rebuilt()
        run_all()
        assert snapshot() == right

    def test_a_rebuild_of_one_stream_touches_no_other(self) -> None:
        one, _ = evening()
        run_all()
        right = snapshot()
        run("UPDATE analytics_streamminute SET concurrent = 99")
        rebuilt("stream_minute", subject=one.pk)
        run_all()
        assert not StreamMinute.objects.filter(stream=one, concurrent=99).exists()
        assert StreamMinute.objects.exclude(stream=one).exclude(concurrent=99).count() == 0
        rebuilt("stream_minute")
        run_all()
        assert snapshot() == right

    def test_a_range_of_ten_years_is_refused(self) -> None:
        with pytest.raises(RebuildRefused, match="400 days"):
            rollup_rebuild(
                name="stream_minute",
                since=DAY.date(),
                until=DAY.date() + dt.timedelta(days=3_650),
                actor=None,
                reason="all of it",
            )

    def test_minutes_whose_chat_is_gone_stay_as_they_are(self) -> None:
        (one, _) = evening()
        run_all()
        run("UPDATE analytics_streamminute SET minute = minute - interval '200 days', chat_messages = 42")
        old = snapshot()["analytics_streamminute"]
        run("SELECT analytics_touch('stream_minute', %s, %s)", [one.pk, DAY - dt.timedelta(days=200)])
        run_all()
        assert [row for row in snapshot()["analytics_streamminute"] if row in old] == old

    def test_metrics_of_performers_follow(self) -> None:
        one, _ = evening()
        run_all()
        figures = PerformerMetric.objects.filter(performer=one.performer_id).order_by("day")
        assert list(figures.values_list("earned_tokens", "minutes_live")) == [(59, 240), (-50, 120)]


class TestDying:
    def test_killed_before_any_statement_and_run_again_the_numbers_are_the_same(self) -> None:
        evening()
        run_all()
        right = snapshot()
        emptied()
        rebuilt()
        settle()
        deaths = 0
        for name in FIGURES:
            after = 0
            while True:
                with dying(after) as count:
                    try:
                        rollup_run(name=name, most=1_000)
                    except Died:
                        deaths += 1
                    else:
                        break
                connection.close()
                after = count[0] + 1
            settle()
        assert deaths > len(FIGURES) * 8, "each of them died at each of its statements"
        run_all()
        assert snapshot() == right

    @pytest.mark.parametrize("most", [1, 3])
    def test_cut_into_small_transactions_the_numbers_are_the_same(self, most: int) -> None:
        evening()
        run_all(most=most)
        cut = snapshot()
        emptied()
        rebuilt()
        run_all()
        assert snapshot() == cut


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    watched=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2), SPANS), min_size=1, max_size=6),
    seed=st.integers(0, 2**16),
    runs=st.lists(st.integers(0, 12), max_size=4),
)
def test_late_twice_and_out_of_order_the_figures_are_those_of_a_rebuild(
    watched: list[Any], seed: int, runs: list[int], transactional_db: None
) -> None:
    chance = random.Random(seed)
    music = category(f"Music {uuid4().hex[:8]}")
    streams = [on_air(performer(), 8 * HOUR, 13 * HOUR, (8 * HOUR, music)) for _ in range(2)]
    plays = [
        Play(streams[which], who, spans, name=str(number))
        for number, (which, who, spans) in enumerate(watched)
    ]
    # Each comes twice, first in a shorter version: as a play whose later events came late.
    arrivals: list[Any] = [each for each in plays for _ in range(2)]
    arrivals += [Play(each.stream, each.viewer, each.spans[:1], name=each.name) for each in plays]
    chance.shuffle(arrivals)
    arrivals += plays
    for step, each in enumerate(arrivals):
        before = run("SELECT started_at, ended_at FROM analytics_viewersession WHERE id = %s", [each.id])
        with transaction.atomic():
            touches = play(each)
            if before:
                # Hours that the play loses are touched as well, as the roll-up of sessions does.
                play_touches_lost(each, before[0], {touch.start for touch in touches})
        if chance.random() < 0.3:
            spoke(each.stream, chance.randrange(8 * HOUR, 13 * HOUR))
        if step in runs:
            settle()
            rollups_run(most=chance.choice([1, 2, 1000]))
    run_all()
    incremental = snapshot()
    emptied()
    rebuilt()
    run_all()
    assert snapshot() == incremental
    compute_all(streams)
    assert {name: rows for name, rows in snapshot().items() if name != "analytics_platformday"} == {
        name: rows for name, rows in incremental.items() if name != "analytics_platformday"
    }
    assert PlatformDay.objects.filter(day=DAY.date()).exists() == any(plays)
    assert StreamPerformance.objects.filter(stream__in=streams).count() == 2


def play_touches_lost(
    which: Play, before: tuple[dt.datetime, dt.datetime], touched: set[dt.datetime]
) -> None:
    """Touch the hours in which a play was and is no more."""
    for hour in range(25):
        start = DAY + dt.timedelta(hours=hour)
        if start not in touched and before[0] - dt.timedelta(hours=1) <= start <= before[1]:
            with acting(Role.WORKER):
                run("SELECT analytics_touch('stream_minute', %s, %s)", [which.stream.pk, start])
