"""The engine: what is taken when, what a kill leaves, what two at once do, and that a rebuild is no other way."""

import datetime as dt
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from analytics.errors import RebuildRefused
from analytics.models import RollupState, RollupTouch
from analytics.rollups.engine import Bucket, Grain, Touch
from analytics.services.rollups import (
    rollup_rebuild,
    rollup_run,
    rollups_run,
    rollups_waiting,
    touches_record,
)
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.test_races import at_once
from tests.analytics.rolling import run_all
from tests.analytics.tiny import TinyHour, add, days, hours, tiny_rollups
from tests.audit.sealing import settle
from tests.sql import refused, run

pytestmark = pytest.mark.django_db(transaction=True)

NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
DAY = NOON.date()
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def tiny() -> Iterator[None]:
    with tiny_rollups():
        yield


class TestTaking:
    def test_touched_buckets_are_computed_once_and_what_reads_them_follows(self) -> None:
        one, other = uuid4(), uuid4()
        add(one, NOON, 3)
        add(one, NOON + 10 * MINUTE, 4)
        add(other, NOON + 70 * MINUTE, 5)
        first = run_all()
        assert hours() == {(one, NOON): 7, (other, NOON + 60 * MINUTE): 5}
        assert days() == {Grain.DAY.floor(NOON): 12}
        assert [(each.name, each.touches, each.buckets, each.touched) for each in first] == [
            ("tiny_hour", 3, 2, 1),
            ("tiny_day", 1, 1, 0),
        ]
        again = run_all()
        assert all(each.touches == 0 and each.is_caught_up for each in again)

    def test_a_late_row_opens_its_bucket_and_no_other(self) -> None:
        one, other = uuid4(), uuid4()
        add(one, NOON, 3)
        add(other, NOON, 5)
        run_all()
        # What is not touched is not computed: a figure that somebody bent stays bent.
        run("UPDATE tiny_hour SET total = 1000 WHERE subject = %s", [other])
        add(one, NOON + MINUTE, 1)
        done = run_all()
        assert hours() == {(one, NOON): 4, (other, NOON): 1000}
        assert done[0].buckets == 1

    @pytest.mark.parametrize("most", [1, 2, 5])
    def test_a_run_is_cut_after_so_many_buckets_even_within_one_moment(self, most: int) -> None:
        subjects = [uuid4() for _ in range(5)]
        with transaction.atomic():
            for amount, subject in enumerate(subjects):
                add(subject, NOON, amount)
                add(subject, NOON, 10)
        settle()
        seen = []
        while True:
            done = rollup_run(name="tiny_hour", most=most)
            assert done.buckets <= most
            seen.append(done)
            if done.is_caught_up:
                break
        assert sum(each.touches for each in seen) == 10
        assert hours() == {(subject, NOON): 10 + amount for amount, subject in enumerate(subjects)}

    def test_what_an_older_transaction_holds_back_waits_and_is_not_lost(self) -> None:
        """A touch with a smaller moment commits after a run: it is above the horizon of that run, not below."""
        slow, quick = uuid4(), uuid4()
        written, go_on = Event(), Event()

        def linger() -> None:
            with transaction.atomic():
                add(slow, NOON, 1)
                written.set()
                go_on.wait(timeout=20)
            connection.close()

        settle()
        thread = Thread(target=linger)
        thread.start()
        assert written.wait(timeout=10)
        add(quick, NOON, 2)
        rollups_run()
        assert hours() == {}, "the quick one is younger than what still runs, so it waits too"
        go_on.set()
        thread.join(timeout=20)
        run_all()
        assert hours() == {(slow, NOON): 1, (quick, NOON): 2}

    def test_what_waits_can_be_asked(self) -> None:
        one = uuid4()
        add(one, NOON, 1)
        add(one, NOON, 1)
        assert [(each.name, each.buckets) for each in rollups_waiting()] == [
            ("tiny_hour", 1),
            ("tiny_day", 0),
        ]
        run_all()
        assert [(each.buckets, each.since) for each in rollups_waiting()] == [(0, None), (0, None)]


class Killed(BaseException):
    """The process is gone."""


def killed_at(number: int) -> Callable[..., Any]:
    """A wrapper that kills at the statement of that number."""
    left = [number]

    def execute(go: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return go(sql, params, many, context)

    return execute


def test_killed_at_any_statement_and_run_again_it_comes_to_the_same() -> None:
    one, other = uuid4(), uuid4()
    add(one, NOON, 3)
    add(other, NOON + 80 * MINUTE, 5)
    settle()
    kills = 0
    while True:
        try:
            with connection.execute_wrapper(killed_at(kills)):
                rollups_run(most=1)
            break
        except Killed:
            kills += 1
            # Half of a run is no run: whatever stands is whole.
            assert set(hours().values()) <= {3, 5}
            connection.close()
    assert kills > 20
    run_all()
    assert hours() == {(one, NOON): 3, (other, NOON + 60 * MINUTE): 5}
    assert days() == {Grain.DAY.floor(NOON): 8}


def test_runs_at_once_and_writers_beside_them_come_to_the_same() -> None:
    subjects = [uuid4() for _ in range(3)]

    def write(subject: UUID) -> Callable[[], None]:
        def act() -> None:
            for number in range(20):
                add(subject, NOON + number * 7 * MINUTE, 1)

        return act

    outcomes = at_once(*(write(each) for each in subjects), *[lambda: len(rollups_run(most=2))] * 3)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    run_all()
    expected: dict[tuple[UUID, dt.datetime], int] = {}
    for subject in subjects:
        for number in range(20):
            key = (subject, Grain.HOUR.floor(NOON + number * 7 * MINUTE))
            expected[key] = expected.get(key, 0) + 1
    assert hours() == expected
    assert sum(days().values()) == 60
    state = RollupState.objects.get(name="tiny_hour")
    assert state.touches == 60, "each touch was taken by one run"


class TestRebuilding:
    def rebuild(self, **options: Any) -> int:
        asked = {
            "name": "tiny_hour",
            "since": DAY,
            "until": DAY + dt.timedelta(days=1),
            "actor": None,
            "reason": "The figures were bent.",
        }
        return rollup_rebuild(**{**asked, **options})

    def test_a_rebuild_mends_what_was_bent_and_removes_what_has_no_source(self) -> None:
        one, ghost = uuid4(), uuid4()
        add(one, NOON, 3)
        run_all()
        run("UPDATE tiny_hour SET total = 99")
        run("INSERT INTO tiny_hour VALUES (%s, %s, 7)", [ghost, NOON])
        assert self.rebuild() == 2
        run_all()
        assert hours() == {(one, NOON): 3}
        assert days() == {Grain.DAY.floor(NOON): 3}

    def test_of_one_subject_and_of_days_that_are_named(self) -> None:
        one, other = uuid4(), uuid4()
        for subject in (one, other):
            add(subject, NOON, 1)
            add(subject, NOON + dt.timedelta(days=1), 1)
        assert self.rebuild(subject_id=one) == 1
        assert self.rebuild() == 2
        assert self.rebuild(until=DAY + dt.timedelta(days=400)) == 4

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"name": "no_such"}, "There is no roll-up 'no_such'; there are: tiny_hour, tiny_day."),
            ({"until": DAY}, "ends"),
            ({"until": DAY + dt.timedelta(days=401)}, "400 days at most"),
            ({"until": DAY + dt.timedelta(days=3653)}, "rebuild a part at a time"),
            ({"reason": "  "}, "Say why"),
        ],
    )
    def test_what_is_refused(self, options: dict[str, Any], words: str) -> None:
        with pytest.raises(RebuildRefused, match=words):
            self.rebuild(**options)
        assert not RollupTouch.objects.exists()

    def test_while_rows_come_in_nothing_is_counted_twice(self) -> None:
        one = uuid4()

        def write() -> None:
            for number in range(30):
                add(one, NOON + number * MINUTE, 1)

        outcomes = at_once(write, *[lambda: (self.rebuild(), rollups_run())] * 2)
        assert [each for each in outcomes if isinstance(each, Exception)] == []
        run_all()
        assert hours() == {(one, NOON): 30}


class TestClosedBuckets:
    """What retention took from the sources must not be missing from figures that stand."""

    @pytest.fixture(autouse=True)
    def whole_since_noon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(TinyHour, "earliest", lambda self, now: NOON)

    def test_a_touch_of_a_closed_bucket_computes_nothing(self) -> None:
        one = uuid4()
        run("INSERT INTO tiny_hour VALUES (%s, %s, 50)", [one, NOON - 60 * MINUTE])
        add(one, NOON - MINUTE, 1)
        add(one, NOON, 2)
        done = run_all()
        assert (done[0].touches, done[0].buckets, done[0].closed) == (2, 1, 1)
        assert hours() == {(one, NOON - 60 * MINUTE): 50, (one, NOON): 2}

    def test_a_rebuild_of_closed_buckets_is_refused(self) -> None:
        with pytest.raises(RebuildRefused, match="kept since 2026-03-04: begin no earlier"):
            rollup_rebuild(
                name="tiny_hour",
                since=DAY - dt.timedelta(days=1),
                until=DAY + dt.timedelta(days=1),
                actor=None,
                reason="Curiosity",
            )


class TestWhoMay:
    def test_the_moment_is_that_of_the_transaction_whatever_a_statement_says(self) -> None:
        with acting(Role.WORKER):
            run(
                "INSERT INTO analytics_rolluptouch (rollup, subject, start, moment) VALUES ('tiny_hour', %s, %s, 1)",
                [uuid4(), NOON],
            )
            ((moment, now),) = run("SELECT moment, ledger_moment() FROM analytics_rolluptouch")
        assert moment == now

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER, Role.ANALYST, Role.ADMINISTRATOR])
    def test_nobody_but_the_worker_touches(self, role: Role) -> None:
        with acting(role, user_id=uuid4()):
            with refused("permission denied"):
                run("SELECT analytics_touch('tiny_hour', %s, %s)", [uuid4(), NOON])
            with refused("permission denied"):
                run("SELECT figures_changed('chat', %s, %s)", [uuid4(), NOON])
            with refused("permission denied"):
                touches_record(touches=[Touch("tiny_hour", uuid4(), NOON)])
            with refused("permission denied"):
                run("UPDATE analytics_rollupstate SET until = 0")

    def test_touches_and_settings_stay_as_they_are(self) -> None:
        add(uuid4(), NOON, 1)
        with refused("append-only"):
            run("UPDATE analytics_rolluptouch SET moment = 0")
        with acting(Role.WORKER), refused("permission denied"):
            run("DELETE FROM analytics_rolluptouch")


class TestGrain:
    def test_buckets_of_a_range(self) -> None:
        start = NOON + 20 * MINUTE
        assert list(Grain.HOUR.starts(start, start + 60 * MINUTE)) == [NOON, NOON + 60 * MINUTE]
        assert Grain.WEEK.floor(NOON) == dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        assert Grain.MONTH.after(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)) == dt.datetime(
            2026, 2, 1, tzinfo=dt.UTC
        )

    def test_a_naive_instant_has_no_bucket(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            Grain.DAY.floor(NOON.replace(tzinfo=None))

    def test_buckets_are_in_order(self) -> None:
        low, high = UUID(int=1), UUID(int=2)
        assert sorted([Bucket(high, NOON), Bucket(low, NOON)])[0].subject == low
