"""Messages and rooms as subjects of moderation: reported, copied with what was said around them, removed, restored."""

import pytest
from django.utils import timezone

from accounts.models import User
from audit.effects import EffectRequest
from audit.models import Evidence
from audit.moderation_choices import DecisionOutcome, EffectKind, ReportSource, SubjectKind
from audit.moderation_errors import ReportRefused
from audit.services.decisions import case_decide
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import Role
from engagement.chat_choices import MessageStatus
from engagement.errors import MessageRefused
from engagement.models import ChatMessage, ChatRoom
from tests.accounts.factories import staff
from tests.audit.factories_decisions import make_policy, reverse
from tests.engagement.chat_data import as_person, past, room_of, said, viewer

pytestmark = pytest.mark.django_db


def reported(kind: SubjectKind, subject_id: object, reporter: User) -> object:
    with acting(Role.VIEWER, user_id=reporter.pk):
        return report_file(
            subject_kind=kind,
            subject_id=subject_id,  # type: ignore[arg-type]
            category="harassment",
            source=ReportSource.USER,
            words="Insults.",
            good_faith=True,
            actor=reporter,
        )


def decided(case_id: object, moderator: User, effect: EffectKind) -> object:
    wording = make_policy()
    with acting(Role.MODERATOR, user_id=moderator.pk):
        return case_decide(
            case_id=case_id,  # type: ignore[arg-type]
            actor=moderator,
            outcome=DecisionOutcome.VIOLATION,
            reasons="We read the conversation and saw an insult.",
            policy_version_id=wording.pk,
            effects=[EffectRequest(kind=effect)],
        )


def test_a_message_from_the_report_to_the_reversal() -> None:
    room, ann, bob = room_of(), viewer(), viewer()
    moderator = staff(Role.MODERATOR)
    keys = past(room, ann, 40)
    report = reported(SubjectKind.CHAT_MESSAGE, keys[25], bob)
    copy = Evidence.objects.get(case=report.case_id, kind="snapshot").content  # type: ignore[attr-defined]
    assert copy["body"] == "Line 25" and copy["handle"] == ann.handle
    assert [line["body"] for line in copy["before"]] == [f"Line {number}" for number in range(5, 25)]
    assert [line["body"] for line in copy["after"]] == [f"Line {number}" for number in range(26, 36)]
    decision = decided(report.case_id, moderator, EffectKind.CHAT_MESSAGE_HIDE)  # type: ignore[attr-defined]
    message = ChatMessage.objects.get(pk=keys[25])
    assert (message.status, message.moderated_by_id) == (MessageStatus.REMOVED, moderator.pk)
    with as_person(bob):
        assert not ChatMessage.objects.filter(pk=keys[25]).exists()
    reversal = reverse(decision, staff(Role.LEAD_MODERATOR))  # type: ignore[arg-type]
    assert reversal.effects.get().result == "done"
    message.refresh_from_db()
    assert message.status == MessageStatus.VISIBLE


def test_evidence_survives_the_message() -> None:
    room, ann = room_of(), viewer()
    (key,) = past(room, ann, 1)
    report = reported(SubjectKind.CHAT_MESSAGE, key, viewer())
    ChatMessage.objects.filter(pk=key).delete()
    assert Evidence.objects.get(case=report.case_id).content["body"] == "Line 0"  # type: ignore[attr-defined]


def test_a_room_is_hidden_and_shown_again() -> None:
    room, ann = room_of(), viewer()
    said(room, ann, "Something")
    report = reported(SubjectKind.CHAT_ROOM, room.pk, viewer())
    copy = Evidence.objects.get(case=report.case_id).content  # type: ignore[attr-defined]
    assert [line["body"] for line in copy["latest"]] == ["Something"]
    decision = decided(report.case_id, staff(Role.MODERATOR), EffectKind.CHAT_ROOM_HIDE)  # type: ignore[attr-defined]
    assert ChatRoom.objects.get(pk=room.pk).hidden_at is not None
    with pytest.raises(MessageRefused, match="hidden by a decision"):
        said(room, ann)
    reverse(decision, staff(Role.LEAD_MODERATOR))  # type: ignore[arg-type]
    assert said(room, ann)


def test_nobody_reports_themselves_or_what_the_system_says() -> None:
    room, ann = room_of(), viewer()
    message = said(room, ann)
    with pytest.raises(ReportRefused, match="themselves"):
        reported(SubjectKind.CHAT_MESSAGE, message.pk, ann)
    with acting(Role.WORKER):
        line = ChatMessage.objects.create(
            room=room, performer_id=room.performer_id, kind="system", body="Begins"
        )
    with pytest.raises(ReportRefused, match="no such"):
        reported(SubjectKind.CHAT_MESSAGE, line.pk, ann)
    assert timezone.now() >= line.created_at
