"""Minutes of streams: by hand, and the same as counted second by second, whatever overlaps, touches or crosses."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.models import StreamMinute
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.analytics.figures_data import (
    HOUR,
    MINUTE,
    NEXT,
    Play,
    at,
    compute_all,
    concurrency,
    moves,
    on_air,
    performer,
    play,
    spent,
    spoke,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

FIGURES = ("concurrent", "joins", "leaves", "chat_messages", "tips", "tip_tokens")


def minutes(stream: Any) -> dict[int, tuple[int, ...]]:
    """By minute of the day: concurrent, joins, leaves, chat, tips, tokens."""
    rows = StreamMinute.objects.filter(stream=stream).values_list("minute", *FIGURES)
    return {int((minute - at(0)).total_seconds()) // MINUTE: tuple(figures) for minute, *figures in rows}


def test_an_evening_by_hand() -> None:
    stream = on_air(performer())
    # One watches from 10:58:30 to 11:02:00 without a gap, on two devices that take turns at 11:00.
    play(Play(stream, 1, ((39_510, 39_600),)))
    play(Play(stream, 1, ((39_600, 39_720),), name="phone"))
    # The other comes at 10:59:59, and is gone before 11:00:30.
    play(Play(stream, 2, ((39_599, 39_630),)))
    # Between the first instants of two minutes: they joined and left, and count in no minute.
    play(Play(stream, 3, ((39_661, 39_690),)))
    spoke(stream, 39_500, 39_661, 39_662, 39_719)
    spoke(stream, 39_663, kind="system")
    spent(stream.performer, 50, 39_665, stream)
    spent(stream.performer, 7, 39_666, stream, kind="ticket")
    compute_all([stream])
    assert minutes(stream) == {
        658: (0, 1, 0, 1, 0, 0),
        659: (1, 1, 0, 0, 0, 0),
        660: (2, 0, 1, 0, 0, 0),
        661: (1, 1, 2, 3, 1, 50),
    }


def test_what_is_gone_from_the_sources_is_gone_from_the_minutes() -> None:
    stream = on_air(performer())
    play(Play(stream, 1, ((0, 300),)))
    play(Play(stream, 2, ((60, 120),)))
    compute_all([stream])
    before = {row.minute: row.pk for row in StreamMinute.objects.all()}
    run("DELETE FROM analytics_viewersession WHERE started_at = %s", [at(0)])
    compute_all([stream])
    assert minutes(stream) == {1: (1, 1, 1, 0, 0, 0)}
    assert StreamMinute.objects.get().pk == before[at(60)], "a minute that stays keeps its row"


def test_a_viewer_who_watches_past_midnight_leaves_with_the_day_and_joins_with_the_next() -> None:
    stream = on_air(performer(), 0, 2 * NEXT)
    play(Play(stream, 1, ((NEXT - 90, NEXT),)))
    play(Play(stream, 1, ((NEXT, NEXT + 61),)))
    compute_all([stream], 0, 1)
    assert minutes(stream) == {
        1438: (0, 1, 0, 0, 0, 0),
        1439: (1, 0, 1, 0, 0, 0),
        1440: (1, 1, 0, 0, 0, 0),
        1441: (1, 0, 1, 0, 0, 0),
    }


EDGES = [0, 1, 30, 59, 60, 61, 90, 119, 120]
SECONDS = st.builds(
    lambda hour, minute, edge: hour * HOUR + minute * MINUTE + edge,
    st.integers(9, 11),
    st.sampled_from([0, 1, 29, 58]),
    st.sampled_from(EDGES),
)
SPANS = (
    st.lists(SECONDS, min_size=2, max_size=6, unique=True)
    .map(sorted)
    .map(lambda edges: tuple(zip(edges[::2], edges[1::2], strict=False)))
)
WATCHED = st.lists(st.tuples(st.integers(0, 3), SPANS), max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(watched=WATCHED)
def test_minutes_are_those_that_counting_second_by_second_gives(watched: list[Any], db: None) -> None:
    run("SAVEPOINT example")
    stream = on_air(performer())
    plays = [Play(stream, who, spans, name=str(number)) for number, (who, spans) in enumerate(watched)]
    for each in plays:
        play(each)
    compute_all([stream])
    found = minutes(stream)
    assert {minute: row[0] for minute, row in found.items() if row[0]} == concurrency(plays)
    assert {minute: row[1:3] for minute, row in found.items() if row[1] + row[2]} == moves(plays)
    assert sum(row[1] for row in found.values()) == sum(row[2] for row in found.values())
    run("ROLLBACK TO SAVEPOINT example")


class TestRights:
    def test_a_performer_reads_hers_and_a_viewer_nothing(self) -> None:
        mine, other = on_air(performer()), on_air(performer())
        for stream in (mine, other):
            play(Play(stream, 1, ((0, 61),)))
        compute_all([mine, other])
        with acting(Role.PERFORMER, user_id=mine.performer_id):
            assert {row.stream_id for row in StreamMinute.objects.all()} == {mine.pk}
        with acting(Role.ANALYST):
            assert {row.stream_id for row in StreamMinute.objects.all()} == {mine.pk, other.pk}
        with acting(Role.VIEWER, user_id=mine.performer_id), refused("permission denied"):
            run("SELECT count(*) FROM analytics_streamminute")

    @pytest.mark.parametrize("role", [Role.WORKER, Role.ANALYST, Role.ADMINISTRATOR, Role.PERFORMER])
    def test_nobody_writes_a_figure(self, role: Role) -> None:
        stream = on_air(performer())
        play(Play(stream, 1, ((0, 61),)))
        compute_all([stream])
        with acting(role, user_id=stream.performer_id):
            for statement in (
                "UPDATE analytics_streamminute SET concurrent = 1000",
                "DELETE FROM analytics_streamminute",
                f"INSERT INTO analytics_streamminute (id, stream_id, performer_id, minute) "
                f"VALUES ('{uuid7()}', '{stream.pk}', '{stream.performer_id}', now())",
                "UPDATE analytics_performerday SET followers = 1000000",
                "DELETE FROM analytics_streamperformance",
                "INSERT INTO analytics_platformday (id, day) VALUES (uuidv7(), current_date)",
            ):
                with refused("permission denied"):
                    run(statement)

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.PERFORMER, Role.ADMINISTRATOR])
    def test_the_worker_alone_computes(self, role: Role) -> None:
        stream = on_air(performer())
        with acting(role, user_id=stream.performer_id):
            for call in (
                f"analytics_stream_minutes_compute(ARRAY['{stream.pk}']::uuid[], ARRAY[now()])",
                f"analytics_stream_performances_compute(ARRAY['{stream.pk}']::uuid[], ARRAY[now()])",
                f"analytics_performer_days_compute(ARRAY['{stream.performer_id}']::uuid[], ARRAY[now()])",
                f"analytics_category_days_compute(ARRAY['{stream.pk}']::uuid[], ARRAY[now()])",
                "analytics_platform_days_compute(ARRAY[now()])",
            ):
                with refused("permission denied"):
                    run(f"SELECT {call}")

    def test_a_figure_is_never_negative_and_a_minute_is_counted_once(self) -> None:
        stream = on_air(performer())
        play(Play(stream, 1, ((0, 61),)))
        compute_all([stream])
        with refused("analytics_streamminute_counts_check"):
            run("UPDATE analytics_streamminute SET joins = -1")
        with refused("analytics_streamminute_stream_minute_key"):
            run(
                "INSERT INTO analytics_streamminute (id, stream_id, performer_id, minute, concurrent, joins, leaves, "
                "chat_messages, tips, tip_tokens) SELECT uuidv7(), stream_id, performer_id, minute, 0, 0, 0, 0, 0, 0 "
                "FROM analytics_streamminute"
            )
