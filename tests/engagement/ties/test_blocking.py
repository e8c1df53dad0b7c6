"""Blocks as the database knows them: who is told, who reads, what they end."""

from uuid import uuid4

import pytest

from core.db.context import acting
from core.db.roles import Role
from engagement.blocking import blocked_between, blockers_of
from engagement.errors import (
    BlockRefused,
    FavouriteRefused,
    FollowRefused,
    ReactionRefused,
    ShareRefused,
)
from engagement.models import Block, Follow
from engagement.services.blocks import block_lift, block_place
from engagement.services.favourites import favourite_keep
from engagement.services.follows import follow_begin
from engagement.services.reactions import reaction_give
from engagement.services.shares import share_make
from engagement.tie_announcements import block_lifted, block_placed
from engagement.tie_choices import CounterKind, FollowEnd
from tests.engagement.ties_data import (
    REACT,
    archive,
    as_person,
    as_worker,
    counted,
    follow,
    performer,
    viewer,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


def test_either_direction_is_told_to_both_and_to_nobody_else() -> None:
    ann, bob, eve = viewer(), viewer(), viewer()
    with as_person(ann):
        block_place(person_id=bob.pk, actor=ann)
    for person in (ann, bob):
        with as_person(person):
            assert blocked_between(person_id=ann.pk, other_id=bob.pk)
            assert blocked_between(person_id=bob.pk, other_id=ann.pk)
    with as_person(bob):
        assert blockers_of(bob.pk, [ann.pk, eve.pk]) == {ann.pk}
        assert not blocked_between(person_id=bob.pk, other_id=eve.pk)
        assert blockers_of(bob.pk, []) == set()
    for role in (Role.VIEWER, Role.PERFORMER):
        with as_person(eve, role):
            with refused("blocks of their own only"):
                blocked_between(person_id=ann.pk, other_id=bob.pk)
            with refused("blocks of their own only"):
                blockers_of(ann.pk, [bob.pk])
    with acting(Role.VIEWER, user_id=None), refused("blocks of their own only"):
        blocked_between(person_id=ann.pk, other_id=bob.pk)
    with as_worker():
        assert blockers_of(ann.pk, [bob.pk, eve.pk, uuid4()]) == {bob.pk}
        assert blockers_of(bob.pk, [ann.pk]) == {ann.pk}


def test_who_is_blocked_reads_nothing_and_changes_nothing() -> None:
    ann, bob = viewer(), viewer()
    with as_person(ann):
        block = block_place(person_id=bob.pk, actor=ann)
    for role in (Role.VIEWER, Role.PERFORMER):
        with as_person(bob, role):
            assert not Block.objects.exists()
            assert affected("UPDATE engagement_block SET ended_at = now()") == 0
            with refused("permission denied"):
                run("DELETE FROM engagement_block")
            with refused("row-level security"):
                run("INSERT INTO engagement_block (blocker_id, blocked_id) VALUES (%s, %s)", [ann.pk, bob.pk])
    with as_person(ann):
        assert Block.objects.get() == block
    with acting(Role.VIEWER, user_id=None):
        assert not Block.objects.exists()
    for role in (Role.FINANCE, Role.ANALYST, Role.ADMINISTRATOR, Role.APP):
        with acting(role, user_id=ann.pk), refused("permission denied"):
            run("SELECT id FROM engagement_block")
    for role in (Role.SUPPORT, Role.MODERATOR, Role.COMPLIANCE, Role.AUDITOR):
        with acting(role, user_id=bob.pk):
            assert Block.objects.count() == 1
            with refused("permission denied"):
                run("UPDATE engagement_block SET ended_at = now()")


@pytest.mark.parametrize("who", ["performer", "viewer"])
def test_a_block_ends_follows_in_both_directions_and_keeps_new_ones_away(who: str) -> None:
    star, fan = performer(), performer()
    follow(fan.user, star)
    follow(star.user, fan)
    blocker, blocked = (star, fan) if who == "performer" else (fan, star)
    with as_person(blocker, Role.PERFORMER):
        block_place(person_id=blocked.pk, actor=blocker.user)
    with as_worker():
        assert {follow.end_cause for follow in Follow.objects.all()} == {FollowEnd.BLOCKED}
    for follower, followed in ((fan, star), (star, fan)):
        assert counted(followed.pk, CounterKind.FOLLOWERS) == 0
        with as_person(follower):
            with pytest.raises(FollowRefused, match="cannot follow this performer"):
                follow_begin(performer_id=followed.pk, actor=follower.user)
            with refused("cannot follow this performer"):
                run(
                    "INSERT INTO engagement_follow (user_id, performer_id) VALUES (%s, %s)",
                    [follower.pk, followed.pk],
                )
    with as_person(blocker):
        block_lift(person_id=blocked.pk, actor=blocker.user)
    follow(fan.user, star)
    assert counted(star.pk, CounterKind.FOLLOWERS) == 1


def test_raw_sql_ends_follows_too() -> None:
    star, fan = performer(), viewer()
    follow(fan, star)
    with as_person(star, Role.PERFORMER):
        run("INSERT INTO engagement_block (blocker_id, blocked_id) VALUES (%s, %s)", [star.pk, fan.pk])
    with as_worker():
        assert Follow.objects.get().end_cause == FollowEnd.BLOCKED


def test_between_blocked_people_nothing_is_done() -> None:
    star, fan = performer(), viewer()
    kept = archive(star)
    with as_person(star, Role.PERFORMER):
        block_place(person_id=fan.pk, actor=star.user)
    with as_person(fan):
        for act, refusal in (
            (lambda: favourite_keep(performer_id=star.pk, actor=fan), FavouriteRefused),
            (lambda: favourite_keep(archive_id=kept.pk, actor=fan), FavouriteRefused),
            (lambda: reaction_give(archive_id=kept.pk, kind="heart", actor=fan), ReactionRefused),
            (lambda: share_make(archive_id=kept.pk, channel="link", actor=fan), ShareRefused),
        ):
            with pytest.raises(refusal, match="blocked the other"):
                act()
        with refused("blocked the other"):
            run(REACT, [fan.pk, "archive", kept.pk])


def test_what_a_block_refuses() -> None:
    ann, bob = viewer(), viewer()
    with as_person(ann):
        with pytest.raises(BlockRefused, match="Nobody blocks themselves"):
            block_place(person_id=ann.pk, actor=ann)
        with pytest.raises(BlockRefused):
            block_place(person_id=uuid4(), actor=ann)
        with pytest.raises(BlockRefused, match="have not blocked"):
            block_lift(person_id=bob.pk, actor=ann)
        block_place(person_id=bob.pk, actor=ann)
        with pytest.raises(BlockRefused, match="blocked this person already"):
            block_place(person_id=bob.pk, actor=ann)
        block_lift(person_id=bob.pk, actor=ann)
        with refused("has ended"):
            run("UPDATE engagement_block SET ended_at = NULL")
        with refused("has ended"):
            run("UPDATE engagement_block SET ended_at = now() + interval '1 day'")
        with refused("permission denied"):
            run("UPDATE engagement_block SET blocked_id = %s", [ann.pk])
        block_place(person_id=bob.pk, actor=ann)
        assert Block.objects.count() == 2
    erased = viewer(status="erased")
    with as_person(ann), pytest.raises(BlockRefused, match="erased"):
        block_place(person_id=erased.pk, actor=ann)


def test_what_is_announced() -> None:
    heard: list[tuple[str, Block]] = []

    def placed(sender: object, block: Block, **_: object) -> None:
        heard.append(("placed", block))

    def lifted(sender: object, block: Block, **_: object) -> None:
        heard.append(("lifted", block))

    ann, bob = viewer(), viewer()
    block_placed.connect(placed)
    block_lifted.connect(lifted)
    try:
        with as_person(ann):
            block = block_place(person_id=bob.pk, actor=ann)
            block_lift(person_id=bob.pk, actor=ann)
    finally:
        block_placed.disconnect(placed)
        block_lifted.disconnect(lifted)
    assert heard == [("placed", block), ("lifted", block)]
    with acting(Role.AUDITOR, user_id=viewer().pk):
        assert run("SELECT count(*) FROM audit_event WHERE subject_id = %s", [str(block.pk)]) == [(0,)]
