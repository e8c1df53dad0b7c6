"""Bulk jobs from preview to undoing, through the services and the worker's work."""

from typing import Any

import pytest

from accounts.choices import RestrictionKind
from accounts.models import Restriction, RoleGrant, User
from audit.errors import BulkRefused
from audit.models import BulkItem, BulkJob, Case, Decision, Event, StatementOfReasons, Strike
from audit.moderation_choices import BulkItemStatus, BulkStatus, CaseStatus, DecisionKind
from audit.services import bulk_runs
from audit.services.bulk_jobs import (
    bulk_job_approve,
    bulk_job_cancel,
    bulk_job_submit,
    bulk_job_undo,
)
from audit.services.bulk_runs import bulk_job_run, bulk_job_unwind
from audit.services.decisions import case_decide
from audit.services.reversals import decision_reverse
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition, NotPermitted
from tests.accounts.factories import UserFactory, staff
from tests.audit.bulk_rows import carry_out, take_back
from tests.audit.bulk_steps import bars, ids, preview, submit
from tests.audit.factories_moderation import claimed, make_archive, make_case
from tests.sql import run

# The runs make transactions of their own.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mona(db: None) -> User:
    return staff(Role.MODERATOR)


@pytest.fixture
def leah(db: None) -> User:
    return staff(Role.LEAD_MODERATOR)


def outcomes(job: BulkJob) -> dict[str, int]:
    found: dict[str, int] = {}
    for status in BulkItem.objects.filter(job=job).values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def status_of(job: BulkJob) -> str:
    return BulkJob.objects.get(pk=job.pk).status


def test_a_small_job_is_decided_in_the_name_of_its_creator(mona: User) -> None:
    cases = [make_case() for _ in range(3)]
    job = bars(mona, cases)
    assert status_of(job) == BulkStatus.APPROVED
    waiting = run(
        "SELECT task_name FROM procrastinate_jobs WHERE args->'arguments'->>'bulk_job_id' = %s", [str(job.pk)]
    )
    assert waiting == [("bulk_job_carry_out",)]
    bulk_job_run(bulk_job_id=job.pk)
    assert (status_of(job), outcomes(job)) == (BulkStatus.DONE, {"done": 3})
    for item in BulkItem.objects.filter(job=job).select_related("decision", "case"):
        assert item.decision is not None
        assert (item.decision.decided_by, item.decision.acting_role) == (mona, Role.MODERATOR)
        assert item.case.status == CaseStatus.CLOSED
    assert Restriction.objects.in_force().filter(kind=RestrictionKind.CHAT).count() == 3
    assert StatementOfReasons.objects.count() == Strike.objects.count() == 3
    told = Event.objects.filter(action="decision_made")
    assert {(event.actor_id, event.acting_role) for event in told} == {(mona.pk, Role.MODERATOR.value)}
    (ended,) = Event.objects.filter(action="bulk_job_done")
    assert (ended.actor_id, ended.acting_role, ended.detail) == (None, Role.WORKER.value, {"done": 3})


def test_running_it_again_changes_nothing(mona: User) -> None:
    job = bars(mona, [make_case()])
    bulk_job_run(bulk_job_id=job.pk)
    bulk_job_run(bulk_job_id=job.pk)
    assert Decision.objects.count() == 1


def test_one_that_was_not_approved_is_not_run(mona: User) -> None:
    job = preview(mona, [make_case()])
    bulk_job_run(bulk_job_id=job.pk)
    assert (status_of(job), Decision.objects.count()) == (BulkStatus.PREVIEWED, 0)


def test_a_large_job_waits_for_another_lead(mona: User, leah: User) -> None:
    job = submit(preview(mona, [make_case() for _ in range(26)]))
    assert job.status == BulkStatus.WAITING
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        approved = bulk_job_approve(bulk_job_id=job.pk, actor=leah, reason="I looked at some of them.")
    assert (approved.status, approved.approved_by) == (BulkStatus.APPROVED, leah)
    bulk_job_run(bulk_job_id=job.pk)
    assert outcomes(job) == {"done": 26}
    assert set(Decision.objects.values_list("decided_by", flat=True)) == {mona.pk}


def test_nobody_approves_their_own(leah: User) -> None:
    job = submit(preview(leah, [make_case() for _ in range(26)], Role.LEAD_MODERATOR), Role.LEAD_MODERATOR)
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk), pytest.raises(NotPermitted, match="another lead"):
        bulk_job_approve(bulk_job_id=job.pk, actor=leah, reason="It is all right.")


def test_nobody_approves_a_job_with_a_case_about_themselves(mona: User, leah: User) -> None:
    job = submit(preview(mona, [make_case(leah), *(make_case() for _ in range(25))]))
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk), pytest.raises(NotPermitted, match="about you"):
        bulk_job_approve(bulk_job_id=job.pk, actor=leah, reason="It is all right.")


def test_moves_that_do_not_exist_are_refused(mona: User, leah: User) -> None:
    job = preview(mona, [make_case()])
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        with pytest.raises(NotPermitted, match="Who previewed"):
            bulk_job_submit(bulk_job_id=job.pk, actor=leah)
        with pytest.raises(BulkRefused, match="not submitted"):
            bulk_job_approve(bulk_job_id=job.pk, actor=leah, reason="It is all right.")
        with pytest.raises(IllegalTransition):
            bulk_job_undo(bulk_job_id=job.pk, actor=leah, reasons="It was a mistake.")
        bulk_job_cancel(bulk_job_id=job.pk, actor=leah, reason="Not like this.")
    with pytest.raises(IllegalTransition):
        submit(job)


def test_a_job_in_which_nothing_could_be_decided_is_not_submitted(mona: User, leah: User) -> None:
    case = make_case()
    claimed(case, leah, Role.LEAD_MODERATOR)
    with pytest.raises(BulkRefused, match="None of these cases"):
        submit(preview(mona, [case]))


def test_what_was_taken_meanwhile_is_refused_and_the_others_go_on(mona: User, leah: User) -> None:
    cases = [make_case() for _ in range(3)]
    job = bars(mona, cases)
    claimed(cases[1], leah, Role.LEAD_MODERATOR)
    bulk_job_run(bulk_job_id=job.pk)
    assert outcomes(job) == {"done": 2, "refused": 1}
    item = BulkItem.objects.get(case=cases[1])
    assert "A colleague holds it until" in item.outcome_words
    assert not Decision.objects.filter(case=cases[1]).exists()


def test_a_refusal_leaves_nothing_half_done(mona: User) -> None:
    barred = make_case()
    job = bars(mona, [barred, make_case()])
    with acting(Role.MODERATOR, user_id=mona.pk):
        from accounts.services.restrictions import restriction_place

        restriction_place(user_id=barred.person_id, kind="chat", actor=mona, reason="Insults in the chat.")
    bulk_job_run(bulk_job_id=job.pk)
    assert "barred already" in BulkItem.objects.get(case=barred).outcome_words
    assert Case.objects.get(pk=barred.pk).status == CaseStatus.OPEN
    assert not Decision.objects.filter(case=barred).exists()
    assert outcomes(job) == {"done": 1, "refused": 1}


def test_a_failure_waits_for_the_next_attempt(mona: User, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [make_case() for _ in range(4)]
    job, calls = submit(preview(mona, cases)), []

    def fails_once(**arguments: Any) -> Decision:
        calls.append(arguments["case_id"])
        decision = case_decide(**arguments)
        if len(calls) == 2:
            raise OSError("the lights went out")
        return decision

    monkeypatch.setattr(bulk_runs, "case_decide", fails_once)
    with pytest.raises(OSError, match="lights"):
        bulk_job_run(bulk_job_id=job.pk)
    assert (status_of(job), outcomes(job)) == (BulkStatus.RUNNING, {"done": 3, "pending": 1})
    assert Decision.objects.count() == 3
    bulk_job_run(bulk_job_id=job.pk)
    assert (status_of(job), outcomes(job)) == (BulkStatus.DONE, {"done": 4})
    assert sorted(Decision.objects.values_list("case", flat=True)) == sorted(ids(cases))


def test_who_has_lost_the_role_decides_nothing_more(mona: User) -> None:
    job = submit(preview(mona, [make_case(), make_case()]))
    run("UPDATE accounts_rolegrant SET valid = tstzrange(lower(valid), now()) WHERE user_id = %s", [mona.pk])
    assert not RoleGrant.objects.in_force().filter(user=mona).exists()
    bulk_job_run(bulk_job_id=job.pk)
    assert (status_of(job), outcomes(job)) == (BulkStatus.DONE, {"refused": 2})
    words = BulkItem.objects.filter(job=job).values_list("outcome_words", flat=True)
    assert set(words) == {"Whoever asked for it does not act as moderator any more."}
    assert not Decision.objects.exists()


def test_undoing_reverses_every_decision_that_stands(mona: User, leah: User) -> None:
    cases = [make_case() for _ in range(3)]
    job = bars(mona, cases)
    bulk_job_run(bulk_job_id=job.pk)
    first = BulkItem.objects.get(case=cases[0])
    assert first.decision_id is not None
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        decision_reverse(decision_id=first.decision_id, actor=leah, reasons="This one was wrong.")
        bulk_job_undo(bulk_job_id=job.pk, actor=leah, reasons="The advertisement was allowed after all.")
    bulk_job_unwind(bulk_job_id=job.pk)
    assert (status_of(job), outcomes(job)) == (BulkStatus.UNDONE, {"undone": 2, "kept": 1})
    assert "reversed already" in BulkItem.objects.get(pk=first.pk).outcome_words
    undoing = Decision.objects.filter(kind=DecisionKind.UNDO)
    assert {(decision.decided_by_id, decision.acting_role) for decision in undoing} == {
        (leah.pk, Role.LEAD_MODERATOR.value)
    }
    assert not Restriction.objects.in_force().exists()
    assert not Strike.objects.filter(revoked_at__isnull=True).exists()
    assert set(Case.objects.filter(pk__in=ids(cases[1:])).values_list("status", flat=True)) == {"reopened"}


def test_undoing_nothing_is_refused(mona: User, leah: User) -> None:
    case = make_case()
    job = submit(preview(mona, [case]))
    claimed(case, leah, Role.LEAD_MODERATOR)
    bulk_job_run(bulk_job_id=job.pk)
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk), pytest.raises(BulkRefused, match="nothing to undo"):
        bulk_job_undo(bulk_job_id=job.pk, actor=leah, reasons="It was a mistake.")


def test_the_jobs_do_it(mona: User, leah: User) -> None:
    job = bars(mona, [make_case()])
    carry_out(job)
    with acting(Role.LEAD_MODERATOR, user_id=leah.pk):
        bulk_job_undo(bulk_job_id=job.pk, actor=leah, reasons="The advertisement was allowed after all.")
    take_back(job)
    assert outcomes(job) == {BulkItemStatus.UNDONE.value: 1}


def test_a_person_twice_in_one_job_is_barred_once(mona: User) -> None:
    person = UserFactory()
    performer_case = make_case(make_archive(), kind="archive")
    both = [make_case(person), make_case(User.objects.get(pk=performer_case.person_id)), performer_case]
    job = bars(mona, both)
    bulk_job_run(bulk_job_id=job.pk)
    assert outcomes(job) == {"done": 2, "refused": 1}
