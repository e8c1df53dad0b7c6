"""Erasing a performer: what goes, what the law keeps, and that nothing that identifies is left in the open."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services.erasure import erasure_survey, user_erase
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerAlias, PerformerProfile
from performers.services.admission import performer_offboard
from performers.services.profiles import performer_profile_change
from tests.accounts.test_erasure import found_markers
from tests.performers.factories_admission import (
    AttributeFactory,
    DeclarationFactory,
    LanguageFactory,
    PerformerFactory,
    ResidenceFactory,
    explicit_consent,
    verified,
)
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

MARKER = "zmarker"
KEPT = {("performers_performeralias", "name"), ("performers_performeralias", "slug")}
"""Where the law wants the names to be found."""


def full_life() -> PerformerProfile:
    """A performer with something in every table of admission."""
    performer = verified(
        stage_name="Zmarker Luna",
        slug="zmarker-luna",
        headline="zmarker",
        biography="zmarker\nzmarker",
        pronouns="zmarker",
        displayed_location="zmarker",
    )
    with acting(Role.PERFORMER, user_id=performer.pk):
        performer_profile_change(performer_id=performer.pk, actor=performer.user, stage_name="Zmarker Sol")
    LanguageFactory(performer=performer)
    ResidenceFactory(performer=performer)
    explicit_consent(performer)
    AttributeFactory(performer=performer, words="zmarker")
    return performer


def close(performer: PerformerProfile) -> None:
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '31 days' WHERE id = %s",
        [performer.pk],
    )


def erase(performer: PerformerProfile, actor: User) -> Any:
    with acting(Role.COMPLIANCE, user_id=actor.pk):
        return user_erase(user_id=performer.pk, actor=actor, reason="asked for it in writing")


def test_what_identifies_goes_and_what_the_law_demands_stays(compliance: User) -> None:
    performer, other = full_life(), full_life_of_another()
    close(performer)
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        expected = erasure_survey(performer.pk)
    report = erase(performer, compliance)
    assert report == expected
    rows = {
        line.table: line.rows
        for line in report.destroyed
        if line.table.startswith("performers_") and line.rows
    }
    assert rows == {
        "performers_performerprofile": 1,
        "performers_historicalperformerprofile": 2,
        "performers_performerresidence": 1,
        "performers_performerlanguage": 1,
        "performers_performerattribute": 1,
    }
    kept = {
        line.table: line.rows for line in report.kept if line.table.startswith("performers_") and line.rows
    }
    assert kept == {
        "performers_performerprofile": 1,
        "performers_performeralias": 2,
        "performers_identityrecord": 2,
        "performers_identitydocument": 1,
    }
    assert found_markers() - KEPT == set()
    gone = PerformerProfile.objects.get(pk=performer.pk)
    assert (gone.stage_name, gone.slug, gone.status) == (None, None, "offboarded")
    assert str(gone) == f"erased performer {performer.pk}"
    assert not PerformerAlias.objects.in_force().filter(performer=performer).exists()
    assert PerformerProfile.objects.get(pk=other.pk).headline == "stays"
    assert other.languages.count() == other.attributes.count() == 1
    with acting(Role.COMPLIANCE, user_id=compliance.pk):
        after = erasure_survey(performer.pk)
        assert [line for line in after.destroyed if line.rows] == []
        run("SELECT * FROM performers_person_erase(%s)", [performer.pk])


def full_life_of_another() -> PerformerProfile:
    other = verified(headline="stays")
    LanguageFactory(performer=other)
    AttributeFactory(performer=other)
    return other


def test_a_second_erased_performer_and_one_who_left_before(compliance: User) -> None:
    performers = [PerformerFactory(), verified()]
    with acting(Role.PERFORMER, user_id=performers[1].pk):
        performer_offboard(performer_id=performers[1].pk, actor=performers[1].user, reason="")
    left_at = PerformerProfile.objects.get(pk=performers[1].pk).offboarded_at
    for performer in performers:
        close(performer)
        erase(performer, compliance)
    assert PerformerProfile.objects.filter(stage_name=None).count() == 2
    assert PerformerProfile.objects.get(pk=performers[1].pk).offboarded_at == left_at


def test_the_functions_do_no_harm_in_other_hands(compliance: User) -> None:
    performer = full_life()
    with acting(Role.COMPLIANCE, user_id=compliance.pk), refused("is not erased"):
        run("SELECT * FROM performers_person_erase(%s)", [performer.pk])
    with acting(Role.WORKER), refused("permission denied"):
        run("SELECT * FROM performers_person_erase(%s)", [performer.pk])
    with refused("append-only"):
        run("DELETE FROM performers_historicalperformerprofile")


def test_nothing_is_written_about_the_erased_any_more(compliance: User) -> None:
    performer = verified()
    close(performer)
    erase(performer, compliance)
    for factory in (LanguageFactory, ResidenceFactory, DeclarationFactory, AttributeFactory):
        with refused("This person was erased"):
            factory(performer=performer)
    user = User.objects.get(pk=performer.pk)
    assert user.erased_at is not None
    assert user.erased_at <= timezone.now()
