"""Follows: who may follow whom, who reads it, what the feed and the fan-out make of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from engagement.errors import FollowRefused
from engagement.following import followed_and_live, followers_in_batches, followers_to_tell, follows
from engagement.models import Follow
from engagement.services.follows import (
    NewFollow,
    follow_begin,
    follow_end,
    follow_notify,
    follows_import,
)
from engagement.services.mutes import mute_lift, mute_place
from engagement.tie_choices import CounterKind, FollowEnd, NotifyLevel
from tests.engagement.ties_data import as_person, as_worker, counted, follow, performer, stream, viewer
from tests.sql import affected, refused, run
from tests.streams.factories_catalogue import category as make_category
from tests.streams.factories_watching import described

pytestmark = pytest.mark.django_db


def test_one_follows_ends_and_follows_again() -> None:
    star, fan = performer(), viewer()
    first = follow(fan, star)
    with as_person(fan):
        assert follows(person_id=fan.pk, performer_id=star.pk) == first
        with pytest.raises(FollowRefused, match="follow this performer already"):
            follow_begin(performer_id=star.pk, actor=fan)
        assert follow_notify(performer_id=star.pk, actor=fan, notify="live").notify == NotifyLevel.LIVE
        ended = follow_end(performer_id=star.pk, actor=fan)
        assert (ended.pk, ended.end_cause) == (first.pk, FollowEnd.UNFOLLOWED)
        for act in (follow_end, lambda **o: follow_notify(notify="all", **o)):
            with pytest.raises(FollowRefused, match="do not follow"):
                act(performer_id=star.pk, actor=fan)
    assert counted(star.pk, CounterKind.FOLLOWERS) == 0
    again = follow(fan, star, notify="none")
    assert again.pk != first.pk
    assert counted(star.pk, CounterKind.FOLLOWERS) == 1


@pytest.mark.parametrize("status", ["draft", "expired", "offboarded"])
def test_only_the_public_are_followed(status: str) -> None:
    star, fan = performer(status=status), viewer()
    with as_person(fan), pytest.raises(FollowRefused, match="not here at the moment"):
        follow_begin(performer_id=star.pk, actor=fan)


def test_what_makes_no_sense() -> None:
    star, fan = performer(), viewer()
    with as_person(star), pytest.raises(FollowRefused, match="Nobody follows themselves"):
        follow_begin(performer_id=star.pk, actor=star.user)
    with as_person(fan):
        with pytest.raises(FollowRefused):
            follow_begin(performer_id=uuid4(), actor=fan)
        with pytest.raises(FollowRefused, match="not of 'loud'"):
            follow_begin(performer_id=star.pk, actor=fan, notify="loud")
    gone = viewer(status="erased")
    with as_person(gone), pytest.raises(FollowRefused, match="erased"):
        follow_begin(performer_id=star.pk, actor=gone)
    assert counted(star.pk, CounterKind.FOLLOWERS) == 0


def test_the_row_is_what_the_trigger_says() -> None:
    star, other, fan = performer(), performer(), viewer()
    follow(fan, star)
    with as_person(fan):
        with refused("permission denied"):
            run("UPDATE engagement_follow SET performer_id = %s", [other.pk])
        with refused("engagement_follow_end_check"):
            run("UPDATE engagement_follow SET ended_at = now()")
        assert (
            affected(
                "UPDATE engagement_follow SET ended_at = now() - interval '1 year', end_cause = 'unfollowed'"
            )
            == 1
        )
        (at,) = run("SELECT ended_at > now() - interval '1 minute' FROM engagement_follow")[0]
        assert at
        with refused("has ended"):
            run("UPDATE engagement_follow SET ended_at = NULL, end_cause = NULL")
        with refused("permission denied"):
            run("DELETE FROM engagement_follow")


def test_who_reads_who_follows_whom() -> None:
    star, other, fan, eve = performer(), performer(), viewer(), viewer()
    follow(fan, star)
    follow(eve, other)
    with as_person(fan):
        assert Follow.objects.get().performer_id == star.pk
        with refused("row-level security"):
            run("INSERT INTO engagement_follow (user_id, performer_id) VALUES (%s, %s)", [eve.pk, star.pk])
        assert affected("UPDATE engagement_follow SET notify = 'none' WHERE user_id = %s", [eve.pk]) == 0
    with as_person(star, Role.PERFORMER):
        assert Follow.objects.get().user_id == fan.pk
        assert affected("UPDATE engagement_follow SET notify = 'all'") == 0
    # In her role as a viewer nobody sees who follows her.
    with as_person(star):
        assert not Follow.objects.exists()
    with acting(Role.VIEWER, user_id=None):
        assert not Follow.objects.exists()
    for role in (Role.FINANCE, Role.ANALYST, Role.ADMINISTRATOR, Role.APP):
        with acting(role, user_id=fan.pk), refused("permission denied"):
            run("SELECT id FROM engagement_follow")
    for role in (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.AUDITOR):
        with acting(role, user_id=eve.pk):
            assert Follow.objects.count() == 2
            with refused("permission denied"):
                run("UPDATE engagement_follow SET notify = 'none'")


def test_the_feed_shows_who_is_on_air(django_assert_num_queries: Any) -> None:
    fan, stars = viewer(), [performer() for _ in range(6)]
    live = [stream(star) for star in stars[:4]]
    stream(stars[4], status="ended")
    stream(stars[5], visibility="unlisted")
    stream(performer())
    for star in stars:
        follow(fan, star)
    knitting = make_category("Knitting")
    described(live[2], category=knitting)
    with as_person(fan):
        with django_assert_num_queries(1):
            assert [found.pk for found in followed_and_live(viewer_id=fan.pk)] == [
                each.pk for each in reversed(live)
            ]
        page = list(followed_and_live(viewer_id=fan.pk, limit=2))
        rest = list(followed_and_live(viewer_id=fan.pk, limit=2, after=page[-1].pk))
        assert [*page, *rest] == list(reversed(live))
        mute_place(person_id=stars[0].pk, actor=fan)
        mute_place(category_id=knitting.pk, actor=fan, until=timezone.now() + timedelta(hours=1))
        assert list(followed_and_live(viewer_id=fan.pk)) == [live[3], live[1]]
        mute_lift(person_id=stars[0].pk, actor=fan)
        follow_end(performer_id=stars[3].pk, actor=fan)
        assert list(followed_and_live(viewer_id=fan.pk)) == [live[1], live[0]]


def test_whom_to_tell() -> None:
    star, fans = performer(), [viewer() for _ in range(7)]
    for fan, level in zip(fans, ("all", "live", "none", "all", "all", "all", "live"), strict=True):
        follow(fan, star, notify=level)
    with as_person(fans[3]):
        follow_end(performer_id=star.pk, actor=fans[3])
    with as_person(fans[4]):
        mute_place(person_id=star.pk, actor=fans[4])
    with as_worker():
        batches = list(followers_in_batches(performer_id=star.pk, batch=2))
        everything = followers_to_tell(performer_id=star.pk, levels=[NotifyLevel.ALL])
    assert [len(batch) for batch in batches] == [2, 2]
    assert [each for batch in batches for each in batch] == [fans[n].pk for n in (0, 1, 5, 6)]
    assert [person for _, person in everything] == [fans[0].pk, fans[5].pk]


def test_an_import_is_repeatable_and_takes_over_what_is_not_examined_yet() -> None:
    star, draft, fans = performer(), performer(status="draft"), [viewer() for _ in range(3)]
    follow(fans[0], star)
    with as_person(fans[0]):
        follow_end(performer_id=star.pk, actor=fans[0])
    wanted = [NewFollow(user_id=fan.pk, performer_id=to.pk) for fan in fans for to in (star, draft)]
    with as_worker():
        assert follows_import(follows=[*wanted, *wanted[:2]]) == 5
        assert follows_import(follows=wanted) == 0
        with pytest.raises(FollowRefused):
            follows_import(
                follows=[
                    NewFollow(user_id=viewer().pk, performer_id=star.pk),
                    NewFollow(user_id=viewer().pk, performer_id=uuid4()),
                ]
            )
        assert Follow.objects.count() == 6
    assert counted(star.pk, CounterKind.FOLLOWERS) == 2
    assert counted(draft.pk, CounterKind.FOLLOWERS) == 3
