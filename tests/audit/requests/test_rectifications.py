"""Rectification: each thing that can be corrected is corrected by compliance, with its own rights, or nothing is."""

import pytest

from accounts.choices import ContactKind
from accounts.models import User, UserContact, ViewerProfile
from accounts.services.contacts import contact_add
from audit.models import RequestStep, SubjectRequest
from audit.services.rectifications import REMEDIES, subject_request_rectify
from audit.services.subject_request_runs import subject_request_start
from core.db.locking import NotThere
from core.errors import Refused
from performers.models import PerformerAlias, PerformerProfile, PerformerResidence
from tests.accounts.factories import UserFactory, ViewerProfileFactory
from tests.audit.requests.asking import WHY, by, confirmed, officer
from tests.performers.factories_admission import PerformerFactory

pytestmark = pytest.mark.django_db

RIGHT = {
    "display_name": "Anna of Tbilisi",
    "stage_name": "Anna of Tbilisi",
    "headline": "Chess, every night",
    "biography": "Plays chess since 1999.",
    "pronouns": "she/her",
    "displayed_location": "Tbilisi",
    "alias": "annachess",
    "residence": "GE",
}
WRONG = {**dict.fromkeys(RIGHT, "x" * 10_000), "contact": "not an id", "residence": "Atlantis"}


def carried_out() -> SubjectRequest:
    """A rectification that runs, of a performer who has a profile."""
    performer = PerformerFactory()
    ViewerProfileFactory(user_id=performer.pk, display_name="Wrong name")
    return by(
        officer(),
        subject_request_start,
        confirmed(User.objects.get(pk=performer.pk), "rectification"),
        reason=WHY,
    )


def stands(what: str, person_id: object) -> str:
    """What is said of the person now."""
    if what == "display_name":
        return ViewerProfile.objects.get(user_id=person_id).display_name
    if what == "alias":
        return PerformerAlias.objects.filter(performer_id=person_id).latest("pk").name
    if what == "residence":
        return PerformerResidence.objects.filter(performer_id=person_id).latest("valid").country
    return getattr(PerformerProfile.objects.get(pk=person_id), what)


def test_every_remedy_is_tried() -> None:
    assert set(WRONG) == set(REMEDIES)


@pytest.mark.parametrize("what", RIGHT)
def test_compliance_corrects(what: str) -> None:
    request = carried_out()
    step = by(officer(), subject_request_rectify, request, what=what, value=RIGHT[what], reason=WHY)
    assert stands(what, request.person_id) == RIGHT[what]
    assert (step.outcome, step.columns, step.category) == (
        "rectified",
        list(REMEDIES[what].columns),
        REMEDIES[what].table,
    )
    assert RIGHT[what] not in str(step.__dict__)


def test_an_address_that_is_not_theirs_is_removed_and_nobody_elses() -> None:
    request = carried_out()
    contact = contact_add(user=request.person, kind=ContactKind.EMAIL, value="other@example.net", actor=None)
    stranger = contact_add(user=UserFactory(), kind=ContactKind.EMAIL, value="anna@example.net", actor=None)
    by(officer(), subject_request_rectify, request, what="contact", value=str(contact.pk), reason=WHY)
    assert not UserContact.objects.filter(pk=contact.pk).exists()
    with pytest.raises(NotThere, match="no such address"):
        by(officer(), subject_request_rectify, request, what="contact", value=str(stranger.pk), reason=WHY)
    assert UserContact.objects.filter(pk=stranger.pk).exists()


@pytest.mark.parametrize("what", WRONG)
def test_what_its_own_storey_refuses_is_refused_in_words_and_no_step_is_written(what: str) -> None:
    request = carried_out()
    with pytest.raises(Refused) as refusal:
        by(officer(), subject_request_rectify, request, what=what, value=WRONG[what], reason=WHY)
    assert len(str(refusal.value)) > 10
    assert not RequestStep.objects.filter(request=request).exists()
