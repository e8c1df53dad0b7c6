"""Reported private messages: who may report, what is copied, and that staff read it for a reason, on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import Case, Evidence, PrivateCopy, SecurityEvent, SensitiveRead
from audit.moderation_choices import EffectKind, EvidenceKind
from audit.moderation_errors import ReportRefused
from audit.services.private_messages import private_messages_open
from audit.services.reports import report_file
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import ACTING_ROLES, STAFF_ROLES, Role
from core.encryption.reveal import RevealRefused
from core.models.identity import uuid7
from engagement.models import Conversation, DirectMessage
from engagement.services.attachment_scans import attachments_forget
from engagement.services.direct_messages import direct_message_delete
from tests.accounts.conftest import lead as lead
from tests.accounts.conftest import moderator as moderator
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import reverse as take_back
from tests.audit.factories_decisions import violation
from tests.audit.factories_moderation import claimed, make_report
from tests.browser import Browser
from tests.engagement.messages.conftest import files as files
from tests.engagement.messages_data import accepted, as_person, scanned, write
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
REASON = "the reporter says that they were threatened"
WORDS = "zmarker I know where you live"


@pytest.fixture
def ann() -> User:
    """Who wrote what is reported."""
    return UserFactory()


@pytest.fixture
def bob() -> User:
    """Who received it, and reports."""
    return UserFactory()


@pytest.fixture
def talk(ann: User, bob: User) -> tuple[Conversation, DirectMessage]:
    """25 messages before the one that is reported, and 12 after it."""
    conversation = accepted(ann, bob)
    for number in range(25):
        write(conversation, bob if number % 2 else ann, f"before {number}")
    said = write(conversation, ann, WORDS)
    for number in range(12):
        write(conversation, bob, f"after {number}")
    return conversation, said


@pytest.fixture
def case(talk: Any, bob: User) -> Case:
    """The case that a report of the message opened."""
    return Case.objects.get(pk=make_report(talk[1], bob, "direct_message").case_id)


def evidence_of(case: Case) -> Evidence:
    """The copy that the report made."""
    return Evidence.objects.get(case=case, kind=EvidenceKind.SNAPSHOT)


def read(case: Case, person: User, role: Role = Role.MODERATOR, reason: str = REASON) -> Any:
    """Open what was copied."""
    with acting(role, user_id=person.pk):
        return private_messages_open(evidence_id=evidence_of(case).pk, actor=person, reason=reason)


def test_who_received_it_reports_it_and_nobody_else(talk: Any, ann: User, bob: User, moderator: User) -> None:
    _, said = talk
    assert make_report(said, bob, "direct_message").person_id == ann.pk
    for reporter in (ann, UserFactory()):
        with pytest.raises(ReportRefused, match="by the person who received it"):
            make_report(said, reporter, "direct_message")
    with pytest.raises(ReportRefused):
        make_report(DirectMessage(pk=uuid7()), bob, "direct_message")
    for source, more in (("staff", {}), ("authority", {"organisation": "Police", "good_faith": True})):
        with acting(Role.MODERATOR, user_id=moderator.pk), pytest.raises(ReportRefused, match="received it"):
            report_file(
                subject_kind="direct_message",
                subject_id=said.pk,
                category="harassment",
                source=source,
                actor=moderator,
                words="I would like to read this",
                **more,
            )
    assert Case.objects.count() == 1


def test_the_evidence_says_no_word_and_the_copy_stands_apart(case: Case, talk: Any, ann: User) -> None:
    content = evidence_of(case).content
    assert "zmarker" not in str(content)
    assert (content["handle"], content["characters"]) == (ann.handle, len(WORDS))
    assert (content["copied_before"], content["copied_after"]) == (20, 10)
    with acting(Role.OWNER):
        copied = list(PrivateCopy.objects.order_by("position"))
    assert [row.position for row in copied] == [*range(-20, 11)]
    assert [row.body for row in copied if row.position in (-20, -1, 0, 1, 10)] == [
        "before 5",
        "before 24",
        WORDS,
        "after 0",
        "after 9",
    ]


@pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role not in (Role.VIEWER, Role.PERFORMER)])
def test_no_role_of_staff_reads_the_copies_by_itself(case: Case, role: Role) -> None:
    person = staff(role) if role in STAFF_ROLES else UserFactory()
    if role in (Role.MODERATOR, Role.LEAD_MODERATOR):
        claimed(case, person, role)
    evidence = evidence_of(case)
    with acting(role, user_id=person.pk):
        for statement in ("SELECT * FROM audit_privatecopy", "DELETE FROM audit_privatecopy"):
            with refused("permission denied"):
                run(statement)
        with refused("permission denied|recorded in the same transaction"):
            run("SELECT * FROM moderation_private_words(%s)", [evidence.pk])


def test_whoever_reported_sees_what_they_handed_over(case: Case, ann: User, bob: User) -> None:
    for person, rows in ((bob, 31), (ann, 0), (UserFactory(), 0)):
        with as_person(person):
            assert run("SELECT count(*) FROM audit_privatecopy") == [(rows,)]


def test_they_are_opened_for_a_reason_and_it_is_on_record(
    case: Case, ann: User, moderator: User, announced: Any
) -> None:
    claimed(case, moderator)
    opened = read(case, moderator)
    assert [message.place for message in opened] == [*range(-20, 11)]
    (said,) = [message for message in opened if message.is_reported]
    assert (said.body, said.handle, said.sender_id) == (WORDS, ann.handle, ann.pk)
    assert "zmarker" not in repr(opened)
    reading = SensitiveRead.objects.get()
    assert (reading.actor_id, reading.person_id, reading.fields) == (moderator.pk, ann.pk, ["body"])
    assert (reading.subject_type, reading.case_reference) == ("audit.evidence", case.reference)
    assert announced.only("data_revealed")["reason"] == REASON


def test_a_record_of_another_transaction_or_of_other_evidence_opens_nothing(
    case: Case, ann: User, bob: User, talk: Any, moderator: User
) -> None:
    claimed(case, moderator)
    other = Case.objects.get(pk=make_report(write(talk[0], ann, "another"), bob, "direct_message").case_id)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        private_messages_open(evidence_id=evidence_of(case).pk, actor=moderator, reason=REASON)
        with refused("recorded in the same transaction"):
            run("SELECT * FROM moderation_private_words(%s)", [evidence_of(other).pk])
        with refused("with its event data_revealed|does not exist|permission denied"):
            run("SELECT sensitive_read_record(%s, %s, ARRAY['body'], '')", [evidence_of(other).pk, ann.pk])


def test_only_whoever_works_the_case_opens_them(case: Case, ann: User, bob: User, moderator: User) -> None:
    # The request goes on after a refusal, and with it the record that somebody tried.
    with (
        acting(Role.MODERATOR, user_id=moderator.pk),
        pytest.raises(RevealRefused, match="Claim the case first"),
    ):
        private_messages_open(evidence_id=evidence_of(case).pk, actor=moderator, reason=REASON)
    assert not SensitiveRead.objects.exists(), "what was not read is not recorded as read"
    assert SecurityEvent.objects.filter(kind="reveal_refused").count() == 1
    claimed(case, moderator)
    colleague = staff(Role.MODERATOR)
    with pytest.raises(RevealRefused, match="Claim the case first"):
        read(case, colleague)
    with pytest.raises(RevealRefused, match="at least 10 characters"):
        read(case, moderator, reason="curious")
    with acting(Role.AUDITOR, user_id=staff(Role.AUDITOR).pk) as context:
        auditor = User.objects.get(pk=context.user_id)
        with refused("permission denied"):
            private_messages_open(evidence_id=evidence_of(case).pk, actor=auditor, reason=REASON)
    compliance = staff(Role.COMPLIANCE)
    assert len(read(case, compliance, Role.COMPLIANCE)) == 31
    assert SensitiveRead.objects.count() == 1


@pytest.mark.parametrize("which", ["ann", "bob"])
def test_nobody_opens_their_own(case: Case, which: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(which)
    with pytest.raises((RevealRefused, NotThere), match="own messages|no such private messages"):
        read(case, person, Role.COMPLIANCE)
    assert not SensitiveRead.objects.exists()


def test_a_message_that_was_deleted_meanwhile_can_be_reported_and_read(
    talk: Any, ann: User, bob: User, moderator: User
) -> None:
    _, said = talk
    with as_person(ann):
        direct_message_delete(message_id=said.pk, actor=ann)
    case = Case.objects.get(pk=make_report(said, bob, "direct_message").case_id)
    claimed(case, moderator)
    (shown,) = [message for message in read(case, moderator) if message.is_reported]
    assert (shown.body, shown.status) == (WORDS, "deleted")


def test_a_decision_hides_it_and_its_reversal_shows_it_again(
    case: Case, talk: Any, ann: User, bob: User, lead: User
) -> None:
    decision = violation(case, lead, EffectKind.DIRECT_MESSAGE_HIDE, role=Role.LEAD_MODERATOR)
    with as_person(bob):
        assert not DirectMessage.objects.filter(pk=talk[1].pk).exists()
    with as_person(ann):
        assert DirectMessage.objects.get(pk=talk[1].pk).status == "hidden"
    assert take_back(decision, lead).effects.get().result == "done"
    with as_person(bob):
        assert DirectMessage.objects.get(pk=talk[1].pk).body == WORDS


def test_a_file_that_evidence_names_is_not_destroyed(ann: User, bob: User, files: Any) -> None:
    conversation = accepted(ann, bob)
    attachment = scanned(ann, files)
    message = write(conversation, ann, "look", attachment_ids=[attachment.pk])
    case = Case.objects.get(pk=make_report(message, bob, "direct_message").case_id)
    assert Evidence.objects.filter(case=case, object_key=attachment.object_key).count() == 1
    with acting(Role.OWNER):
        assert run("SELECT engagement_attachment_needed(%s)", [attachment.pk]) == [(True,)]
    assert attachments_forget() == 0


def test_the_page_asks_for_a_reason_shows_once_and_keeps_nothing(
    case: Case, staff_client: StaffClient
) -> None:
    browser = staff_client(Role.MODERATOR)
    claimed(case, browser.user)
    case_page = browser.get(reverse("admin:audit_case_change", args=[case.pk])).content.decode()
    address = reverse("admin:audit_case_private", args=[case.pk, evidence_of(case).pk])
    assert address in case_page
    assert "zmarker" not in case_page
    form = browser.get(address)
    assert "zmarker" not in form.content.decode()
    token = {"submission": form.context["token"]}
    assert "at least 10" in browser.send(address, {"reason": "short", **token}).content.decode()
    shown = browser.send(address, {"reason": REASON, **token})
    assert WORDS in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    again = browser.send(address, {"reason": REASON, **token})
    assert again.status_code == 302, "a form that was sent twice shows nothing twice"
    assert SensitiveRead.objects.count() == 1
    assert staff_client(Role.AUDITOR).get(address).status_code == 403
    assert staff_client(Role.SUPPORT).get(address).status_code == 403
