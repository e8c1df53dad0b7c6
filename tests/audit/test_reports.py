"""Reports become cases, whoever writes them and how."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.choices import RestrictionKind
from accounts.models import User
from audit.models import Case, CaseEvent, Evidence, Report
from audit.moderation_errors import ReportRefused
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import RestrictionFactory, UserFactory, staff
from tests.audit.factories_moderation import (
    decided,
    make_archive,
    make_case,
    make_performer,
    make_report,
    make_stream,
    without_triggers,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


def insert(reporter: User, subject: Any, **columns: Any) -> None:
    """A report by hand, with the columns that an application would send."""
    values = {
        "id": uuid7(),
        "subject_kind": "person",
        "subject_id": subject.pk,
        "category": "harassment",
        "source": "user",
        "reporter_id": reporter.pk,
        "organisation": "",
        "organisation_reference": "",
        "detector": "",
        "words": "Insults.",
        "good_faith": True,
        "leads_only": False,
        "status": "received",
        **columns,
    }
    names = ", ".join(values)
    run(
        f"INSERT INTO audit_report ({names}) VALUES ({', '.join(['%s'] * len(values))})",
        list(values.values()),
    )


def test_a_report_opens_a_case_with_evidence_and_a_priority() -> None:
    subject = UserFactory()
    report = make_report(subject)
    case = Case.objects.get()
    assert report.case_id == case.pk
    assert (case.subject_kind, case.subject_id, case.person_id) == ("person", subject.pk, subject.pk)
    assert (case.status, case.report_count, case.categories, case.sources) == (
        "open",
        1,
        ["harassment"],
        ["user"],
    )
    assert case.queue.code == "general"
    assert case.priority == 100
    assert case.priority_explanation == [{"words": "Hate or harassment", "points": 100}]
    assert case.due_at - case.first_reported_at == timedelta(days=2)
    evidence = Evidence.objects.get()
    assert evidence.content["handle"] == subject.handle
    assert evidence.person_id == subject.pk and evidence.keep_until is None
    assert CaseEvent.objects.get().kind == "opened"


def test_further_reports_join_the_case_and_the_same_subject_is_kept_once() -> None:
    subject = UserFactory()
    first = make_report(subject)
    second = make_report(subject, category="spam")
    third = make_report(subject)
    case = Case.objects.get()
    assert {first.case_id, second.case_id, third.case_id} == {case.pk}
    assert (case.report_count, case.categories) == (3, ["harassment", "spam"])
    assert Evidence.objects.count() == 1
    # A new kind of complaint is told; another one of the same is not.
    assert [event.kind for event in CaseEvent.objects.order_by("pk")] == ["opened", "reported"]


def test_every_kind_of_subject_belongs_to_its_person() -> None:
    performer = make_performer()
    for kind, subject in (
        ("profile", performer),
        ("stream", make_stream(performer)),
        ("archive", make_archive(performer)),
    ):
        report = make_report(subject, kind=kind)
        assert report.person_id == performer.pk
        assert (
            Evidence.objects.filter(case=report.case_id, content__stage_name=performer.stage_name).count()
            == 1
        )


def test_pictures_that_others_see_are_copied_with_their_digests() -> None:
    user = UserFactory()
    run(
        "INSERT INTO accounts_profilemedia (user_id, kind, object_key, sha256, size_bytes, media_type, width, height, "
        "status, decision_reason) VALUES (%s, 'avatar', %s, decode(repeat('ab', 32), 'hex'), 9, 'image/webp', 9, 9, "
        "'pending', '')",
        [user.pk, f"people/{user.pk}/a.webp"],
    )
    run(
        "UPDATE accounts_profilemedia SET status = 'approved', decided_at = now(), decided_by_id = %s, "
        "decision_reason = 'Fine.'",
        [staff(Role.MODERATOR).pk],
    )
    make_report(user)
    picture = Evidence.objects.get(kind="media")
    assert (picture.media_type, bytes(picture.sha256)) == ("image/webp", b"\xab" * 32)


def test_a_report_after_the_case_was_closed_opens_another_one() -> None:
    subject = UserFactory()
    closed = decided(make_case(subject))
    assert closed.status == "closed"
    report = make_report(subject)
    assert report.case_id != closed.pk
    assert list(Case.objects.about("person", subject.pk).values_list("pk", flat=True)) == [
        report.case_id,
        closed.pk,
    ]


def test_a_report_takes_a_case_up_again_that_was_decided_and_left_open() -> None:
    subject = UserFactory()
    left = decided(make_case(subject), closed=False)
    report = make_report(subject)
    case = Case.objects.get()
    assert report.case_id == left.pk and case.status == "reopened" and case.reopened_at is not None


@pytest.mark.parametrize("kind", ["person", "profile", "stream", "archive"])
def test_a_report_about_nothing_is_refused_and_leaves_nothing(kind: str) -> None:
    reporter = UserFactory()
    with (
        acting(Role.VIEWER, user_id=reporter.pk),
        pytest.raises(ReportRefused, match=f"There is no such {kind}"),
    ):
        report_file(
            subject_kind=kind,
            subject_id=uuid7(),
            category="spam",
            source="user",
            words="Ads.",
            actor=reporter,
        )
    assert not Case.objects.exists() and not Evidence.objects.exists()


def test_a_kind_that_is_none_is_refused() -> None:
    reporter = UserFactory()
    with pytest.raises(ReportRefused, match="nothing that can be reported"):
        report_file(
            subject_kind="tip",
            subject_id=uuid7(),
            category="spam",
            source="user",
            words="Ads.",
            actor=reporter,
        )


def test_nobody_reports_themselves_or_their_own() -> None:
    performer = make_performer()
    stream = make_stream(performer)
    for kind, subject in (("person", performer), ("stream", stream)):
        with pytest.raises(ReportRefused, match="Nobody reports themselves"):
            make_report(subject, reporter=performer.user, kind=kind)
    assert not Case.objects.exists()


def test_an_erased_person_is_not_reported() -> None:
    with pytest.raises(ReportRefused, match="was erased"):
        make_report(UserFactory(status="erased"))
    assert not Case.objects.exists()


def test_whoever_is_barred_from_reporting_does_not_report() -> None:
    reporter = UserFactory()
    RestrictionFactory(user=reporter, kind=RestrictionKind.REPORT)
    with pytest.raises(ReportRefused, match="barred from reporting"):
        make_report(reporter=reporter)
    assert not Case.objects.exists()


def test_the_same_subject_is_reported_once_until_it_is_decided() -> None:
    subject, reporter = UserFactory(), UserFactory()
    report = make_report(subject, reporter)
    with pytest.raises(ReportRefused, match="You have reported this already"):
        make_report(subject, reporter)
    assert Case.objects.get().report_count == 1
    Report.objects.filter(pk=report.pk).update(status="upheld", decided_at=report.created_at)
    make_report(subject, reporter)
    assert Case.objects.get().report_count == 2


def test_the_thirty_first_report_within_an_hour_is_refused() -> None:
    reporter, people = UserFactory(), UserFactory.create_batch(31)
    for subject in people[:30]:
        make_report(subject, reporter)
    with pytest.raises(ReportRefused, match="30 reports within the last hour"):
        make_report(people[30], reporter)
    with acting(Role.VIEWER, user_id=reporter.pk), refused("30 reports"):
        insert(reporter, people[30])
    assert Case.objects.count() == 30
    # An id that pretends to be old does not get round the count.
    with acting(Role.VIEWER, user_id=reporter.pk), refused("of the time at which it is made"):
        insert(reporter, people[30], id="01890000-0000-7000-8000-000000000000")
    # Those of an hour ago do not count.
    with without_triggers("audit_report"):
        run("UPDATE audit_report SET created_at = now() - interval '61 minutes'")
    make_report(people[30], reporter)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER])
def test_people_report_by_hand_in_their_own_name_only(role: Role) -> None:
    reporter, other, subject = UserFactory.create_batch(3)
    with acting(role, user_id=reporter.pk):
        with refused("row-level security"):
            insert(other, subject)
        with refused("row-level security"):
            insert(reporter, subject, source="staff")
        with refused("row-level security"):
            insert(reporter, subject, source="authority", reporter_id=None, organisation="Police")
        insert(reporter, subject)
        assert run("SELECT count(*) FROM audit_report") == [(1,)]
        assert affected("SELECT FROM audit_report WHERE reporter_id <> %s", [reporter.pk]) == 0
        for table in ("audit_case", "audit_evidence", "audit_claim"):
            with refused("permission denied"):
                run(f"SELECT FROM {table}")
        with refused("permission denied"):
            run("UPDATE audit_report SET status = 'upheld'")
        with refused("permission denied"):
            run("DELETE FROM audit_report")
    assert Case.objects.get().report_count == 1


def test_nothing_that_a_reporter_writes_into_other_columns_counts() -> None:
    reporter, subject, other = UserFactory.create_batch(3)
    elsewhere = make_case(other)
    with acting(Role.VIEWER, user_id=reporter.pk):
        insert(
            reporter,
            subject,
            case_id=elsewhere.pk,
            person_id=other.pk,
            leads_only=True,
            entered_by_id=other.pk,
        )
    report = Report.objects.get(reporter=reporter)
    assert (report.person_id, report.leads_only, report.entered_by_id) == (subject.pk, False, reporter.pk)
    assert report.case_id != elsewhere.pk
    with acting(Role.VIEWER, user_id=reporter.pk), refused("cannot begin as upheld"):
        insert(reporter, other, status="upheld", decided_at="now()")


def test_support_files_for_an_authority_and_reads_what_it_filed() -> None:
    support, subject = staff(Role.SUPPORT), UserFactory()
    with acting(Role.SUPPORT, user_id=support.pk):
        report = report_file(
            subject_kind="person",
            subject_id=subject.pk,
            category="fraud",
            source="authority",
            organisation="Police of Somewhere",
            organisation_reference="AZ 12/3",
            words="Please look into it.",
            actor=support,
        )
        assert Report.objects.get() == report
        assert report.reporter_id is None and report.entered_by_id == support.pk
    with acting(Role.SUPPORT, user_id=staff(Role.SUPPORT).pk):
        assert not Report.objects.exists()


def test_a_machine_says_which_it_is_and_how_sure() -> None:
    subject = UserFactory()
    with acting(Role.WORKER), pytest.raises(ReportRefused, match="which machine it was"):
        report_file(
            subject_kind="person", subject_id=subject.pk, category="spam", source="automatic", actor=None
        )
    with acting(Role.WORKER), refused("row-level security"):
        insert(UserFactory(), subject, source="staff")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.FINANCE_APPROVER, Role.ANALYST])
def test_finance_and_analysts_see_nothing_of_it(role: Role) -> None:
    make_case()
    with acting(role, user_id=staff(role).pk):
        for table in ("audit_report", "audit_case", "audit_evidence", "audit_caseevent", "audit_claim"):
            with refused("permission denied"):
                run(f"SELECT FROM {table}")
        with refused("permission denied"):
            insert(UserFactory.build(), UserFactory.build())


def test_a_moderator_sees_no_report_about_themselves_and_changes_no_words() -> None:
    moderator = staff(Role.MODERATOR)
    make_report(moderator)
    other = make_report()
    with acting(Role.MODERATOR, user_id=moderator.pk):
        assert list(Report.objects.values_list("pk", flat=True)) == [other.pk]
        assert not Case.objects.filter(person=moderator).exists()
        assert not Evidence.objects.filter(person=moderator).exists()
        assert not CaseEvent.objects.filter(person=moderator).exists()
        with refused("permission denied"):
            run("UPDATE audit_report SET words = 'nothing'")
    with refused("cannot be changed"):
        run("UPDATE audit_report SET words = 'nothing'")


def test_the_trail_tells_that_something_was_reported_and_not_what_was_said() -> None:
    report = make_report(words="She lives at 5 Some Street.")
    (row,) = run("SELECT area, action, detail::text FROM audit_event WHERE action = 'report_filed'")
    assert row[:2] == ("moderation", "report_filed") and str(report.case_id) in row[2]
    assert run("SELECT count(*) FROM audit_label WHERE reason LIKE '%%Some Street%%'") == [(0,)]
    moderator = staff(Role.MODERATOR)
    with acting(Role.MODERATOR, user_id=moderator.pk):
        assert run("SELECT count(*) FROM audit_event WHERE action = 'report_filed'") == [(1,)]
    with acting(Role.SUPPORT, user_id=staff(Role.SUPPORT).pk):
        assert run("SELECT count(*) FROM audit_event WHERE action = 'report_filed'") == [(0,)]
