"""Favourites, mutes, reactions and shares: what is refused, who reads, what counts."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived
from engagement.errors import FavouriteRefused, MuteRefused, ReactionRefused, ShareRefused
from engagement.models import Favourite, Mute, Reaction, ReactionKey, Share
from engagement.services.favourites import favourite_drop, favourite_keep
from engagement.services.mutes import mute_lift, mute_place
from engagement.services.reactions import reaction_give, reaction_take_back
from engagement.services.shares import share_make
from engagement.tie_choices import CounterKind
from tests.engagement.ties_data import REACT, archive, as_person, counted, performer, stream, viewer
from tests.sql import affected, refused, run
from tests.streams.factories_catalogue import category as make_category

pytestmark = pytest.mark.django_db

GIVE = "INSERT INTO engagement_reaction (id, user_id, target_type, target, kind) VALUES (%s, %s, %s, %s, %s)"


def test_favourites_come_and_go_and_are_counted() -> None:
    star, fan, category = performer(), viewer(), make_category("Knitting")
    kept, other = archive(star), make_category("Baking")
    targets: list[dict[str, Any]] = [
        {"performer_id": star.pk},
        {"archive_id": kept.pk},
        {"category_id": category.pk},
    ]
    with as_person(fan):
        for target in targets:
            favourite_keep(actor=fan, **target)
            with pytest.raises(FavouriteRefused, match="among your favourites"):
                favourite_keep(actor=fan, **target)
        for wrong in ({}, {**targets[0], **targets[1]}):
            with pytest.raises(FavouriteRefused, match="one performer, one archive, or one category"):
                favourite_keep(actor=fan, **wrong)
        with pytest.raises(FavouriteRefused):
            favourite_keep(actor=fan, archive_id=uuid4())
        with refused("engagement_favourite_target_check"):
            run(
                "INSERT INTO engagement_favourite (user_id, performer_id, category_id) VALUES (%s, %s, %s)",
                [fan.pk, star.pk, other.pk],
            )
    assert counted(star.pk, CounterKind.FAVOURITES) == counted(kept.pk, CounterKind.FAVOURITES) == 1
    with as_person(fan):
        favourite_drop(actor=fan, performer_id=star.pk)
        # The archive of the same performer stays.
        assert Favourite.objects.count() == 2
        with pytest.raises(FavouriteRefused, match="not among"):
            favourite_drop(actor=fan, performer_id=star.pk)
    assert counted(star.pk, CounterKind.FAVOURITES) == 0
    assert counted(kept.pk, CounterKind.FAVOURITES) == 1
    with as_person(star, Role.PERFORMER):
        assert not Favourite.objects.exists()
        with pytest.raises(FavouriteRefused, match="themselves"):
            favourite_keep(actor=star.user, performer_id=star.pk)


def test_mutes_run_out_and_are_nobody_elses_business() -> None:
    ann, bob, category = viewer(), viewer(), make_category("Singing")
    soon = timezone.now() + timedelta(minutes=5)
    with as_person(ann):
        first = mute_place(person_id=bob.pk, actor=ann)
        again = mute_place(person_id=bob.pk, actor=ann, until=soon)
        assert (again.pk, again.expires_at) == (first.pk, soon)
        mute_place(category_id=category.pk, actor=ann)
        assert Mute.objects.in_force().count() == 2
        for wrong in (
            {"person_id": bob.pk, "until": timezone.now() - timedelta(hours=1)},
            {"person_id": bob.pk, "until": soon.replace(tzinfo=None)},
            {"person_id": ann.pk},
            {},
            {"person_id": bob.pk, "category_id": category.pk},
            {"person_id": uuid4()},
        ):
            with pytest.raises(MuteRefused):
                mute_place(actor=ann, **wrong)  # type: ignore[arg-type]
    with as_person(bob):
        assert not Mute.objects.exists()
        with pytest.raises(MuteRefused, match="not muted"):
            mute_lift(person_id=ann.pk, actor=bob)
    with as_person(ann):
        mute_lift(person_id=bob.pk, actor=ann)
        assert Mute.objects.count() == 1


def test_a_reaction_is_given_once_whatever_month_it_is_in() -> None:
    star, fan = performer(), viewer()
    kept, live = archive(star), stream(performer())
    with as_person(fan):
        reaction_give(archive_id=kept.pk, kind="heart", actor=fan)
        reaction_give(archive_id=kept.pk, kind="fire", actor=fan)
        reaction_give(stream_id=live.pk, kind="heart", actor=fan)
        with pytest.raises(ReactionRefused, match="reacted like this already"):
            reaction_give(archive_id=kept.pk, kind="heart", actor=fan)
        # An id of another month leads into another partition, in which there is no such row.
        other = uuid7_derived(timezone.now() + timedelta(days=32), "another month")
        with refused(
            "engagement_reactionkey_user_id_target_kind_key|engagement_reactionkey_user_target_kind_key"
        ):
            run(GIVE, [other, fan.pk, "archive", kept.pk, "heart"])
    assert counted(kept.pk, CounterKind.REACTIONS) == 2
    assert counted(live.pk, CounterKind.REACTIONS) == 1
    with as_person(fan):
        assert ReactionKey.objects.count() == Reaction.objects.count() == 3
        assert {reaction.performer_id for reaction in Reaction.objects.filter(target=kept.pk)} == {star.pk}


def test_a_reaction_taken_back_can_be_given_again() -> None:
    fan, kept = viewer(), archive(performer())
    with as_person(fan):
        for _ in range(2):
            reaction_give(archive_id=kept.pk, kind="wow", actor=fan)
            reaction_take_back(archive_id=kept.pk, kind="wow", actor=fan)
        with pytest.raises(ReactionRefused, match="not reacted"):
            reaction_take_back(archive_id=kept.pk, kind="wow", actor=fan)
        assert not ReactionKey.objects.exists()
    assert counted(kept.pk, CounterKind.REACTIONS) == 0


def test_what_is_no_reaction() -> None:
    star, fan, eve = performer(), viewer(), viewer()
    kept, live = archive(star), stream(star)
    with as_person(fan):
        for wrong in (
            {"kind": "shrug", "archive_id": kept.pk},
            {"kind": "heart"},
            {"kind": "heart", "archive_id": kept.pk, "stream_id": live.pk},
            {"kind": "heart", "archive_id": uuid4()},
            {"kind": "heart", "stream_id": kept.pk},
        ):
            with pytest.raises(ReactionRefused):
                reaction_give(actor=fan, **wrong)  # type: ignore[arg-type]
        with refused("blocks of their own only"):
            run(REACT, [eve.pk, "archive", kept.pk])
        with refused("is not there|target_type"):
            run(REACT, [fan.pk, "room", kept.pk])
        with refused("permission denied"):
            run("INSERT INTO engagement_reactionkey (user_id) VALUES (%s)", [fan.pk])
        with refused("permission denied"):
            run("DELETE FROM engagement_reactionkey")
        reaction_give(archive_id=kept.pk, kind="heart", actor=fan)
        with refused("permission denied|cannot be changed"):
            run("UPDATE engagement_reaction SET kind = 'fire'")
    with as_person(star, Role.PERFORMER):
        assert not Reaction.objects.exists()
        with pytest.raises(ReactionRefused, match="their own"):
            reaction_give(actor=star.user, kind="heart", archive_id=kept.pk)
    with as_person(eve):
        assert affected("DELETE FROM engagement_reaction") == 0
        with pytest.raises(ReactionRefused, match="not reacted"):
            reaction_take_back(actor=eve, kind="heart", archive_id=kept.pk)


def test_shares_lead_to_one_target_and_are_never_changed() -> None:
    star, fan = performer(), viewer()
    kept, live = archive(star), stream(star)
    with as_person(fan):
        shares = [
            share_make(actor=fan, channel="link", performer_id=star.pk),
            share_make(actor=fan, channel="email", stream_id=live.pk),
            share_make(actor=fan, channel="social", archive_id=kept.pk),
        ]
        assert len({share.link for share in shares}) == 3
        assert {share.performer_id for share in Share.objects.all()} == {star.pk}
        for wrong in (
            {"channel": "pigeon", "performer_id": star.pk},
            {"channel": "link"},
            {"channel": "link", "stream_id": live.pk, "archive_id": kept.pk},
            {"channel": "link", "stream_id": uuid4()},
        ):
            with pytest.raises(ShareRefused):
                share_make(actor=fan, **wrong)  # type: ignore[arg-type]
        with refused("permission denied"):
            run("UPDATE engagement_share SET channel = 'embed'")
        with refused("permission denied"):
            run("DELETE FROM engagement_share")
    with acting(Role.OWNER), refused("append-only"):
        run("DELETE FROM engagement_share")
    for subject in (star, live, kept):
        assert counted(subject.pk, CounterKind.SHARES) == 1
    with as_person(star, Role.PERFORMER):
        assert not Share.objects.exists()
