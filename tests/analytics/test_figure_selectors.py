"""What charts ask of figures: ranges, the range before, months, curves and lists; and that roll-ups alone are read."""

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from analytics.errors import RangeRefused
from analytics.selectors import performers, platform, streams
from analytics.selectors.days import Days, Totals
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from tests.analytics.figures_data import (
    DAY,
    HOUR,
    NEXT,
    Play,
    at,
    compute_all,
    followed,
    on_air,
    performer,
    play,
    spent,
    spoke,
)
from tests.sql import run
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db

TODAY = DAY.date()
ONE = dt.timedelta(days=1)


class TestDays:
    def test_both_ends_are_included_and_the_days_before_are_as_many(self) -> None:
        days = Days(dt.date(2026, 3, 1), dt.date(2026, 3, 7))
        assert days.count == 7 == len(list(days))
        assert days.previous == Days(dt.date(2026, 2, 22), dt.date(2026, 2, 28))
        assert (days.start, days.end) == (
            dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 8, tzinfo=dt.UTC),
        )

    @pytest.mark.parametrize(
        ("since", "until", "words"),
        [
            (dt.date(2026, 3, 2), dt.date(2026, 3, 1), "before it begins"),
            (dt.date(2016, 3, 1), dt.date(2026, 3, 1), "400 at most"),
            (dt.date(1969, 12, 1), dt.date(1970, 1, 2), "before 1970"),
        ],
    )
    def test_what_is_no_range(self, since: dt.date, until: dt.date, words: str) -> None:
        with pytest.raises(RangeRefused, match=words):
            Days(since, until)

    def test_four_hundred_days_are_a_range_and_one_more_is_none(self) -> None:
        assert Days(TODAY - 399 * ONE, TODAY).count == 400
        with pytest.raises(RangeRefused):
            Days(TODAY - 400 * ONE, TODAY)


def two_days() -> tuple[Any, Any]:
    """A performer with two streams, the second of which did better; another one with a quiet hour."""
    star, other = performer(), performer()
    music, talk = category("Music"), category("Talk")
    first = on_air(star, 0, HOUR, (0, music))
    second = on_air(star, NEXT, NEXT + 2 * HOUR, (NEXT, talk))
    quiet = on_air(other, 0, HOUR, (0, talk))
    play(Play(first, 1, ((0, 600),)))
    play(Play(second, 1, ((NEXT, NEXT + 1200),), stalled=30))
    play(Play(second, 2, ((NEXT + 600, NEXT + 1200),)))
    play(Play(quiet, 3, ((0, 60),)))
    spoke(second, NEXT + 1, NEXT + 2)
    spent(star, 40, 30, first)
    spent(star, 60, NEXT + 30, second)
    followed(star, NEXT + 10)
    compute_all([first, second, quiet], 0, 1)
    return star, second


def test_totals_of_a_range_and_of_the_days_before() -> None:
    star, _ = two_days()
    compared = performers.performer_compared(performer_id=star.pk, days=Days(TODAY + ONE, TODAY + ONE))
    assert compared.now == Totals(
        streams=1,
        minutes_on_air=120,
        viewer_days=2,
        peak_viewers=2,
        viewer_minutes=30,
        watch_seconds=1800,
        sessions=2,
        stalled_seconds=30,
        chat_messages=2,
        tips=1,
        tip_tokens=60,
        tokens=60,
        new_followers=1,
    )
    assert compared.change("watch_seconds") == 2.0
    assert compared.change("tokens") == 0.5
    assert compared.change("chat_messages") is None
    assert compared.now.stalled_share == pytest.approx(30 / 1830)
    both = performers.performer_totals(performer_id=star.pk, days=Days(TODAY, TODAY + ONE))
    assert both == compared.now.plus(compared.before)
    assert both.average_viewers == round(40 / 180)
    assert Totals().average_viewers == Totals().stalled_share == 0


def test_days_and_months_of_a_performer() -> None:
    star, _ = two_days()
    days = Days(TODAY - 30 * ONE, TODAY + ONE)
    rows = performers.performer_days(performer_id=star.pk, days=days)
    assert [(day, row.watch_seconds) for day, row in rows.items()] == [(TODAY, 600), (TODAY + ONE, 1800)]
    months = performers.performer_months(performer_id=star.pk, days=days)
    assert sum(month.totals.watch_seconds for month in months) == 2400
    assert months[-1].followers == 1
    assert all(month.month.day == 1 for month in months)


def test_lists_have_the_most_watched_first_and_refuse_orders_that_are_none() -> None:
    star, second = two_days()
    days = Days(TODAY, TODAY + ONE)
    assert [each.performer_id for each in performers.performers_listed(days=days)][0] == star.pk
    assert performers.performers_listed(days=days, by="tokens", limit=1)[0].totals.tokens == 100
    assert [row.stream_id for row in streams.streams_listed(days=days, performer_id=star.pk)][0] == second.pk
    listed = platform.categories_listed(days=days)
    assert [(each.name, each.totals.watch_seconds) for each in listed] == [("Talk", 1860), ("Music", 600)]
    assert platform.category_days(category_id=listed[0].category_id, days=days)[TODAY].watch_seconds == 60
    for listing in (performers.performers_listed, streams.streams_listed, platform.categories_listed):
        with pytest.raises(ValueError, match="listed by one of"):
            listing(days=days, by="id; DROP TABLE accounts_user")
        with pytest.raises(ValueError, match="1 to 100"):
            listing(days=days, limit=101)


def test_the_platform_is_what_its_performers_add_up_to_but_for_people() -> None:
    two_days()
    days = Days(TODAY, TODAY + ONE)
    total = platform.platform_totals(days=days)
    each = [listed.totals for listed in performers.performers_listed(days=days)]
    for figure in ("streams", "minutes_on_air", "chat_messages", "tips", "tip_tokens", "tokens", "new_followers"):
        assert getattr(total, figure) == sum(getattr(one, figure) for one in each), figure
    assert platform.platform_compared(days=days).before == Totals()
    assert list(platform.platform_days(days=days)) == [TODAY, TODAY + ONE]


class TestCurve:
    def test_a_minute_without_a_row_is_zero(self) -> None:
        stream = on_air(performer(), 30, 600)
        play(Play(stream, 1, ((60, 181),)))
        compute_all([stream])
        curve = streams.stream_curve(performance=streams.stream_performance(stream_id=stream.pk))
        assert [point.concurrent for point in curve.points] == [0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
        assert (curve.points[0].at, curve.peak, curve.width) == (at(0), 1, dt.timedelta(minutes=1))
        assert sum(point.joins for point in curve.points) == sum(point.leaves for point in curve.points) == 1

    def test_a_long_stream_is_cut_into_stretches_with_the_same_sums_and_peak(self) -> None:
        stream = on_air(performer(), 0, NEXT)
        for number in range(20):
            play(Play(stream, number, ((number * 4000, number * 4000 + 4100),)))
        spoke(stream, 5, 4005, 80_000)
        compute_all([stream])
        performance = streams.stream_performance(stream_id=stream.pk)
        whole = streams.stream_curve(performance=performance)
        cut = streams.stream_curve(performance=performance, most=100)
        assert (len(whole.points), len(cut.points), cut.width) == (1440, 96, dt.timedelta(minutes=15))
        assert whole.peak == cut.peak == performance.peak_viewers
        for figure in ("joins", "leaves", "chat_messages"):
            assert sum(getattr(point, figure) for point in whole.points) == sum(
                getattr(point, figure) for point in cut.points
            )

    def test_days_of_it(self) -> None:
        stream = on_air(performer(), NEXT - HOUR, NEXT + HOUR)
        play(Play(stream, 1, ((NEXT - 120, NEXT),)))
        compute_all([stream], 0, 1)
        performance = streams.stream_performance(stream_id=stream.pk)
        curve = streams.stream_curve(performance=performance, days=Days(TODAY, TODAY))
        assert (len(curve.points), curve.peak) == (60, 1)
        elsewhere = Days(TODAY + 2 * ONE, TODAY + 3 * ONE)
        assert streams.stream_curve(performance=performance, days=elsewhere).points == ()

    def test_a_stream_without_figures_is_told(self) -> None:
        with pytest.raises(NotThere, match="no figures"):
            streams.stream_performance(stream_id=uuid4())


RAW = re.compile(r"playbackevent|viewersession|chatmessage|tokenspend|posting|journal|follow|spendreversal")


def test_selectors_touch_roll_ups_alone_and_each_range_by_an_index() -> None:
    star, second = two_days()
    run("SET LOCAL enable_seqscan = off")
    days = Days(TODAY, TODAY + ONE)
    performance = streams.stream_performance(stream_id=second.pk)
    asked: list[Callable[[], Any]] = [
        lambda: streams.stream_curve(performance=performance),
        lambda: streams.streams_listed(days=days),
        lambda: streams.streams_listed(days=days, performer_id=star.pk),
        lambda: performers.performer_days(performer_id=star.pk, days=days),
        lambda: performers.performer_compared(performer_id=star.pk, days=days),
        lambda: performers.performer_months(performer_id=star.pk, days=days),
        lambda: performers.performers_listed(days=days),
        lambda: platform.platform_compared(days=days),
        lambda: platform.categories_listed(days=days),
    ]
    seen: list[tuple[str, Any]] = []

    def wrap(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrap):
        for ask in asked:
            ask()
    assert len(seen) >= len(asked)
    for sql, params in seen:
        ((plan,),) = run(f"EXPLAIN (FORMAT JSON) {sql}", params)
        text = plan if isinstance(plan, str) else json.dumps(plan)
        assert not RAW.search(text), sql
        assert "Seq Scan" not in text, sql


def test_a_performer_reads_her_own_figures_through_them() -> None:
    star, _ = two_days()
    days = Days(TODAY, TODAY + ONE)
    with acting(Role.PERFORMER, user_id=star.pk):
        assert {each.performer_id for each in performers.performers_listed(days=days)} == {star.pk}
        assert {row.performer_id for row in streams.streams_listed(days=days)} == {star.pk}
