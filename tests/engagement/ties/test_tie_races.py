"""Two at once, on connections of their own: one reaction, no follow beside a block, counters equal to their rows."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from core.db.roles import Role
from engagement.errors import FollowRefused, ReactionRefused
from engagement.models import Block, CounterFold, EngagementCounter, Follow, Reaction, ReactionKey
from engagement.services.blocks import block_place
from engagement.services.counters import counters_differences, counters_fold
from engagement.services.follows import follow_begin, follow_end
from engagement.services.reactions import reaction_give
from engagement.tie_choices import CounterKind
from performers.models import PerformerProfile
from tests.accounts.test_races import at_once, refusals
from tests.audit.sealing import settle
from tests.engagement.ties_data import archive, as_person, fold_all, follow, performer, viewer

pytestmark = pytest.mark.django_db(transaction=True)


def folded(star: PerformerProfile) -> int:
    """Followers as the counter shows them."""
    return EngagementCounter.objects.get(subject=star.pk, kind=CounterKind.FOLLOWERS).value


def test_one_person_follows_and_reacts_once() -> None:
    star, fan = performer(), viewer()
    kept = archive(star)

    def begin() -> Any:
        with as_person(fan):
            return follow_begin(performer_id=star.pk, actor=fan)

    def react() -> Any:
        with as_person(fan):
            return reaction_give(archive_id=kept.pk, kind="heart", actor=fan)

    assert refusals(at_once(*[begin] * 4)) == [FollowRefused] * 3
    assert refusals(at_once(*[react] * 4)) == [ReactionRefused] * 3
    assert Follow.objects.count() == Reaction.objects.count() == ReactionKey.objects.count() == 1
    fold_all()
    assert counters_differences() == []


def test_a_follow_and_a_block_at_the_same_moment_exclude_one_another() -> None:
    pairs = [(performer(), viewer()) for _ in range(6)]

    def begin(star: PerformerProfile, fan: User) -> Any:
        with as_person(fan):
            return follow_begin(performer_id=star.pk, actor=fan)

    def block(star: PerformerProfile, fan: User) -> Any:
        with as_person(star, Role.PERFORMER):
            return block_place(person_id=fan.pk, actor=star.user)

    for star, fan in pairs:
        outcomes = at_once(
            lambda star=star, fan=fan: begin(star, fan), lambda star=star, fan=fan: block(star, fan)
        )
        assert set(refusals(outcomes)) <= {FollowRefused}
    assert Block.objects.in_force().count() == len(pairs)
    assert not Follow.objects.in_force().exists()
    fold_all()
    assert counters_differences() == []


def test_a_block_waits_for_a_follow_that_is_on_its_way() -> None:
    star, fan = performer(), viewer()
    followed, blocking = Barrier(2), Barrier(2)

    def begin() -> None:
        with transaction.atomic():
            follow(fan, star)
            followed.wait(timeout=10)
            blocking.wait(timeout=10)
        connection.close()

    thread = Thread(target=begin)
    thread.start()
    followed.wait(timeout=10)
    with as_person(star, Role.PERFORMER):
        blocking.wait(timeout=10)
        block_place(person_id=fan.pk, actor=star.user)
    thread.join(timeout=10)
    assert Follow.objects.get().ended_at is not None


def test_counters_equal_their_rows_after_writers_and_folders_that_race() -> None:
    stars, fans = [performer(), performer()], [viewer() for _ in range(4)]

    def restless(fan: User) -> None:
        for turn in range(9):
            star = stars[turn % 2]
            with as_person(fan):
                follow_begin(performer_id=star.pk, actor=fan)
            if turn < 8:
                with as_person(fan):
                    follow_end(performer_id=star.pk, actor=fan)

    def folder() -> None:
        for _ in range(12):
            counters_fold()

    outcomes = at_once(*(lambda fan=fan: restless(fan) for fan in fans), folder, folder)
    assert refusals(outcomes) == []
    assert counters_differences() == []
    fold_all()
    assert fold_all() == 0
    assert [folded(star) for star in stars] == [
        Follow.objects.in_force().filter(performer=star).count() for star in stars
    ]
    assert sum(folded(star) for star in stars) == len(fans)
    assert counters_differences() == []


def test_what_commits_late_is_folded_later_and_once() -> None:
    star, early, late = performer(), viewer(), viewer()
    written, go_on = Barrier(2), Barrier(2)

    def slow() -> None:
        with transaction.atomic():
            follow(late, star)
            written.wait(timeout=10)
            go_on.wait(timeout=30)
        connection.close()

    thread = Thread(target=slow)
    thread.start()
    written.wait(timeout=10)
    # Committed after the slow one began: it lies beyond the horizon, and so waits with it.
    follow(early, star)
    assert counters_fold() == 0
    assert not CounterFold.objects.exists()
    go_on.wait(timeout=10)
    thread.join(timeout=10)
    settle()
    call_command("counters_fold")
    assert folded(star) == 2
    assert counters_differences() == []
