"""What the database refuses by itself about filings, to somebody who never heard of the services."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from audit.models import ComplianceFiling
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, staff
from tests.audit.filing_steps import approved, as_compliance, filed, prepared, submitted
from tests.audit.holds import on_person
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

TABLES = ("audit_compliancefiling", "audit_filingtransition")
SEEN = {
    "audit_compliancefiling": {Role.COMPLIANCE, Role.AUDITOR, Role.WORKER},
    "audit_filingtransition": {Role.COMPLIANCE, Role.AUDITOR},
}
INSERT = (
    "INSERT INTO audit_compliancefiling (kind, authority, legal_basis, aware_at, person_id, prepared_by_id, status, "
    "writer_ids, number) VALUES (%s, 'NCMEC', 'a law', %s, %s, %s, %s, '{}', 7) RETURNING prepared_by_id, number"
)
MOVE = "UPDATE audit_compliancefiling SET status = %s WHERE id = %s"


@pytest.fixture
def officer(db: None) -> User:
    return staff(Role.COMPLIANCE)


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_reads_and_who_writes(role: Role) -> None:
    filing = filed()
    somebody, other = UserFactory(), UserFactory()
    with acting(role, user_id=somebody.pk):
        for table in TABLES:
            if role in SEEN[table]:
                assert run(f"SELECT count(*) FROM {table}")[0][0] > 0, table
            else:
                with refused("permission denied"):
                    run(f"SELECT count(*) FROM {table}")
            with refused("permission denied"):
                affected(f"DELETE FROM {table}")
            with refused("permission denied"):
                affected(f"TRUNCATE {table} CASCADE")
        if role is not Role.COMPLIANCE:
            with refused("permission denied"):
                affected(MOVE, ["closed", filing.pk])
            with refused("permission denied"):
                run(INSERT, ["child_safety", timezone.now(), other.pk, somebody.pk, "draft"])
        with refused("permission denied"):
            affected("INSERT INTO audit_filingtransition (filing_id) VALUES (%s)", [filing.pk])


def test_without_a_person_nothing_is_prepared_or_moved(officer: User) -> None:
    filing, person = approved(), UserFactory()
    with acting(Role.COMPLIANCE), refused("prepared by a person|row-level security"):
        run(INSERT, ["child_safety", timezone.now(), person.pk, officer.pk, "draft"])
    with refused("prepared by a person"):
        run(INSERT, ["child_safety", timezone.now(), person.pk, officer.pk, "draft"])
    with refused("moved by a person"):
        affected(MOVE, ["draft", filing.pk])


def test_author_and_number_are_those_of_the_database(officer: User) -> None:
    somebody = UserFactory()
    with as_compliance(officer):
        rows = run(INSERT, ["data_breach", timezone.now(), None, somebody.pk, "draft"])
        assert rows == [(officer.pk, 1)]
        assert run("SELECT writer_ids FROM audit_compliancefiling") == [([officer.pk],)]
        with refused("cannot begin as filed"):
            run(INSERT, ["data_breach", timezone.now(), None, officer.pk, "filed"])
        with refused("about_check"):
            run(INSERT, ["child_safety", timezone.now(), None, officer.pk, "draft"])
        with refused("no such kind"):
            run(INSERT, ["gossip", timezone.now(), None, officer.pk, "draft"])
        with refused("lies in the future"):
            run(INSERT, ["data_breach", timezone.now() + timedelta(hours=1), None, officer.pk, "draft"])


def test_nobody_sees_or_writes_what_is_about_themselves(officer: User) -> None:
    filing = submitted(person_id=officer.pk)
    with as_compliance(officer):
        assert run("SELECT id FROM audit_compliancefiling") == []
        assert affected(MOVE, ["approved", filing.pk]) == 0
        with refused("about yourself"):
            run(INSERT, ["child_safety", timezone.now(), officer.pk, officer.pk, "draft"])
    auditor = staff(Role.AUDITOR)
    prepared(person_id=auditor.pk)
    with acting(Role.AUDITOR, user_id=auditor.pk):
        assert run("SELECT person_id FROM audit_compliancefiling") == [(officer.pk,)]


def test_the_owner_cannot_approve_what_they_wrote() -> None:
    """Even in the role of the owner: who approves is whoever acts, whatever the statement names."""
    filing = submitted()
    with acting(Role.OWNER, user_id=filing.prepared_by_id), refused("does not decide about it"):
        affected(
            "UPDATE audit_compliancefiling SET status = 'approved', approved_by_id = %s, approved_at = now() "
            "WHERE id = %s",
            [staff(Role.COMPLIANCE).pk, filing.pk],
        )


def test_approver_and_filer_are_whoever_acts(officer: User) -> None:
    filing, other = submitted(), staff(Role.COMPLIANCE)
    with as_compliance(officer):
        with refused("permission denied"):
            affected("UPDATE audit_compliancefiling SET approved_by_id = %s", [other.pk])
        affected(MOVE, ["approved", filing.pk])
    assert ComplianceFiling.objects.get(pk=filing.pk).approved_by == officer
    with as_compliance(other):
        with refused("filed_check"):
            affected(MOVE, ["filed", filing.pk])
        affected(
            "UPDATE audit_compliancefiling SET status = 'filed', authority_reference = 'CT-7' WHERE id = %s",
            [filing.pk],
        )
    out = ComplianceFiling.objects.get(pk=filing.pk)
    assert (out.filed_by, out.authority_reference) == (other, "CT-7") and out.filed_at is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("filed_at = now()", "never rewritten"),
        ("authority_reference = 'CT-2'", "never rewritten"),
        ("outcome = 'no_action'", "never rewritten"),
        ("authority = 'Somebody else'", "Only a draft is rewritten"),
        ("legal_basis = 'another law'", "Only a draft is rewritten"),
        ("words = words || '\\x00'::bytea", "Only a draft is rewritten"),
        ("status = 'draft'", "cannot move from filed to draft"),
        ("status = 'amended'", "replaced by an amendment that was filed"),
        ("status = 'closed'", "answered_check"),
    ],
)
def test_what_was_filed_stays(officer: User, change: str, words: str) -> None:
    filing = filed()
    with as_compliance(officer), refused(words):
        affected(f"UPDATE audit_compliancefiling SET {change} WHERE id = %s", [filing.pk])


@pytest.mark.parametrize(
    "column",
    ["kind", "aware_at", "due_at", "person_id", "prepared_by_id", "number", "amends_id", "reporting_year"],
)
def test_what_a_filing_began_with_never_changes_by_anybody(officer: User, column: str) -> None:
    filing, other = filed(), prepared()
    values: dict[str, Any] = {
        "kind": "tax_report",
        "aware_at": timezone.now() - timedelta(days=2),
        "due_at": timezone.now() + timedelta(days=99),
        "person_id": UserFactory().pk,
        "prepared_by_id": officer.pk,
        "number": 9,
        "amends_id": other.pk,
        "reporting_year": 2025,
    }
    statement = f"UPDATE audit_compliancefiling SET {column} = %s WHERE id = %s"
    with as_compliance(officer), refused("permission denied"):
        affected(statement, [values[column], filing.pk])
    with acting(Role.OWNER, user_id=officer.pk), refused("cannot be changed"):
        affected(statement, [values[column], filing.pk])


def test_authors_are_not_forgotten(officer: User) -> None:
    filing = prepared()
    with as_compliance(officer), refused("permission denied"):
        affected("UPDATE audit_compliancefiling SET writer_ids = '{}' WHERE id = %s", [filing.pk])
    with acting(Role.OWNER, user_id=officer.pk), refused("kept by the database"):
        affected("UPDATE audit_compliancefiling SET writer_ids = '{}' WHERE id = %s", [filing.pk])
    with as_compliance(officer):
        affected("UPDATE audit_compliancefiling SET legal_basis = 'a law' WHERE id = %s", [filing.pk])
    assert ComplianceFiling.objects.get(pk=filing.pk).writer_ids == [filing.prepared_by_id, officer.pk]


def test_an_amendment_is_about_the_same_and_follows_what_is_out(officer: User) -> None:
    out, draft, somebody = filed(), prepared(), UserFactory()
    insert = (
        "INSERT INTO audit_compliancefiling (kind, authority, legal_basis, aware_at, person_id, prepared_by_id, "
        "status, writer_ids, number, amends_id) VALUES (%s, 'NCMEC', 'a law', now(), %s, %s, 'draft', '{}', 1, %s) "
        "RETURNING number, person_id"
    )
    with as_compliance(officer):
        with refused("What was filed is amended"):
            run(insert, ["child_safety", None, officer.pk, draft.pk])
        with refused("What was filed is amended"):
            run(insert, ["child_safety", None, officer.pk, uuid7()])
        with refused("of the same kind"):
            run(insert, ["data_breach", None, officer.pk, out.pk])
        assert run(insert, ["child_safety", somebody.pk, officer.pk, out.pk]) == [(2, out.person_id)]
        with refused("amends"):
            run(insert, ["child_safety", None, officer.pk, out.pk])


def test_a_hold_of_somebody_else_is_not_that_of_a_filing(officer: User) -> None:
    filing, elsewhere = prepared(), on_person(UserFactory().pk)
    mine = on_person(filing.person_id)  # type: ignore[arg-type]
    with as_compliance(officer):
        with refused("one hold for good"):
            affected(
                "UPDATE audit_compliancefiling SET hold_id = %s WHERE id = %s", [elsewhere.pk, filing.pk]
            )
        statement = "UPDATE audit_compliancefiling SET hold_id = %s WHERE id = %s"
        affected(statement, [mine.pk, filing.pk])
        with refused("one hold for good"):
            affected(statement, [None, filing.pk])


def test_the_worker_tells_and_changes_nothing_else() -> None:
    filing = prepared()
    with acting(Role.WORKER):
        for column in ("status", "authority", "words", "due_at"):
            with refused("permission denied"):
                affected(f"UPDATE audit_compliancefiling SET {column} = {column} WHERE id = %s", [filing.pk])
        assert affected("UPDATE audit_compliancefiling SET overdue_told_at = now()") == 1
