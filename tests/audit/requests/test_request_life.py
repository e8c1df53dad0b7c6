"""Subject requests from filing to answer: deadlines, who may, and what is refused in words."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import SubjectRequest, SubjectRequestTransition
from audit.request_errors import OwnRequest, RequestRefused, UnknownPerson
from audit.services.subject_requests import (
    subject_request_answer,
    subject_request_confirm,
    subject_request_extend,
    subject_request_file,
    subject_request_refuse,
    subject_request_take,
    subject_request_withdraw,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from core.models.identity import uuid7
from engagement.models import NotificationEvent
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.audit.requests.asking import WHY, asked, by, confirmed, filed, officer
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


def test_a_letter_is_due_a_month_later_and_its_moves_are_on_record(announced: Announced) -> None:
    coral = officer()
    request = filed(actor=coral, received_at=dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC))
    assert request.due_at == request.deadline == dt.datetime(2026, 2, 28, 8, 30, tzinfo=dt.UTC)
    assert request.filed_by == coral
    assert request.reference.startswith("SR-2601-")
    told = announced.only("subject_request_filed")
    assert (told["subject"], told["actor"]) == (request, coral)
    by(coral, subject_request_confirm, request, method="document", reason="seen on video")
    moves = SubjectRequestTransition.objects.filter(request=request).order_by("pk")
    assert [(row.from_status, row.to_status, row.actor, row.reason) for row in moves] == [
        (None, "received", coral, ""),
        ("received", "verified", coral, "seen on video"),
    ]
    assert {row.acting_role for row in moves} == {"vbl_compliance"}


def test_a_person_asks_reads_and_takes_back_in_the_account_and_sees_nobody_elses() -> None:
    anna, other = UserFactory(), UserFactory()
    request = asked(anna, wish="What do you know?")
    assert (request.channel, request.filed_by, request.asked_by) == ("form", anna, "person")
    filed(other)
    with acting(Role.VIEWER, user_id=anna.pk):
        assert list(SubjectRequest.objects.all()) == [request]
        subject_request_withdraw(request_id=request.pk, actor=anna, reason="I am Anna and I found it")
    assert SubjectRequest.objects.get(pk=request.pk).status == "withdrawn"
    # What the person says is not copied to the record of moves, which outlives them.
    assert set(SubjectRequestTransition.objects.filter(request=request).values_list("reason", flat=True)) == {
        ""
    }


def test_an_unknown_or_erased_person_is_refused_in_words() -> None:
    coral = officer()
    with acting(Role.COMPLIANCE, user_id=coral.pk), pytest.raises(UnknownPerson, match="no such person"):
        subject_request_file(person_id=uuid7(), kind="access", channel="email", actor=coral)
    gone = UserFactory()
    run(
        "UPDATE accounts_user SET status = 'closed', closed_at = now() - interval '40 days' WHERE id = %s",
        [gone.pk],
    )
    with acting(Role.COMPLIANCE, user_id=coral.pk):
        run("SELECT * FROM accounts_person_erase(%s)", [gone.pk])
    with pytest.raises(UnknownPerson, match="was erased"):
        filed(gone, actor=coral)
    assert not SubjectRequest.objects.exists()


def test_twice_is_refused_while_the_first_is_open_and_not_afterwards() -> None:
    anna, coral = UserFactory(), officer()
    first = filed(anna, actor=coral)
    with pytest.raises(RequestRefused, match="open for this person already"):
        asked(anna)
    filed(anna, "erasure", actor=coral)
    by(coral, subject_request_refuse, first, ground="not_identified", reason="the address is unknown")
    assert asked(anna).status == "received"


def test_nobody_asks_for_somebody_else_by_the_form() -> None:
    anna, other = UserFactory(), UserFactory()
    with acting(Role.VIEWER, user_id=anna.pk), pytest.raises(RequestRefused, match="about yourself"):
        subject_request_file(person_id=other.pk, kind="access", channel="form", actor=anna)
    with pytest.raises(RequestRefused, match="says who they are"):
        filed(other, asked_by="person", asker="Lawyer Lukas")
    assert filed(other, asked_by="representative", asker="Lawyer Lukas").asker == "Lawyer Lukas"


def test_staff_handle_nothing_about_themselves() -> None:
    coral = officer()
    with pytest.raises(OwnRequest):
        filed(coral, actor=coral)
    request = asked(coral)
    for service, options in (
        (subject_request_take, {}),
        (subject_request_confirm, {"method": "signed_in"}),
        (subject_request_extend, {"months": 1, "reason": WHY}),
        (subject_request_refuse, {"ground": "unfounded", "reason": WHY}),
        (subject_request_answer, {"answer": "Here you are."}),
    ):
        with pytest.raises(OwnRequest):
            by(coral, service, request, **options)
    with pytest.raises(NotThere):
        by(coral, subject_request_withdraw, request)
    assert SubjectRequest.objects.get(pk=request.pk).status == "received"


def test_an_extension_is_once_in_time_short_and_has_a_reason() -> None:
    coral = officer()
    now = timezone.now()
    request = filed(actor=coral, received_at=now - dt.timedelta(days=20))
    for months, reason, words in ((3, WHY, "one or two"), (1, " ", "Say why")):
        with pytest.raises(RequestRefused, match=words):
            by(coral, subject_request_extend, request, months=months, reason=reason)
    request = by(coral, subject_request_extend, request, months=2, reason="many archives")
    assert request.extended_until > request.due_at + dt.timedelta(days=57)
    assert (request.deadline, request.extended_by) == (request.extended_until, coral)
    with pytest.raises(RequestRefused, match="extended once"):
        by(coral, subject_request_extend, request, months=2, reason="still many")
    late = filed(actor=coral, received_at=now - dt.timedelta(days=32))
    with pytest.raises(RequestRefused, match="within the first month"):
        by(coral, subject_request_extend, late, months=1, reason=WHY)


@pytest.mark.parametrize(("ground", "reason"), [("", WHY), ("because", WHY), ("unfounded", "  ")])
def test_a_refusal_without_ground_or_reason_is_none(ground: str, reason: str) -> None:
    coral, request = officer(), filed()
    with pytest.raises(RequestRefused, match="refused"):
        by(coral, subject_request_refuse, request, ground=ground, reason=reason)
    assert SubjectRequest.objects.get(pk=request.pk).status == "received"
    refused = by(
        coral, subject_request_refuse, request, ground="unfounded", reason="asked 40 times this week"
    )
    assert (refused.status, refused.answered_by) == ("refused", coral)
    with pytest.raises(IllegalTransition):
        by(coral, subject_request_confirm, request, method="document")


def test_nothing_is_answered_that_was_not_carried_out() -> None:
    coral, request = officer(), confirmed()
    with pytest.raises(IllegalTransition):
        by(coral, subject_request_answer, request, answer="Here you are.")
    with pytest.raises(StaleVersion):
        by(coral, subject_request_take, request, expected_version=1)


def test_a_date_in_the_future_and_an_unknown_kind_are_refused() -> None:
    with pytest.raises(RequestRefused, match="future"):
        filed(received_at=timezone.now() + dt.timedelta(days=1))
    with pytest.raises(RequestRefused, match="among"):
        filed(kind="everything")


@pytest.mark.parametrize(
    "role", [Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.FINANCE, Role.ANALYST]
)
def test_other_staff_see_none(role: Role) -> None:
    filed()
    member: User = staff(role)
    with acting(role, user_id=member.pk), refused("permission denied"):
        run("SELECT * FROM audit_subjectrequest")


def test_the_person_is_told_that_it_got_on_and_the_mail_says_nothing_of_what() -> None:
    coral, anna = officer(), UserFactory()
    request = confirmed(anna, "rectification", wish="My name was never Rumpelstiltskin.")
    by(coral, subject_request_extend, request, months=1, reason="The letter is in Georgian.")
    by(coral, subject_request_refuse, request, ground="accurate", reason="Nobody here is called so.")
    told = NotificationEvent.objects.filter(trigger__code="subject_request").order_by("pk")
    assert [event.variables["what"].split()[:3] for event in told] == [
        ["We", "need", "longer,"],
        ["It", "is", "refused."],
    ]
    for event in told:
        assert event.variables.keys() == {"reference", "what"}
        assert event.variables["reference"] == request.reference
        assert list(event.recipients) == [anna.pk]
