"""What streams, performers, categories and the platform came to: by hand, and as counted one by one."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import CategoryDay, PerformerDay, PlatformDay, StreamPerformance
from analytics.rollups.engine import Bucket
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerMetric
from performers.services.metrics import Figures, metrics_store
from tests.accounts.factories import UserFactory
from tests.analytics.figures_data import (
    DAY,
    HOUR,
    MINUTE,
    NEXT,
    Play,
    at,
    compute,
    compute_all,
    concurrency,
    followed,
    on_air,
    performer,
    play,
    seconds_of,
    spent,
    spoke,
    taken_back,
    without_triggers,
)
from tests.analytics.test_stream_minutes import SPANS
from tests.engagement.ties_data import follow
from tests.sql import run
from tests.streams.factories_catalogue import category

pytestmark = pytest.mark.django_db


def figures(row: Any, *names: str) -> tuple[Any, ...]:
    """Some figures of a row."""
    return tuple(getattr(row, name) for name in names)


WATCHED = ("unique_viewers", "peak_viewers", "peak_at", "viewer_minutes", "watch_seconds", "sessions")
SPENT = ("tips", "tip_tokens", "tokens_spent", "tokens_reversed")


def test_a_stream_by_hand() -> None:
    star = performer()
    stream = on_air(star, HOUR, 2 * HOUR + 30)
    play(Play(stream, 1, ((HOUR, HOUR + 600),), stalled=3, errors=1))
    play(Play(stream, 1, ((HOUR + 300, HOUR + 900),), name="phone"))
    play(Play(stream, 2, ((HOUR + 600, HOUR + 660), (HOUR + 1200, HOUR + 1210)), stalled=2))
    spoke(stream, HOUR + 5, HOUR + 65)
    first = spent(star, 50, HOUR + 70, stream)
    spent(star, 30, HOUR + 80, stream, kind="gift")
    spent(star, 200, HOUR - 600, stream, kind="ticket")
    spent(star, 11, HOUR + 90)
    taken_back(first, 3 * HOUR)
    followed(star, HOUR - 1)
    followed(star, HOUR + 10, ended=4 * HOUR)
    followed(star, 2 * HOUR + 29)
    compute_all([stream])
    row = StreamPerformance.objects.get()
    # 900 seconds of the one, 70 of the other; 15 + 1 + 1 minutes; an hour and the half of a minute on air.
    assert figures(row, *WATCHED) == (2, 2, at(HOUR + 600), 17, 970, 3)
    assert figures(row, "minutes_on_air", "average_viewers", "stalled_seconds", "errors") == (61, 0, 5, 1)
    assert figures(row, *SPENT) == (2, 80, 280, 50)
    assert figures(row, "chat_messages", "new_followers", "tokens") == (2, 2, 230)
    assert row.stalled_share == pytest.approx(5 / 975)
    assert figures(row, "started_at", "ended_at") == (at(HOUR), at(2 * HOUR + 30))
    day = PerformerDay.objects.get()
    assert figures(day, *WATCHED) == figures(row, *WATCHED)
    assert figures(day, *SPENT, "streams", "minutes_on_air") == (2, 80, 291, 50, 1, 61)
    assert figures(day, "new_followers", "lost_followers", "followers") == (3, 1, 2)
    metric = PerformerMetric.objects.get()
    assert figures(metric, "followers", "minutes_live", "peak_viewers", "earned_tokens") == (2, 61, 2, 241)
    platform = PlatformDay.objects.get()
    assert figures(platform, *WATCHED, *SPENT) == figures(day, *WATCHED, *SPENT)
    assert figures(platform, "performers", "streams", "new_followers", "lost_followers") == (1, 1, 3, 1)


def test_reversals_count_on_the_day_on_which_they_are_made() -> None:
    star = performer()
    stream = on_air(star)
    spend = spent(star, 50, 60, stream)
    taken_back(spend, NEXT + 60)
    compute_all([stream], 0, 1)
    first, second = PerformerDay.objects.order_by("day")
    assert figures(first, "tokens_spent", "tokens_reversed") == (50, 0)
    assert figures(second, "tokens_spent", "tokens_reversed") == (0, 50)
    assert PerformerMetric.objects.get(day=second.day).earned_tokens == -50
    assert StreamPerformance.objects.get().tokens == 0


def test_a_stream_of_three_days_has_its_minutes_in_each_and_its_figures_whole() -> None:
    stream = on_air(performer(), NEXT - HOUR, 2 * NEXT + HOUR)
    play(Play(stream, 1, ((NEXT - 60, NEXT),)))
    play(Play(stream, 1, ((NEXT, NEXT + 30),)))
    compute_all([stream], 0, 1, 2)
    assert list(PerformerDay.objects.order_by("day").values_list("minutes_on_air", "watch_seconds")) == [
        (60, 60),
        (1440, 30),
        (60, 0),
    ]
    assert figures(StreamPerformance.objects.get(), "minutes_on_air", "unique_viewers", "watch_seconds") == (
        1560,
        1,
        90,
    )


def test_a_stream_that_goes_on_is_on_air_up_to_the_last_minute_counted() -> None:
    stream = on_air(performer(), 0, NEXT)
    play(Play(stream, 1, ((60, 301),)))
    with without_triggers("streams_stream"):
        run(
            "UPDATE streams_stream SET status = 'live', ended_at = NULL, end_reason = NULL, "
            "lease = uuidv7(), last_heartbeat_at = now() WHERE id = %s",
            [stream.pk],
        )
    compute_all([stream], 0, 1)
    assert [row.minutes_on_air for row in PerformerDay.objects.all()] == [6]
    row = StreamPerformance.objects.get()
    assert figures(row, "minutes_on_air", "ended_at", "unique_viewers") == (6, None, 1)


def test_what_happens_is_of_the_category_of_that_instant() -> None:
    music, talk = category("Music"), category("Talk")
    stream = on_air(performer(), 0, 2 * HOUR, (0, music), (HOUR, talk), (HOUR + 600, music))
    play(Play(stream, 1, ((HOUR - 120, HOUR + 60),), stalled=4))
    play(Play(stream, 2, ((HOUR + 30, HOUR + 700),), errors=2))
    spoke(stream, HOUR - 1, HOUR, HOUR + 599, HOUR + 600)
    spent(stream.performer, 5, HOUR - 1, stream)
    spent(stream.performer, 7, HOUR + 1, stream, kind="ticket")
    compute_all([stream])
    rows = {row.category_id: row for row in CategoryDay.objects.all()}
    first, second = rows[music.pk], rows[talk.pk]
    assert figures(first, "unique_viewers", "watch_seconds", "sessions", "stalled_seconds", "errors") == (
        2,
        220,
        2,
        4,
        0,
    )
    assert figures(second, "unique_viewers", "watch_seconds", "sessions", "stalled_seconds", "errors") == (
        2,
        630,
        2,
        0,
        2,
    )
    assert figures(first, "minutes_on_air", "streams", "chat_messages", "tips", "tokens_spent") == (
        110,
        1,
        2,
        1,
        5,
    )
    assert figures(second, "minutes_on_air", "streams", "chat_messages", "tips", "tokens_spent") == (
        10,
        1,
        2,
        0,
        7,
    )
    assert figures(first, "peak_viewers", "peak_at") == (1, at(HOUR - 120))
    assert first.viewer_minutes + second.viewer_minutes == PlatformDay.objects.get().viewer_minutes


def test_who_watches_two_performers_at_once_is_one_viewer_of_the_platform() -> None:
    one, other = on_air(performer()), on_air(performer())
    play(Play(one, 1, ((0, 120),)))
    play(Play(other, 1, ((60, 180),)))
    compute_all([one, other])
    assert [row.watch_seconds for row in PerformerDay.objects.all()] == [120, 120]
    assert figures(PlatformDay.objects.get(), *WATCHED) == (1, 1, at(0), 3, 180, 2)


def test_a_day_that_came_to_nothing_has_no_row_and_its_metric_is_emptied() -> None:
    star = performer()
    stream = on_air(star, HOUR, HOUR)
    spend = spent(star, 50, 60)
    compute_all([stream])
    assert PerformerMetric.objects.get().earned_tokens == 50
    with without_triggers("billing_tokenspend", "streams_stream"):
        run("DELETE FROM billing_tokenspend WHERE id = %s", [spend])
        run("UPDATE streams_stream SET started_at = started_at - interval '9 days'")
        run("UPDATE streams_stream SET ended_at = ended_at - interval '9 days'")
    compute_all([stream])
    assert not PerformerDay.objects.exists()
    assert not PlatformDay.objects.exists()
    assert figures(PerformerMetric.objects.get(), "earned_tokens", "minutes_live", "peak_viewers") == (
        0,
        0,
        0,
    )


def test_followers_of_today_are_those_of_the_counter() -> None:
    star = performer()
    for _ in range(3):
        follow(UserFactory(), star)
    today = (dt.datetime.now(dt.UTC) - DAY).days
    compute_all([on_air(star)], 0, today)
    row = PerformerDay.objects.get(day=dt.datetime.now(dt.UTC).date())
    assert figures(row, "new_followers", "lost_followers", "followers") == (3, 0, 3)
    assert PerformerDay.objects.get(day=DAY.date()).followers == 0


class TestMetrics:
    def test_an_erased_performer_is_passed_by(self) -> None:
        star, gone = performer(), performer()
        with without_triggers("accounts_user"):
            run(
                "UPDATE accounts_user SET status = 'erased', handle = NULL, closed_at = now(), erased_at = now() "
                "WHERE id = %s",
                [gone.pk],
            )
        with acting(Role.WORKER):
            stored = metrics_store(
                figures={
                    (star.pk, DAY.date()): Figures(followers=3),
                    (gone.pk, DAY.date()): Figures(followers=5),
                    (star.pk, DAY.date() + dt.timedelta(days=1)): Figures(),
                }
            )
        assert stored == 1
        assert figures(PerformerMetric.objects.get(), "performer_id", "followers") == (star.pk, 3)

    def test_figures_beyond_a_day_are_cut_and_do_not_stop_the_roll_up(self) -> None:
        star = performer()
        streams = [on_air(star, 0, NEXT), on_air(star, 60, NEXT)]
        play(Play(streams[0], 1, ((0, NEXT),)))
        play(Play(streams[1], 2, ((60, NEXT),)))
        compute_all(streams)
        metric = PerformerMetric.objects.get()
        assert PerformerDay.objects.get().minutes_on_air == 2879
        assert figures(metric, "minutes_live", "average_viewers", "peak_viewers") == (1440, 1, 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    watched=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), SPANS, st.integers(0, 9)), min_size=1, max_size=8
    )
)
def test_days_are_those_that_counting_one_by_one_gives(watched: list[Any], db: None) -> None:
    run("SAVEPOINT example")
    stars = [performer(), performer()]
    # The third stream follows the second of the same performer.
    streams = [on_air(stars[0]), on_air(stars[1], 0, 10 * HOUR), on_air(stars[1], 10 * HOUR + 1, NEXT)]
    plays = [
        Play(streams[which], who, spans, stalled, name=str(number))
        for number, (which, who, spans, stalled) in enumerate(watched)
    ]
    for each in plays:
        play(each)
    compute_all(streams)

    def expected(of: list[Play]) -> tuple[Any, ...]:
        counts, seconds = concurrency(of), seconds_of(of)
        peak = max(counts.values(), default=0)
        return (
            len(seconds),
            peak,
            min((at(m * MINUTE) for m, count in counts.items() if peak and count == peak), default=None),
            sum(counts.values()),
            sum(map(len, seconds.values())),
            len(of),
            sum(each.stalled for each in of),
        )

    def found(row: Any) -> tuple[Any, ...]:
        return figures(row, *WATCHED, "stalled_seconds")

    for stream in streams:
        assert found(StreamPerformance.objects.get(stream=stream)) == expected(
            [each for each in plays if each.stream == stream]
        )
    for star in stars:
        of = [each for each in plays if each.stream.performer_id == star.pk]
        assert found(PerformerDay.objects.get(performer=star)) == expected(of)
    assert found(PlatformDay.objects.get()) == expected(plays)
    run("ROLLBACK TO SAVEPOINT example")


def lookups() -> int:
    """How often tables and indexes were looked into in this transaction."""
    ((count,),) = run(
        "SELECT sum(coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0))::bigint FROM pg_stat_xact_all_tables s "
        "WHERE s.relname ~ '^(analytics|billing|engagement|streams|performers)_'"
    )
    return int(count)


def test_ten_times_the_buckets_take_ten_times_the_lookups() -> None:
    """And not a hundred times, as when every bucket computes what belongs to all the others."""
    stars = [performer() for _ in range(30)]
    streams = [on_air(star, HOUR, 2 * HOUR) for star in stars]
    days = [at(0) - dt.timedelta(days=number) for number in range(10)]
    asked = {
        "performer_day": [Bucket(star.pk, day) for day in days for star in stars],
        "stream_performance": [Bucket(stream.pk, days[0]) for stream in streams],
    }
    for name, buckets in asked.items():
        with acting(Role.WORKER):
            compute(name, buckets[:1])
            before = lookups()
            compute(name, buckets[: len(buckets) // 10])
            between = lookups()
            compute(name, buckets)
            assert lookups() - between < 15 * (between - before), name
