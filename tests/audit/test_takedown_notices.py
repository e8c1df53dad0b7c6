"""A copyright notice from receipt to its end, through the services: what each step does, refuses and announces."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.business_days import business_days_after
from audit.models import CounterNotice, TakedownClaimant, TakedownNotice, TakedownTarget
from audit.services.counter_notice_intake import counter_notice_complete, counter_notice_receive
from audit.services.counter_notices import (
    action_filed_record,
    content_restore,
    counter_notice_accept,
    counter_notice_ask,
    counter_notice_reject,
    counter_notices_lapse,
)
from audit.services.takedown_intake import Subject, notice_name, notice_receive
from audit.services.takedown_notices import (
    notice_accept,
    notice_act,
    notice_ask,
    notice_complete,
    notice_reject,
    notice_retract,
    notices_lapse,
)
from audit.takedown_errors import CounterNoticeRefused, NoticeRefused, OwnNotice, TooEarly
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, StaleVersion
from streams.models import Archive, ArchiveDecision, Stream
from streams.services.archive_decisions import archive_remove, archive_restore, archive_restrict
from tests.accounts.factories import staff
from tests.audit.takedowns import (
    ALL,
    ALL_OF_COUNTER,
    WHY,
    accepted,
    answer_to,
    answered,
    as_compliance,
    carried_out,
    new_notice,
    received,
    valid_answer,
)
from tests.streams.factories_archives import make_archive, make_performer, make_stream
from tests.streams.factories_broadcasting import live

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(db: None) -> User:
    return staff(Role.COMPLIANCE, handle="coral")


def status_of(archive: Archive) -> str:
    return Archive.all_objects.get(pk=archive.pk).status


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_from_the_mail_to_the_court(officer: User, announced: Any) -> None:
    archive = make_archive()
    with as_compliance(officer):
        notice = notice_receive(new=new_notice(archive), actor=officer)
        assert notice.due_at == business_days_after(notice.received_at, 3)
        notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
        notice_act(notice_id=notice.pk, actor=officer, reason=WHY)
    notice = again(notice)
    assert (notice.status, notice.due_at, status_of(archive)) == ("content_disabled", None, "removed")
    decision = ArchiveDecision.objects.get(archive=archive, kind="remove")
    assert decision.decided_by == officer
    assert notice.reference in decision.reason
    target = notice.targets.get()
    assert (target.effect, target.decision, target.status_before) == ("removed", decision, "approved")
    counter = answered(notice)
    with as_compliance(officer):
        counter = counter_notice_accept(counter_notice_id=counter.pk, actor=officer, reason=WHY)
        assert again(notice).due_at == counter.restore_by
        with pytest.raises(TooEarly, match="may still file an action"):
            content_restore(counter_notice_id=counter.pk, actor=officer, reason=WHY)
        for _ in range(2):
            action_filed_record(
                counter_notice_id=counter.pk, court_reference="SDNY 26-cv-1", actor=officer, reason=WHY
            )
        with pytest.raises(IllegalTransition, match="answered by an action"):
            content_restore(counter_notice_id=counter.pk, actor=officer, reason=WHY)
    assert (again(notice).status, again(notice).due_at, status_of(archive)) == ("upheld", None, "removed")
    assert [
        action for action in announced.actions if action.startswith(("takedown", "counter", "action"))
    ] == [
        "takedown_received",
        "takedown_accepted",
        "takedown_carried_out",
        "counter_notice_received",
        "counter_notice_accepted",
        "action_filed",
    ]
    moves = list(notice.transitions.order_by("pk").values_list("to_status", "actor", "is_imported"))
    assert [move[0] for move in moves] == [
        "received",
        "accepted",
        "content_disabled",
        "counter_noticed",
        "upheld",
    ]
    assert {move[1:] for move in moves} == {(officer.pk, False)}
    assert notice.transitions.get(to_status="accepted").reason == WHY


def test_restored_when_nobody_went_to_court(officer: User) -> None:
    archive = make_archive()
    notice = carried_out(archive)
    counter = valid_answer(notice, days_ago=40)
    assert again(notice).status == "counter_noticed"
    with as_compliance(officer):
        content_restore(counter_notice_id=counter.pk, actor=officer, reason=WHY)
    assert (again(notice).status, again(counter).status, status_of(archive)) == (
        "restored",
        "restored",
        "approved",
    )
    assert Archive.objects.get(pk=archive.pk).is_listable


@pytest.mark.parametrize(("before", "after"), [("pending", "pending"), ("restricted", "restricted")])
def test_what_was_not_shown_before_is_not_shown_afterwards(before: str, after: str) -> None:
    archive = make_archive(status="pending" if before == "pending" else "published")
    with acting(Role.WORKER):
        if before == "restricted":
            archive_restrict(archive_id=archive.pk, actor=None, reason=WHY)
        notice = carried_out(archive)
        notice_retract(notice_id=notice.pk, actor=None, reason=WHY)
    assert status_of(archive) == after


def test_two_notices_about_one_archive_both_have_to_go() -> None:
    archive = make_archive()
    first, second = carried_out(archive), carried_out(archive)
    assert [target.effect for target in TakedownTarget.objects.order_by("pk")] == ["removed", "unavailable"]
    with acting(Role.WORKER):
        notice_retract(notice_id=first.pk, actor=None, reason=WHY)
        assert status_of(archive) == "removed"
        notice_retract(notice_id=second.pk, actor=None, reason=WHY)
    assert status_of(archive) == "approved"


def test_what_moderators_removed_stays_removed() -> None:
    archive, removed_anew = make_archive(status="removed"), make_archive()
    notice = carried_out(archive, removed_anew)
    with acting(Role.WORKER):
        archive_restore(archive_id=removed_anew.pk, actor=None, reason=WHY)
        archive_remove(archive_id=removed_anew.pk, actor=None, reason="for another reason")
        notice_retract(notice_id=notice.pk, actor=None, reason=WHY)
    assert (status_of(archive), status_of(removed_anew)) == ("removed", "removed")


def test_streams_end_and_stay_ended(officer: User) -> None:
    stream, _ = live()
    over = make_stream()
    new = new_notice(subjects=[Subject("stream", stream.pk), Subject("stream", over.pk)])
    with as_compliance(officer):
        notice = notice_receive(new=new, actor=officer)
        notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
        notice_act(notice_id=notice.pk, actor=officer, reason=WHY)
        assert Stream.objects.get(pk=stream.pk).end_reason == "staff"
        notice_retract(notice_id=notice.pk, actor=officer, reason=WHY)
    assert set(notice.targets.values_list("effect", flat=True)) == {"ended", "unavailable"}
    assert Stream.objects.get(pk=stream.pk).status == "ended"


def test_what_is_missing_is_named_and_supplied(officer: User) -> None:
    notice = received(elements=ALL - {"is_signed", "accuracy_sworn"})
    with as_compliance(officer):
        with pytest.raises(NoticeRefused, match=r"a signature.*\(i\).*perjury.*\(vi\)"):
            notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
        asked = notice_ask(notice_id=notice.pk, actor=officer, reason=WHY)
        assert asked.due_at == business_days_after(timezone.now(), 10)
        assert "512(c)(3)(A)(i)" in notice.transitions.get(to_status="incomplete").reason
        with pytest.raises(NoticeRefused, match="at least one"):
            notice_complete(notice_id=notice.pk, actor=officer, reason=WHY, work_identified=True)
        notice_complete(notice_id=notice.pk, actor=officer, reason=WHY, is_signed=True, accuracy_sworn=True)
        notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
        with pytest.raises(IllegalTransition, match="cannot become incomplete"):
            notice_ask(notice_id=notice.pk, actor=officer, reason=WHY)
    assert again(notice).is_complete
    complete = received()
    with as_compliance(officer), pytest.raises(NoticeRefused, match="has every element"):
        notice_ask(notice_id=complete.pk, actor=officer, reason=WHY)
    with pytest.raises(TypeError):
        notice_complete(notice_id=notice.pk, actor=None, reason=WHY, status=True)


def test_the_days_of_a_counter_notice_begin_with_its_last_element(officer: User) -> None:
    notice = carried_out()
    counter = answered(notice, elements=ALL_OF_COUNTER - {"mistake_sworn"})
    with as_compliance(officer):
        with pytest.raises(CounterNoticeRefused, match=r"penalty of perjury.*512\(g\)\(3\)\(C\)"):
            counter_notice_accept(counter_notice_id=counter.pk, actor=officer, reason=WHY)
        counter_notice_ask(counter_notice_id=counter.pk, actor=officer, reason=WHY)
        counter_notice_complete(counter_notice_id=counter.pk, actor=officer, reason=WHY, mistake_sworn=True)
        counter_notice_accept(counter_notice_id=counter.pk, actor=officer, reason=WHY)
    counter = again(counter)
    assert counter.complete_since > counter.received_at
    assert counter.restore_from == business_days_after(counter.complete_since, 10)
    assert counter.restore_by == business_days_after(counter.complete_since, 14)


def test_one_of_two_performers_answers() -> None:
    hers, his = make_archive(), make_archive()
    notice = carried_out(hers, his)
    counter = valid_answer(notice, days_ago=40)
    with acting(Role.WORKER):
        content_restore(counter_notice_id=counter.pk, actor=None, reason=WHY)
    assert again(notice).status == "content_disabled"
    assert sorted(map(status_of, (hers, his))) == ["approved", "removed"]
    late = answer_to(again(notice), performer_id=counter.performer_id)
    with acting(Role.WORKER), pytest.raises(CounterNoticeRefused, match="Nothing of this performer"):
        counter_notice_receive(new=late, actor=None)


def test_a_rejected_answer_leaves_room_for_another(officer: User) -> None:
    notice = carried_out()
    first = answered(notice)
    with pytest.raises(CounterNoticeRefused, match="Another counter-notice about this is open"):
        answered(notice)
    with as_compliance(officer):
        counter_notice_reject(counter_notice_id=first.pk, actor=officer, reason=WHY)
    assert answered(notice).status == "received"


def test_retraction_settles_open_answers() -> None:
    archive = make_archive()
    notice = carried_out(archive)
    counter = valid_answer(notice)
    with acting(Role.WORKER):
        notice_retract(notice_id=notice.pk, actor=None, reason=WHY)
    assert (again(notice).status, again(counter).status, status_of(archive)) == (
        "withdrawn",
        "moot",
        "approved",
    )


def test_a_mail_taken_in_twice_is_one_notice() -> None:
    archive = make_archive()
    first = received(archive, source_reference="<m1@example.org>")
    assert received(archive, source_reference="<m1@example.org>") == first
    with pytest.raises(NoticeRefused, match="with another text"):
        received(archive, source_reference="<m1@example.org>", claimant_name="Somebody Else")
    notice = carried_out()
    one = answered(notice, source_reference="form-1")
    assert answered(notice, source_reference="form-1") == one


def test_what_cannot_be_taken_in() -> None:
    archive = make_archive()
    for fields, words in (
        ({"received_at": timezone.now() + timedelta(hours=1)}, "lies in the future"),
        ({"subjects": [Subject("archive", archive.performer_id)]}, "There is no archive"),
        ({"subjects": [Subject("planet", archive.pk)]}, "is about one of"),
        ({"elements": frozenset({"wishes"})}, "no element wishes"),
        ({"claimant_name": " "}, "not blank"),
        ({"jurisdiction": "usa"}, "two capital letters"),
    ):
        with pytest.raises(NoticeRefused, match=words):
            received(archive, **fields)
    assert not TakedownNotice.objects.exists()


def test_a_notice_that_names_nothing_is_not_accepted(officer: User) -> None:
    notice, archive = received(subjects=()), make_archive()
    with as_compliance(officer):
        with pytest.raises(NoticeRefused, match="names nothing"):
            notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
        notice_name(notice_id=notice.pk, kind="archive", subject_id=archive.pk, actor=officer, reason=WHY)
        with pytest.raises(NoticeRefused, match="names this already"):
            notice_name(notice_id=notice.pk, kind="archive", subject_id=archive.pk, actor=officer, reason=WHY)
        notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
    assert again(notice).performer_ids == [archive.performer_id]
    done = carried_out()
    with as_compliance(officer), pytest.raises(NoticeRefused, match="a notice of its own"):
        notice_name(notice_id=done.pk, kind="archive", subject_id=archive.pk, actor=officer, reason=WHY)


def test_rejected_on_a_ground(officer: User) -> None:
    notice = received()
    with as_compliance(officer):
        with pytest.raises(NoticeRefused, match="rejected on one of"):
            notice_reject(notice_id=notice.pk, ground="mood", actor=officer, reason=WHY)
        notice_reject(notice_id=notice.pk, ground="misrepresentation", actor=officer, reason=WHY)
        with pytest.raises(IllegalTransition, match="Nothing follows"):
            notice_accept(notice_id=notice.pk, actor=officer, reason=WHY)
    assert again(notice).rejected_for == "misrepresentation"


def test_nobody_handles_a_notice_about_themselves() -> None:
    lead = staff(Role.LEAD_MODERATOR)
    archive = make_archive(make_performer(lead))
    notice = carried_out(archive)
    other = received(archive)
    counter = answered(notice)
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        for act in (notice_accept, notice_act, notice_retract, notice_ask):
            with pytest.raises(OwnNotice):
                act(notice_id=other.pk, actor=lead, reason=WHY)
        with pytest.raises(OwnNotice):
            notice_receive(new=new_notice(archive), actor=lead)
        with pytest.raises(OwnNotice):
            counter_notice_accept(counter_notice_id=counter.pk, actor=lead, reason=WHY)
        with pytest.raises(OwnNotice):
            counter_notice_receive(new=answer_to(notice, source="email"), actor=lead)


def test_an_older_form_is_refused(officer: User) -> None:
    notice = received()
    with as_compliance(officer):
        notice_accept(notice_id=notice.pk, actor=officer, reason=WHY, expected_version=notice.version)
        with pytest.raises(StaleVersion):
            notice_act(notice_id=notice.pk, actor=officer, reason=WHY, expected_version=notice.version)


def test_incomplete_ones_lapse_when_their_time_is_over(announced: Any) -> None:
    late, in_time = received(elements=frozenset()), received(elements=frozenset())
    counter = answered(carried_out(), elements=frozenset())
    past = timezone.now() - timedelta(hours=1)
    with acting(Role.WORKER):
        for notice in (late, in_time):
            notice_ask(notice_id=notice.pk, actor=None, reason=WHY)
        counter_notice_ask(counter_notice_id=counter.pk, actor=None, reason=WHY)
    TakedownNotice.objects.filter(pk=late.pk).update(due_at=past)
    CounterNotice.objects.update(due_at=past)
    with acting(Role.WORKER):
        assert (notices_lapse(), notices_lapse()) == (1, 0)
        assert (counter_notices_lapse(), counter_notices_lapse()) == (1, 0)
    assert (again(late).status, again(in_time).status, again(counter).status) == (
        "lapsed",
        "incomplete",
        "lapsed",
    )
    assert announced.only("takedown_lapsed")["subject"] == late


def test_the_address_of_the_claimant_is_encrypted_and_found() -> None:
    notice = received(email="Ada@Harbour.example", postal="1 Quay, Portland")
    row = TakedownClaimant.objects.reached_at("ada@harbour.example").get()
    assert row.notice == notice
    assert "Ada" not in str(row.email)
    assert not TakedownClaimant.objects.reached_at("bob@harbour.example").exists()


def test_accepted_twice_by_form_and_by_mail_is_one_case(officer: User) -> None:
    notice = accepted()
    with as_compliance(officer):
        notice_act(notice_id=notice.pk, actor=officer, reason=WHY)
        with pytest.raises(IllegalTransition):
            notice_act(notice_id=notice.pk, actor=officer, reason=WHY)
