"""Profiles of performers: begun, named, changed, and who sees them."""

from typing import Any

import pytest

from accounts.models import User
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role
from core.errors import StaleVersion
from core.models.identity import uuid7
from performers.choices import AliasSource, PerformerStatus
from performers.errors import ProfileRefused
from performers.models import PerformerAlias, PerformerProfile
from performers.services.profiles import (
    performer_apply,
    performer_profile_change,
    performer_profile_correct,
)
from performers.services.stage_names import slug_of
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.performers.factories_admission import PerformerFactory, verified
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

REASON = "an address stands in it"


def apply(name: str, user: User | None = None, **texts: str) -> PerformerProfile:
    user = user or UserFactory()
    with acting(Role.VIEWER, user_id=user.pk):
        return performer_apply(user_id=user.pk, stage_name=name, actor=user, **texts)


def change(profile: PerformerProfile, **values: Any) -> PerformerProfile:
    with acting(Role.PERFORMER, user_id=profile.pk):
        return performer_profile_change(performer_id=profile.pk, actor=profile.user, **values)


def names_of(profile: PerformerProfile) -> list[tuple[str, bool]]:
    """The stage names on record, in order, and whether each is in use."""
    rows = PerformerAlias.objects.filter(performer=profile, source=AliasSource.STAGE_NAME).order_by("valid")
    return [(row.name, row.valid.upper is None) for row in rows]


def test_an_application_begins_as_a_draft_with_the_id_of_its_person(announced: Announced) -> None:
    profile = apply("  Zoe\u0308 Star ", headline="Good evening")
    assert (profile.pk, profile.status) == (profile.user_id, PerformerStatus.DRAFT)
    assert (profile.stage_name, profile.slug) == ("Zo\u00eb Star", "zoe-star")
    assert names_of(profile) == [("Zo\u00eb Star", True)]
    told = announced.only("performer_applied")
    assert told["subject"] == profile.user


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ольга", "olga"),
        ("김민지", "gimminji"),
        ("王小明", "wangxiaoming"),
        ("محمد", "mhmd"),
        ("D'Arcy & Co.", "darcy-co"),
        ("x" * 50, "x" * 50),
        ("ab " * 16 + "cd", ("ab-" * 16 + "cd")[:50]),
    ],
)
def test_every_script_has_an_address(name: str, slug: str) -> None:
    assert slug_of(name, uuid7()) == slug
    assert apply(name).slug == slug


def test_a_name_of_which_nothing_can_be_written_takes_the_end_of_the_id() -> None:
    number = uuid7()
    assert slug_of("!!", number) == f"performer-{number.hex[-12:]}"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "2 to 50|blank"),
        ("\u00a0 \u2003", "2 to 50|blank"),
        ("x", "2 to 50"),
        ("x" * 51, "2 to 50"),
        ("ab\u0007c", "control characters"),
        ("ab\u202ec", "direction marks"),
        ("\u3164\u3164\u3164", "blank|characters"),
        ("a\x00b", "cannot be stored"),
        ("a\ud800b", "cannot be stored"),
        ("BELLA Luna", "taken"),
        ("Bella-Luna", "taken|looks like"),
        ("B\u0435lla Luna", "taken|looks like"),
        ("Bel1a Luna", "looks like"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_words_and_nothing_is_written(name: str, words: str) -> None:
    apply("Bella Luna")
    with pytest.raises(ProfileRefused, match=words):
        apply(name)
    assert PerformerProfile.objects.count() == PerformerAlias.objects.count() == 1


def test_who_cannot_apply() -> None:
    profile = apply("Bella")
    with pytest.raises(ProfileRefused, match="has a performer's profile already"):
        apply("Stella", profile.user)
    with pytest.raises(ProfileRefused, match="Only an active account"):
        apply("Stella", UserFactory(status="suspended"))
    with pytest.raises(ProfileRefused, match="no status"):
        apply("Stella", status="verified")
    user, other = UserFactory.create_batch(2)
    with acting(Role.VIEWER, user_id=user.pk):
        with pytest.raises(NotThere):
            performer_apply(user_id=other.pk, stage_name="Stella", actor=user)
        with refused("row-level security"):
            run(
                "INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, "
                "pronouns, displayed_location, status) VALUES (%s, %s, 'Stella', 'stella', '', '', '', '', 'draft')",
                [other.pk, other.pk],
            )


def test_a_new_name_brings_a_new_address_and_the_old_one_rests(announced: Announced) -> None:
    profile = apply("Bella")
    for name in ("Stella", "Bella", "Luna"):
        profile = change(profile, stage_name=name)
    assert profile.slug == "luna"
    assert names_of(profile) == [("Bella", False), ("Stella", False), ("Bella", False), ("Luna", True)]
    assert announced[-1][1]["changed"] == ("slug", "stage_name")
    with pytest.raises(ProfileRefused, match="until lately"):
        apply("Stella")
    assert change(profile, stage_name="Stella").slug == "stella"
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE performers_performeralias DISABLE TRIGGER USER")
    run(
        "UPDATE performers_performeralias SET valid = tstzrange(now() - interval '400 days', "
        "now() - interval '181 days') WHERE slug = 'luna'"
    )
    run("ALTER TABLE performers_performeralias ENABLE TRIGGER USER")
    assert apply("Luna").slug == "luna"


def test_changes_are_told_with_names_and_kept_in_history(announced: Announced) -> None:
    profile = apply("Bella")
    change(profile, headline="Back on Friday", biography="Many words.\nAnd more.")
    assert announced.only("performer_profile_changed")["changed"] == ("biography", "headline")
    change(profile, headline="Back on Friday")
    assert announced.actions.count("performer_profile_changed") == 1
    assert PerformerProfile.history.filter(id=profile.pk).count() == 2
    with pytest.raises(StaleVersion):
        change(profile, headline="x", expected_version=1)
    with pytest.raises(ProfileRefused, match="0 to 120"):
        change(profile, headline="x" * 121)
    with pytest.raises(ProfileRefused, match="no status"):
        change(profile, status="verified")


def test_moderators_take_texts_off_but_not_their_own() -> None:
    profile = verified(headline="call me", biography="12 Some Street")
    moderator = staff(Role.MODERATOR)
    own = PerformerFactory(user=moderator, headline="mine")
    with acting(Role.MODERATOR, user_id=moderator.pk):
        performer_profile_correct(
            performer_id=profile.pk, texts=["biography"], actor=moderator, reason=REASON
        )
        with pytest.raises(NotThere):
            performer_profile_correct(performer_id=own.pk, texts=["headline"], actor=moderator, reason=REASON)
        with pytest.raises(ProfileRefused, match="Choose what"):
            performer_profile_correct(performer_id=profile.pk, texts=[], actor=moderator, reason=REASON)
        with refused("permission denied"):
            run("UPDATE performers_performerprofile SET status = 'offboarded', offboarded_at = now()")
    assert PerformerProfile.objects.get(pk=profile.pk).biography == ""
    assert PerformerProfile.objects.get(pk=own.pk).headline == "mine"


def test_everybody_sees_the_public_ones_and_a_performer_her_own() -> None:
    shown = [verified().pk, verified(status="paused").pk]
    hidden = [
        PerformerFactory(status=status).pk for status in ("draft", "submitted", "rejected", "offboarded")
    ]
    stranger = UserFactory()
    own = PerformerProfile.objects.get(pk=hidden[0])
    question = "SELECT id FROM performers_performerprofile ORDER BY id"
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=stranger.pk):
            assert [row[0] for row in run(question)] == sorted(shown)
        with acting(role, user_id=own.pk):
            assert [row[0] for row in run(question)] == sorted([*shown, own.pk])
        with acting(role):
            assert len(run(question)) == 2
    for role in (*STAFF_ROLES, Role.WORKER):
        with acting(role, user_id=stranger.pk):
            assert len(run(question)) == 6, role


def test_a_performer_writes_in_her_own_row_only() -> None:
    mine, other = PerformerFactory(), verified()
    with acting(Role.PERFORMER, user_id=mine.pk):
        assert affected("UPDATE performers_performerprofile SET headline = 'hello'") == 1
    assert PerformerProfile.objects.get(pk=other.pk).headline == ""
    for role in ACTING_ROLES:
        with acting(role, user_id=mine.pk), refused("permission denied|append-only"):
            run("DELETE FROM performers_performerprofile")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE performers_performerprofile SET slug = 'A b'", "slug_format_check"),
        ("UPDATE performers_performerprofile SET slug = NULL", "named_check"),
        ("UPDATE performers_performerprofile SET stage_name = NULL, slug = NULL", "named_check"),
        ("UPDATE performers_performerprofile SET stage_name = E'a\\u200b\\u200b'", "stage_name_format_check"),
        ("UPDATE performers_performerprofile SET user_id = gen_random_uuid()", "cannot be changed"),
        ("UPDATE performers_performerprofile SET renewal_submitted_at = now()", "renewal_check"),
        ("UPDATE performers_performerprofile SET offboarded_at = now()", "offboarded_at_check"),
        ("UPDATE performers_performerprofile SET status = 'submitted'", "submitted_at_check"),
    ],
)
def test_rules_attacked_by_the_owner(statement: str, words: str) -> None:
    PerformerFactory()
    with refused(words):
        run(statement)
