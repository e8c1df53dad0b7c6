"""Two at once, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.choices import PerformerStatus
from performers.errors import AdmissionRefused, ProfileRefused
from performers.models import IdentityRecord, PerformerAlias, PerformerProfile
from performers.services.admission import application_submit
from performers.services.examinations import examination_decide
from performers.services.profiles import performer_apply
from tests.accounts.factories import UserFactory, staff
from tests.accounts.test_races import at_once, refusals
from tests.performers.factories_admission import PerformerFactory, declare

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_stage_name_is_given_once_and_one_application_decided_once() -> None:
    """In one test, for a clone of the database each would cost more than the races."""

    def apply(name: str) -> Callable[[], PerformerProfile]:
        user = UserFactory()

        def act() -> PerformerProfile:
            with acting(Role.VIEWER, user_id=user.pk):
                return performer_apply(user_id=user.pk, stage_name=name, actor=user)

        return act

    outcomes = at_once(apply("Bella Luna"), apply("BELLA LUNA"), apply("Bella-Luna"))
    assert refusals(outcomes) == [ProfileRefused] * 2
    assert PerformerProfile.objects.count() == PerformerAlias.objects.count() == 1

    performer = PerformerFactory()
    declare(performer)
    with acting(Role.PERFORMER, user_id=performer.pk):
        application_submit(performer_id=performer.pk, actor=performer.user)

    def decide(**verdict: Any) -> Callable[[], IdentityRecord]:
        actor = staff(Role.COMPLIANCE)

        def act() -> IdentityRecord:
            with acting(Role.COMPLIANCE, user_id=actor.pk):
                return examination_decide(
                    performer_id=performer.pk, actor=actor, reason="compared with the passport", **verdict
                )

        return act

    outcomes = at_once(
        decide(verdict="accepted", adult_at_examination=True),
        decide(verdict="rejected", ground="unreadable"),
    )
    assert refusals(outcomes) == [AdmissionRefused]
    (record,) = [outcome for outcome in outcomes if not isinstance(outcome, Refused)]
    assert IdentityRecord.objects.filter(verdict__isnull=False).get() == record
    expected = {"accepted": PerformerStatus.VERIFIED, "rejected": PerformerStatus.REJECTED}[record.verdict]
    assert PerformerProfile.objects.get(pk=performer.pk).status == expected
