"""Appeals: who, against what, until when, reviewed by whom, and what becomes of it."""

from typing import Any

import pytest

from accounts.models import Restriction, User
from audit.decision_errors import AppealRefused
from audit.models import Appeal, BulkItem, BulkJob, Case, CaseEvent, Decision, Report
from audit.moderation_choices import EffectKind
from audit.services.appeals import (
    appeal_declare_inadmissible,
    appeal_overturn,
    appeal_return,
    appeal_take,
    appeal_uphold,
)
from core.db.context import acting
from core.db.locking import NotThere
from core.db.roles import Role
from core.errors import IllegalTransition
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory, staff
from tests.audit.factories_decisions import (
    appeal,
    appealable_until,
    asked,
    make_case,
    make_policy,
    make_report,
    no_violation,
    person_of,
    reverse,
    taken,
    told,
    violation,
    whole,
)
from tests.audit.factories_moderation import make_archive, without_triggers
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    """Who decided."""
    return staff(Role.LEAD_MODERATOR)


@pytest.fixture
def reviewer() -> User:
    return staff(Role.LEAD_MODERATOR)


def by(reviewer: User, service: Any, filed: Appeal, **options: Any) -> Appeal:
    with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
        ended = service(appeal_id=filed.pk, actor=reviewer, **options)
    whole()
    return Appeal.objects.get(pk=ended.pk)


def barred(lead: User, reporter: User | None = None) -> Decision:
    """A bar from chat, on a report."""
    return violation(
        make_case(reporter=reporter or UserFactory()), lead, EffectKind.BAR_CHAT, role=Role.LEAD_MODERATOR
    )


def test_the_person_appeals_and_is_right(lead: User, reviewer: User, announced: Announced) -> None:
    reporter = UserFactory()
    decision = barred(lead, reporter)
    person = person_of(decision.case)
    filed = appeal(decision, person)
    assert (filed.side, filed.person, filed.decided_by) == ("author", person, lead)
    assert (filed.due_at - filed.filed_at).days == 14
    assert "We received your appeal" in told(person.pk, "appeal_received")[0]
    assert "concerns you too" in told(reporter.pk, "appeal_received")[0]
    assert CaseEvent.objects.filter(case=decision.case, kind="appealed").count() == 1
    by(reviewer, appeal_take, filed)
    ended = by(reviewer, appeal_overturn, filed, reasons="It was a namesake of the person.")
    assert (ended.status, ended.reviewer, ended.reversal.reverses, ended.reversal.kind) == (
        "overturned",
        reviewer,
        decision,
        "appeal",
    )
    assert not Restriction.objects.in_force().exists()
    for recipient in (person, reporter):
        assert "overturned" in told(recipient.pk, "appeal_outcome")[0]
    assert Report.objects.get().status == "rejected"
    assert announced.only("appeal_decided")["detail"] == {"outcome": "overturned", "side": "author"}


def test_a_reporter_appeals_and_the_case_is_decided_anew(lead: User, reviewer: User) -> None:
    reporter = UserFactory()
    case = make_case(reporter=reporter)
    decision = no_violation(case, lead, role=Role.LEAD_MODERATOR)
    filed = taken(decision, reporter, reviewer)
    assert filed.side == "reporter"
    ended = by(
        reviewer,
        appeal_overturn,
        filed,
        reasons="The second half of the recording shows it clearly.",
        policy_version_id=make_policy(points=1).pk,
        effects=asked(EffectKind.BAR_CHAT),
    )
    assert (ended.reversal.outcome, ended.reversal.decided_by, ended.reversal.case) == (
        "violation",
        reviewer,
        case,
    )
    assert Case.objects.get(pk=case.pk).status == "closed"
    assert Report.objects.get().status == "upheld"
    assert Restriction.objects.in_force().get().user_id == case.person_id
    assert len(told(case.person_id, "statement")) == 1


@pytest.mark.parametrize(
    ("service", "status"), [(appeal_uphold, "upheld"), (appeal_declare_inadmissible, "inadmissible")]
)
def test_the_decision_stands(lead: User, reviewer: User, service: Any, status: str) -> None:
    decision = barred(lead)
    filed = taken(decision, person_of(decision.case), reviewer)
    with pytest.raises(AppealRefused, match="Write the reasons"):
        by(reviewer, service, filed, reasons=" ")
    ended = by(reviewer, service, filed, reasons="The recording is clear.")
    assert (ended.status, ended.reversal, ended.outcome_reasons) == (status, None, "The recording is clear.")
    assert Restriction.objects.in_force().count() == 1
    assert status in told(decision.person_id, "appeal_outcome")[0]
    with pytest.raises(IllegalTransition):
        by(reviewer, service, filed, reasons="Again.")


def test_who_appeals_what(lead: User) -> None:
    reporter, stranger = UserFactory(), UserFactory()
    decision = barred(lead, reporter)
    person = person_of(decision.case)
    for who, against, words in (
        (stranger, decision, "Only the person concerned and those who reported"),
        (reporter, decision, "upheld the report"),
        (person, no_violation(make_case(person), lead, role=Role.LEAD_MODERATOR), "in your favour"),
    ):
        with pytest.raises(AppealRefused, match=words):
            appeal(against, who)
    with pytest.raises(AppealRefused, match="in the name of somebody else"):
        appeal(decision, stranger, appellant=person)
    with pytest.raises(AppealRefused, match="Say why"):
        appeal(decision, person, words="  ")
    appeal(decision, person)
    with pytest.raises(AppealRefused, match="appealed this decision already"):
        appeal(decision, person)
    reversal = reverse(decision, lead)
    with pytest.raises(AppealRefused, match="in your favour"):
        appeal(reversal, person)
    assert appeal(reversal, reporter).side == "reporter"
    other = barred(lead)
    reverse(other, lead)
    with pytest.raises(AppealRefused, match="reversed already"):
        appeal(other, person_of(other.case))


def test_the_last_second_and_a_second_too_late(lead: User) -> None:
    first, second = barred(lead), barred(lead)
    appealable_until(first, "1 second")
    appealable_until(second, "-1 second")
    assert appeal(first, person_of(first.case)).status == "filed"
    with pytest.raises(AppealRefused, match="six months for an appeal against this decision are over"):
        appeal(second, person_of(second.case))


def test_who_reviews(lead: User, reviewer: User) -> None:
    moderator = staff(Role.MODERATOR)
    decision = barred(lead)
    filed = appeal(decision, person_of(decision.case))
    with pytest.raises(AppealRefused, match="You made this decision"):
        by(lead, appeal_take, filed)
    with acting(Role.MODERATOR, user_id=moderator.pk), refused("permission denied"):
        appeal_take(appeal_id=filed.pk, actor=moderator)
    by(reviewer, appeal_take, filed)
    another = staff(Role.LEAD_MODERATOR)
    with pytest.raises(AppealRefused, match="reviews this appeal"):
        by(another, appeal_uphold, filed, reasons="Fine as it is.")
    with pytest.raises(IllegalTransition):
        by(another, appeal_take, filed)
    by(another, appeal_return, filed, reason="on leave")
    assert by(another, appeal_take, filed).reviewer == another
    reporting = staff(Role.LEAD_MODERATOR)
    reported = no_violation(make_case(reporter=reporting), lead, role=Role.LEAD_MODERATOR)
    with pytest.raises(AppealRefused, match="own appeal|Whoever reported"):
        taken(reported, reporting, reporting)
    about_lead = violation(make_case(another), lead, role=Role.LEAD_MODERATOR)
    own = appeal(about_lead, another)
    with pytest.raises(NotThere):
        by(another, appeal_take, own)


def test_whoever_approved_the_bulk_job_does_not_review(lead: User, reviewer: User) -> None:
    decision = barred(lead)
    filed = appeal(decision, person_of(decision.case))
    with without_triggers("audit_bulkjob", "audit_bulkitem"):
        job = BulkJob.objects.create(
            title="Spam of Monday", outcome="no_violation", reasons="all alike", item_count=1, created_by=lead,
            status="running", approved_by=reviewer, approved_at=decision.decided_at,
            acting_role="vbl_lead_moderator",
        )  # fmt: skip
        BulkItem.objects.create(
            job=job, case=decision.case, person_id=decision.person_id, status="done", decision=decision
        )
    with pytest.raises(AppealRefused, match="approved the bulk job"):
        by(reviewer, appeal_take, filed)


def test_the_database_refuses_reviews_by_raw_sql(lead: User, reviewer: User) -> None:
    decision, stranger, viewer = barred(lead), staff(Role.LEAD_MODERATOR), UserFactory()
    person = person_of(decision.case)
    filed = appeal(decision, person)
    take = "UPDATE audit_appeal SET status = 'reviewing', reviewer_id = %s"
    end = "UPDATE audit_appeal SET status = 'overturned', outcome_reasons = 'so', reversal_id = %s"
    with acting(Role.LEAD_MODERATOR, user_id=lead.pk):
        assert run(f"{take} RETURNING id", [lead.pk]) == [], "whoever decided does not even find it"
    with refused("reviewer_check|own name"):
        run(take, [lead.pk])
    with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
        for who in (stranger.pk, person.pk):
            with refused("own name"):
                run(take, [who])
        run(take, [reviewer.pk])
        with refused("reverses the appealed one|reversed by another"):
            run(end, [decision.pk])
        with refused("reversed by another"):
            run(end, [None])
    with acting(Role.LEAD_MODERATOR, user_id=stranger.pk), refused("decided by whoever took it"):
        run("UPDATE audit_appeal SET status = 'upheld', outcome_reasons = 'so'")
    for role in (Role.VIEWER, Role.PERFORMER):
        with acting(role, user_id=person.pk):
            assert len(run("SELECT id FROM audit_appeal")) == 1
            with refused("permission denied"):
                run("UPDATE audit_appeal SET words = 'others'")
        with acting(role, user_id=viewer.pk):
            assert run("SELECT id FROM audit_appeal") == []
            with refused("row-level security"):
                run(
                    "INSERT INTO audit_appeal (id, decision_id, appellant_id, words, status, outcome_reasons) "
                    "VALUES (uuidv7(), %s, %s, 'why', 'filed', '')",
                    [decision.pk, person.pk],
                )
    assert filed.status == "filed"


def test_a_second_appeal_ends_with_what_the_first_one_found(lead: User, reviewer: User) -> None:
    first, second = UserFactory(), UserFactory()
    case = make_case(reporter=first)
    make_report(person_of(case), second)
    decision = no_violation(case, lead, role=Role.LEAD_MODERATOR)
    appeals = [taken(decision, who, reviewer) for who in (first, second)]
    ends = [
        by(
            reviewer, appeal_overturn, filed, reasons="The second half shows it clearly.",
            policy_version_id=make_policy().pk, effects=asked(EffectKind.WARN),
        )
        for filed in appeals
    ]  # fmt: skip
    assert ends[0].reversal == ends[1].reversal
    assert Decision.objects.filter(case=case).count() == 2


def test_a_refused_effect_leaves_the_appeal_live(lead: User, reviewer: User) -> None:
    reporter = UserFactory()
    case = make_case(reporter=reporter)
    decision = no_violation(case, lead, role=Role.LEAD_MODERATOR)
    filed = taken(decision, reporter, reviewer)
    with pytest.raises(Exception, match="the ground"):
        by(
            reviewer,
            appeal_overturn,
            filed,
            reasons="It is a violation, clearly enough.",
            effects=asked("warn"),
        )
    assert Appeal.objects.get().status == "reviewing"
    assert Case.objects.get(pk=case.pk).status == "closed"


def test_what_was_decided_about_stays_visible_to_the_reviewer(lead: User, reviewer: User) -> None:
    archive = make_archive()
    case = make_case(archive, "archive")
    decision = violation(case, lead, EffectKind.ARCHIVE_REMOVE, role=Role.LEAD_MODERATOR)
    filed = taken(decision, person_of(case), reviewer)
    appealable_until(decision, "-1 second")
    with without_triggers("audit_evidence"):
        run("UPDATE audit_evidence SET keep_until = now() - interval '1 day' WHERE case_id = %s", [case.pk])
    with acting(Role.WORKER):
        assert run("SELECT moderation_evidence_expire(10)") == [(0,)]
        assert "is being heard" in run("SELECT streams_archive_needed(%s)", [archive.pk])[0][0]
    with acting(Role.LEAD_MODERATOR, user_id=reviewer.pk):
        assert len(run("SELECT content FROM audit_evidence WHERE case_id = %s", [case.pk])) == 1
        assert run("SELECT status FROM streams_archive WHERE id = %s", [archive.pk]) == [("removed",)]
    by(reviewer, appeal_uphold, filed, reasons="The recording is clear.")
    with acting(Role.WORKER):
        assert run("SELECT streams_archive_needed(%s)", [archive.pk]) == [(None,)]
        assert run("SELECT moderation_evidence_expire(10)") == [(1,)]
