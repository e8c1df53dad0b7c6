"""What the database refuses by itself, to somebody who never heard of the services."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import CounterNotice, TakedownNotice
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.audit.takedowns import accepted, answered, carried_out, received, valid_answer
from tests.sql import affected, refused, run
from tests.streams.factories_archives import make_archive, make_performer

pytestmark = pytest.mark.django_db

TABLES = (
    "audit_takedownnotice",
    "audit_takedowntarget",
    "audit_counternotice",
    "audit_counternoticetarget",
    "audit_takedowntransition",
    "audit_counternoticetransition",
)
STAFF_READERS = {
    Role.COMPLIANCE,
    Role.LEAD_MODERATOR,
    Role.MODERATOR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.WORKER,
}
MOVE = "UPDATE audit_takedownnotice SET status = %s, due_at = %s WHERE id = %s"


@pytest.fixture
def officer(db: None) -> User:
    return staff(Role.COMPLIANCE)


def rows_seen(table: str) -> int:
    return int(run(f"SELECT count(*) FROM {table}")[0][0])


@pytest.mark.parametrize("role", [role for role in ACTING_ROLES if role is not Role.PERFORMER])
def test_who_reads(role: Role) -> None:
    answered(carried_out(email="ada@harbour.example"))
    with acting(role, user_id=UserFactory().pk):
        for table in TABLES:
            if role in STAFF_READERS:
                assert rows_seen(table) > 0, table
            else:
                with refused("permission denied"):
                    rows_seen(table)
        if role in (Role.COMPLIANCE, Role.LEAD_MODERATOR, Role.WORKER):
            assert rows_seen("audit_takedownclaimant") == 1
        else:
            with refused("permission denied"):
                rows_seen("audit_takedownclaimant")


def test_without_a_person_a_performer_sees_nothing() -> None:
    answered(carried_out())
    with acting(Role.PERFORMER):
        for table in TABLES[:4]:
            assert rows_seen(table) == 0


def test_the_performer_reads_what_concerns_her_once_it_was_carried_out() -> None:
    archive, elsewhere = make_archive(), carried_out()
    waiting = received(archive)
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        assert rows_seen("audit_takedownnotice") == 0, "before, telling her would warn her"
    mine = carried_out(archive)
    answered(mine)
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        assert run("SELECT id, claimant_name FROM audit_takedownnotice") == [(mine.pk, "Ada Quill")]
        assert rows_seen("audit_takedowntarget") == 1
        assert rows_seen("audit_counternotice") == rows_seen("audit_counternoticetarget") == 1
        for table in ("audit_takedownclaimant", "audit_takedowntransition"):
            with refused("permission denied"):
                rows_seen(table)
        with refused("permission denied"):
            affected("UPDATE audit_takedownnotice SET status = 'withdrawn'")
        with refused("permission denied"):
            affected("UPDATE audit_counternotice SET status = 'valid'")
    assert {waiting.status, elsewhere.status} == {"received", "content_disabled"}


def test_a_performer_answers_for_herself_only() -> None:
    archive, his = make_archive(), make_archive()
    notice = carried_out(archive, his)
    insert = (
        "INSERT INTO audit_counternotice (notice_id, performer_id, source, received_at, due_at, status) "
        "VALUES (%s, %s, %s, now(), now(), 'received') RETURNING id"
    )
    with acting(Role.PERFORMER, user_id=archive.performer_id):
        with refused("row-level security"):
            run(insert, [notice.pk, his.performer_id, "form"])
        with refused("row-level security"):
            run(insert, [notice.pk, archive.performer_id, "import"])
        ((counter,),) = run(insert, [notice.pk, archive.performer_id, "form"])
    target = notice.targets.get(performer_id=his.performer_id)
    with refused("answers what its notice disabled"):
        run(
            "INSERT INTO audit_counternoticetarget (counter_notice_id, target_id) VALUES (%s, %s)",
            [counter, target.pk],
        )


def test_moderators_read_and_write_nothing() -> None:
    notice = received()
    with acting(Role.MODERATOR, user_id=staff(Role.MODERATOR).pk), refused("permission denied"):
        affected(MOVE, ["rejected", None, notice.pk])


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.LEAD_MODERATOR])
def test_nobody_moves_a_notice_about_themselves(role: Role) -> None:
    handler = staff(role)
    archive = make_archive(make_performer(handler))
    notice = carried_out(archive)
    counter = answered(notice)
    other = received()
    with acting(role, user_id=handler.pk):
        assert affected(MOVE, ["withdrawn", None, notice.pk]) == 0
        assert (
            affected("UPDATE audit_takedowntarget SET restored_at = now() WHERE notice_id = %s", [notice.pk])
            == 0
        )
        assert affected("UPDATE audit_counternotice SET status = 'moot', due_at = NULL") == 0
        with refused("row-level security"):
            run(
                "INSERT INTO audit_takedowntarget (notice_id, subject_kind, subject_id) VALUES (%s, 'archive', %s)",
                [other.pk, archive.pk],
            )
    assert counter.status == "received"


def test_a_target_exists_and_has_its_own_performer(officer: User) -> None:
    notice, archive, other = received(), make_archive(), make_performer()
    insert = (
        "INSERT INTO audit_takedowntarget (notice_id, subject_kind, subject_id, performer_id) "
        "VALUES (%s, %s, %s, %s) RETURNING performer_id"
    )
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        with refused("There is no archive with this id"):
            run(insert, [notice.pk, "archive", uuid7(), other.pk])
        with refused("There is no stream with this id"):
            run(insert, [notice.pk, "stream", archive.pk, other.pk])
        assert run(insert, [notice.pk, "archive", archive.pk, other.pk]) == [(archive.performer_id,)]
    assert archive.performer_id in TakedownNotice.objects.get(pk=notice.pk).performer_ids
    with refused("follows from the targets"):
        affected("UPDATE audit_takedownnotice SET performer_ids = '{}' WHERE id = %s", [notice.pk])
    with refused("a notice of its own"):
        run(insert, [carried_out().pk, "archive", archive.pk, None])


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("content_disabled", "cannot move from received to content_disabled"),
        ("restored", "cannot move from received to restored"),
        ("accepted", "due_at_check"),
        ("rejected", "ground_check"),
        ("wish", "cannot move from received to wish"),
    ],
)
def test_moves_that_do_not_exist(officer: User, to: str, words: str) -> None:
    notice = received()
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused(words):
        affected(MOVE, [to, None, notice.pk])


def test_an_incomplete_notice_is_never_accepted(officer: User) -> None:
    notice = received(elements=frozenset({"is_signed"}))
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("complete_check"):
        affected(MOVE, ["accepted", timezone.now(), notice.pk])
    with refused("can only be updated to DEFAULT|generated"):
        affected("UPDATE audit_takedownnotice SET is_complete = true WHERE id = %s", [notice.pk])


def test_a_take_down_is_whole_and_so_is_its_undoing(officer: User) -> None:
    notice, standing = accepted(), carried_out()
    disabled = "UPDATE audit_takedownnotice SET status = 'content_disabled', due_at = NULL, acted_at = now()"
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        with refused("Everything that the notice names has to be disabled"):
            affected(f"{disabled} WHERE id = %s", [notice.pk])
        with refused("has not been restored"):
            affected(MOVE, ["withdrawn", None, standing.pk])


def test_what_was_done_is_never_rewritten() -> None:
    notice = carried_out()
    with refused("never rewritten"):
        affected("UPDATE audit_takedowntarget SET effect = 'ended' WHERE notice_id = %s", [notice.pk])
    fresh = received()
    with refused("while its notice is accepted"):
        affected(
            "UPDATE audit_takedowntarget SET disabled_at = now(), effect = 'unavailable' WHERE notice_id = %s",
            [fresh.pk],
        )
    for table in ("audit_takedowntransition", "audit_counternoticetransition"):
        answered(carried_out())
        with refused("append-only"):
            affected(f"UPDATE {table} SET reason = 'another one'")
        with refused("append-only"):
            affected(f"DELETE FROM {table}")


def test_nobody_restores_before_the_tenth_business_day_is_over(officer: User) -> None:
    early = valid_answer(carried_out(), days_ago=5)
    restore = (
        "UPDATE audit_counternotice SET status = 'restored', due_at = NULL, "
        "status_since = now() + interval '1 year' WHERE id = %s"
    )
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        affected("UPDATE audit_takedowntarget SET restored_at = now() + interval '1 second'")
        with refused("restored_check"):
            affected(restore, [early.pk])
        with refused("window_check"):
            affected("UPDATE audit_counternotice SET restore_from = complete_since WHERE id = %s", [early.pk])


def test_a_restoration_leaves_nothing_disabled(officer: User) -> None:
    counter = valid_answer(carried_out(), days_ago=40)
    with acting(Role.COMPLIANCE, user_id=officer.pk), refused("is still disabled"):
        affected(
            "UPDATE audit_counternotice SET status = 'restored', due_at = NULL WHERE id = %s", [counter.pk]
        )


def test_the_clock_of_the_database_says_since_when(officer: User) -> None:
    notice = received()
    with acting(Role.COMPLIANCE, user_id=officer.pk):
        affected(
            "UPDATE audit_takedownnotice SET status = 'rejected', rejected_for = 'licensed', due_at = NULL, "
            "status_since = '2020-01-01' WHERE id = %s",
            [notice.pk],
        )
        affected("UPDATE audit_takedownnotice SET status_since = '2020-01-01' WHERE id = %s", [notice.pk])
    row = TakedownNotice.objects.get(pk=notice.pk)
    assert timezone.now() - row.status_since < timedelta(minutes=5)
    move = row.transitions.get(to_status="rejected")
    assert (move.actor, move.acting_role, move.is_imported) == (officer, "vbl_compliance", False)
    with refused("cannot be changed"):
        affected("UPDATE audit_takedownnotice SET received_at = now() WHERE id = %s", [notice.pk])


def test_what_is_answered_is_free_again_when_the_answer_is_closed() -> None:
    counter = answered(carried_out())
    link = counter.answers.get()
    assert link.is_live
    CounterNotice.objects.filter(pk=counter.pk).update(status="rejected", due_at=None)
    link.refresh_from_db()
    assert not link.is_live
    with refused("never changed|cannot be changed"):
        affected("UPDATE audit_counternoticetarget SET target_id = %s", [uuid7()])
