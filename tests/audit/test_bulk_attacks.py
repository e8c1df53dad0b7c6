"""Bulk jobs attacked by raw SQL, in the roles that could."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from accounts.models import User
from audit.models import BulkItem, BulkJob
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import staff
from tests.audit.bulk_rows import make_case, make_cases, make_decision, make_job
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona(db: None) -> User:
    return staff(Role.MODERATOR)


@pytest.fixture
def leah(db: None) -> User:
    return staff(Role.LEAD_MODERATOR)


def as_moderator(user: User) -> Any:
    return acting(Role.MODERATOR, user_id=user.pk)


def as_lead(user: User) -> Any:
    return acting(Role.LEAD_MODERATOR, user_id=user.pk)


def move(job: BulkJob, status: str, **columns: Any) -> int:
    names = ", ".join(["status = %s", *(f"{name} = %s" for name in columns)])
    return affected(f"UPDATE audit_bulkjob SET {names} WHERE id = %s", [status, *columns.values(), job.pk])


@contextmanager
def as_worker() -> Iterator[None]:
    with acting(Role.WORKER):
        yield


INSERT = """INSERT INTO audit_bulkjob
  (id, title, outcome, effects, reasons, item_count, status, created_by_id, acting_role, undo_reasons)
  VALUES (uuidv7(), 'Many at once', 'no_violation', '{}', 'Nothing wrong.', %s, 'previewed', %s, %s, '')"""


def test_the_role_is_that_of_the_transaction(mona: User) -> None:
    with as_moderator(mona):
        run(INSERT, [1, mona.pk, Role.LEAD_MODERATOR.value])
    assert BulkJob.objects.get().acting_role == Role.MODERATOR


def test_nobody_asks_in_the_name_of_another(mona: User, leah: User) -> None:
    with as_moderator(mona), refused("row-level security"):
        run(INSERT, [1, leah.pk, Role.MODERATOR.value])


@pytest.mark.parametrize("number", [0, -1, 1001, 1_000_000])
def test_a_job_has_1_to_1000_cases(mona: User, number: int) -> None:
    with as_moderator(mona), refused("audit_bulkjob_item_count_check"):
        run(INSERT, [number, mona.pk, Role.MODERATOR.value])


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.VIEWER, Role.ANALYST])
def test_others_see_nothing(mona: User, role: Role) -> None:
    make_job(mona, make_cases(1))
    with acting(role, user_id=staff(Role.SUPPORT).pk), refused("permission denied"):
        run("SELECT FROM audit_bulkjob")


def test_a_job_that_lacks_cases_is_not_submitted(mona: User) -> None:
    job = make_job(mona, make_cases(2), item_count=3)
    with as_moderator(mona):
        with refused("preview showed 3 cases, and the bulk job holds 2"):
            move(job, "approved")
        assert move(job, "cancelled") == 1


def test_a_submitted_job_takes_no_more_cases(mona: User) -> None:
    job, late = make_job(mona, make_cases(1)), make_case()
    insert = "INSERT INTO audit_bulkitem (id, job_id, case_id, person_id, status, foreseen, outcome_words)"
    values = " VALUES (uuidv7(), %s, %s, %s, 'pending', '', '')"
    with as_moderator(mona):
        assert move(job, "approved") == 1
        with refused("chosen before it is submitted"):
            run(insert + values, [job.pk, late.pk, late.person_id])


def test_the_person_of_a_case_is_the_cases(mona: User) -> None:
    own, other = make_case(mona), make_case()
    job = make_job(mona, make_cases(1), item_count=3)
    insert = "INSERT INTO audit_bulkitem (id, job_id, case_id, person_id, status, foreseen, outcome_words)"
    values = " VALUES (uuidv7(), %s, %s, %s, 'pending', '', '')"
    with as_moderator(mona):
        run(insert + values, [job.pk, other.pk, own.person_id])
        assert BulkItem.objects.get(case=other).person_id == other.person_id
        with refused("row-level security"):
            run(insert + values, [job.pk, own.pk, other.person_id])


def test_the_job_of_another_takes_no_case(mona: User) -> None:
    job, case = make_job(mona, make_cases(1), item_count=2), make_case()
    with as_moderator(staff(Role.MODERATOR)), refused("bulk job of somebody else"):
        run(
            "INSERT INTO audit_bulkitem (id, job_id, case_id, person_id, status, foreseen, outcome_words) "
            "VALUES (uuidv7(), %s, %s, %s, 'pending', '', '')",
            [job.pk, case.pk, case.person_id],
        )


def test_more_than_25_wait_for_another_lead(mona: User, leah: User) -> None:
    job = make_job(leah, make_cases(26), role=Role.LEAD_MODERATOR)
    with as_lead(leah):
        with refused("audit_bulkjob_size_check"):
            move(job, "approved")
        with refused("approved while it waits"):
            move(job, "approved", approved_by_id=mona.pk)
        assert move(job, "waiting") == 1
        with refused("audit_bulkjob_four_eyes_check"):
            move(job, "approved", approved_by_id=leah.pk)
        with refused("not yours"):
            move(job, "approved", approved_by_id=mona.pk)
    with as_moderator(mona), refused("not yours"):
        move(job, "approved", approved_by_id=mona.pk)
    second = staff(Role.LEAD_MODERATOR)
    with as_lead(second):
        assert move(job, "approved", approved_by_id=second.pk, approved_at="2020-01-01T00:00Z") == 1
    job.refresh_from_db()
    assert job.approved_at.year > 2020


def test_nobody_but_the_creator_submits(mona: User, leah: User) -> None:
    job = make_job(mona, make_cases(1))
    with as_lead(leah), refused("not yours"):
        move(job, "approved")
    with as_moderator(staff(Role.MODERATOR)), refused("not yours"):
        move(job, "cancelled")
    with as_lead(leah):
        assert move(job, "cancelled") == 1


def test_only_a_worker_carries_out(mona: User) -> None:
    job = make_job(mona, make_cases(1))
    with as_moderator(mona):
        move(job, "approved")
        with refused("not yours"):
            move(job, "running")
    with as_worker():
        assert move(job, "running") == 1
        with refused("no outcome yet"):
            move(job, "done")
        with refused("cannot move"):
            move(job, "cancelled")


def test_what_was_asked_for_never_changes(mona: User) -> None:
    job = make_job(mona, make_cases(1))
    for column, value in (("reasons", "Others"), ("item_count", 2), ("title", "Another")):
        with refused("cannot be changed"):
            run(f"UPDATE audit_bulkjob SET {column} = %s WHERE id = %s", [value, job.pk])


def running(mona: User, number: int = 1) -> BulkJob:
    job = make_job(mona, make_cases(number))
    for status in ("approved", "running"):
        BulkJob.objects.filter(pk=job.pk).update(status=status)
    return BulkJob.objects.get(pk=job.pk)


DONE = "UPDATE audit_bulkitem SET status = 'done', decision_id = %s WHERE id = %s"


def test_an_item_is_done_by_its_creators_decision_on_its_case(mona: User, leah: User) -> None:
    job = running(mona)
    item = BulkItem.objects.select_related("case").get(job=job)
    elsewhere, by_another = make_decision(make_case(), mona), make_decision(item.case, leah)
    right = make_decision(item.case, mona)
    with as_moderator(mona):
        for wrong in (elsewhere, by_another):
            with refused("not the decision that the bulk job is about"):
                run(DONE, [wrong.pk, item.pk])
        with refused("never changes"):
            run("UPDATE audit_bulkitem SET decision_id = %s WHERE id = %s", [right.pk, item.pk])
        with refused("not the decision"):
            run(DONE, [None, item.pk])
        assert affected(DONE, [right.pk, item.pk]) == 1
        with refused("never changes"):
            run("UPDATE audit_bulkitem SET outcome_words = 'Other' WHERE id = %s", [item.pk])
        with refused("not being carried out"):
            run("UPDATE audit_bulkitem SET status = 'kept', outcome_words = 'No.' WHERE id = %s", [item.pk])


def test_another_moderator_cannot_refuse_an_item(mona: User) -> None:
    item = BulkItem.objects.get(job=running(mona))
    refuse = "UPDATE audit_bulkitem SET status = 'refused', outcome_words = 'No.' WHERE id = %s"
    with as_moderator(staff(Role.MODERATOR)), refused("somebody else"):
        run(refuse, [item.pk])
    with as_worker():
        assert affected(refuse, [item.pk]) == 1


def test_before_it_runs_nothing_has_an_outcome(mona: User) -> None:
    item = BulkItem.objects.get(job=make_job(mona, make_cases(1)))
    with as_moderator(mona), refused("not being carried out"):
        run("UPDATE audit_bulkitem SET status = 'refused', outcome_words = 'No.' WHERE id = %s", [item.pk])


def test_an_undoing_needs_a_lead_and_reasons(mona: User, leah: User) -> None:
    job = running(mona)
    BulkItem.objects.filter(job=job).update(status="refused", outcome_words="No.")
    with as_worker():
        move(job, "done")
    with as_moderator(mona), refused("not yours"):
        move(job, "undoing", undone_by_id=mona.pk, undo_reasons="A mistake.")
    with as_lead(leah):
        with refused("audit_bulkjob_undone_check"):
            move(job, "undoing", undone_by_id=leah.pk)
        with refused("not yours"):
            move(job, "undoing", undone_by_id=mona.pk, undo_reasons="A mistake.")
        assert move(job, "undoing", undone_by_id=leah.pk, undo_reasons="A mistake.") == 1
    with as_worker():
        assert move(job, "undone") == 1


def test_nobody_deletes(mona: User) -> None:
    job = make_job(mona, make_cases(1))
    with as_moderator(mona):
        for table in ("audit_bulkitem", "audit_bulkjob"):
            with refused("permission denied"):
                run(f"DELETE FROM {table} WHERE true OR id = %s", [job.pk])
