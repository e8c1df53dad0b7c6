"""What goes and what ends when a person is erased, and what the retention run takes."""

import pytest
from django.core.management import call_command

from core.db.context import acting
from core.db.roles import Role
from core.erasure import erasers
from engagement.models import Block, Favourite, Follow, Mute, Reaction, ReactionKey, Share
from engagement.services.blocks import block_place
from engagement.services.favourites import favourite_keep
from engagement.services.mutes import mute_place
from engagement.services.reactions import reaction_give
from engagement.services.shares import share_make
from engagement.tie_choices import CounterKind, FollowEnd
from tests.accounts.factories import staff
from tests.engagement.ties_data import archive, as_person, counted, follow, performer, viewer
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def test_an_erased_person_leaves_no_tie_of_theirs() -> None:
    gone, star, other, stranger = performer(), performer(), viewer(), viewer()
    kept = archive(star)
    follow(gone.user, star)
    follow(other, gone)
    with as_person(gone):
        favourite_keep(performer_id=star.pk, actor=gone.user)
        reaction_give(archive_id=kept.pk, kind="heart", actor=gone.user)
        share_make(archive_id=kept.pk, channel="link", actor=gone.user)
        mute_place(person_id=other.pk, actor=gone.user)
        block_place(person_id=stranger.pk, actor=gone.user)
    with as_person(other):
        mute_place(person_id=gone.pk, actor=other)
    third = viewer()
    with as_person(third):
        block_place(person_id=gone.pk, actor=third)
    (eraser,) = (each for each in erasers() if each.name == "ties")
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        before = eraser.survey(gone.pk)
        with refused("not erased"):
            eraser.erase(gone.pk)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("UPDATE accounts_user SET status = 'closed', closed_at = now() WHERE id = %s", [gone.pk])
    run(
        "UPDATE accounts_user SET status = 'erased', handle = NULL, erased_at = now() WHERE id = %s",
        [gone.pk],
    )
    with acting(Role.COMPLIANCE, user_id=staff(Role.COMPLIANCE).pk):
        after = eraser.erase(gone.pk)
        assert eraser.erase(gone.pk).destroyed == tuple(
            type(line)(line.table, line.words, 0) for line in after.destroyed
        )
    assert {line.table: line.rows for line in before.destroyed} == dict.fromkeys(
        (line.table for line in before.destroyed), 1
    )
    assert after == before
    for model in (Favourite, Reaction, ReactionKey, Share):
        assert not model.objects.exists(), model
    assert Follow.objects.get().end_cause == FollowEnd.GONE
    assert Block.objects.get().ended_at is not None
    assert not Mute.objects.in_force().filter(person=gone.user, expires_at=None).exists()
    assert Mute.objects.count() == 1
    for subject, kind in (
        (star, CounterKind.FOLLOWERS),
        (star, CounterKind.FAVOURITES),
        (kept, CounterKind.REACTIONS),
        (kept, CounterKind.SHARES),
        (gone, CounterKind.FOLLOWERS),
    ):
        assert counted(subject.pk, kind) == 0, (subject, kind)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.WORKER, Role.ADMINISTRATOR])
def test_nobody_else_erases(role: Role) -> None:
    person = viewer()
    with acting(role, user_id=person.pk):
        for name in ("erase", "survey"):
            with refused("permission denied"):
                run(f"SELECT * FROM engagement_ties_{name}(%s)", [person.pk])


def test_what_ended_long_ago_goes_and_the_rest_stays() -> None:
    star, old, lately, lasting = performer(), viewer(), viewer(), viewer()
    for fan in (old, lately, lasting):
        follow(fan, star)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE engagement_follow DISABLE TRIGGER USER")
    for fan, months in ((old, 14), (lately, 12)):
        run(
            "UPDATE engagement_follow SET ended_at = now() - %s * interval '1 month', end_cause = 'unfollowed' "
            "WHERE user_id = %s",
            [months, fan.pk],
        )
    run("ALTER TABLE engagement_follow ENABLE TRIGGER USER")
    call_command("retention_run", "--table", "engagement_follow")
    assert set(Follow.objects.values_list("user_id", flat=True)) == {lately.pk, lasting.pk}
    # What had ended was counted before.
    assert counted(star.pk, CounterKind.FOLLOWERS) == 3
