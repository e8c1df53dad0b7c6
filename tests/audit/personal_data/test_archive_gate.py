"""Raw SQL against the gate: rows of a person come out for a running request of that person, and not otherwise."""

import pytest

from audit.models import PersonalArchive
from audit.request_choices import RequestKind
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from tests.accounts.contacts import add
from tests.accounts.factories import UserFactory, staff
from tests.audit.personal_data.archives import made, request_of, running
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

OPEN = "SELECT personal_rows_open(%s, %s, %s, 'salt')"
NOT_RUNNING = "that is being carried out"


def rows(request, table: str = "accounts_user", relation: str = "") -> list:
    run(OPEN, [request.pk, table, relation or table])
    found = run("FETCH ALL FROM personal_rows")
    run("CLOSE personal_rows")
    return found


def test_a_running_request_gives_the_rows_of_its_person_alone() -> None:
    person, other = UserFactory(), UserFactory()
    request = running(person)
    with acting(Role.WORKER):
        (line,) = rows(request)
    assert str(person.pk) in line[0]
    assert str(other.pk) not in line[0]


@pytest.mark.parametrize("kind", list(RequestKind))
def test_a_request_that_was_only_filed_gives_nothing(kind: RequestKind) -> None:
    request = request_of(UserFactory(), kind)
    with acting(Role.WORKER), refused(NOT_RUNNING):
        rows(request)


@pytest.mark.parametrize("kind", [RequestKind.RECTIFICATION, RequestKind.ERASURE])
def test_a_request_for_something_else_gives_nothing(kind: RequestKind) -> None:
    request = running(UserFactory(), kind)
    with acting(Role.WORKER), refused(NOT_RUNNING):
        rows(request)


def test_an_answered_request_gives_nothing_more() -> None:
    request = running(UserFactory())
    with acting(Role.WORKER):
        run("UPDATE audit_subjectrequest SET status = 'withdrawn' WHERE id = %s", [request.pk])
        with refused(NOT_RUNNING):
            rows(request)


@pytest.mark.parametrize("role", [role for role in (*ACTING_ROLES, Role.APP) if role is not Role.WORKER])
def test_no_other_role_can_call_it(role: Role) -> None:
    request = running(UserFactory())
    with acting(role, user_id=request.person_id), refused("permission denied"):
        run(OPEN, [request.pk, "accounts_user", "accounts_user"])


@pytest.mark.parametrize(
    ("table", "relation"),
    [
        ("accounts_user", "accounts_usercontact"),
        ("accounts_user", "pg_authid"),
        ("accounts_user", "archive.accounts_user_p2026_01"),
        ("accounts_user", "archive.accounts_user_p1; DROP TABLE accounts_user"),
        ("accounts_user", "(SELECT * FROM accounts_user)"),
        ("audit_legalhold", "audit_legalhold"),
        ("billing_kyccase", "billing_kyccase"),
        ("no_such_table", "no_such_table"),
        ("accounts_user' OR true --", "accounts_user"),
    ],
)
def test_other_relations_are_refused(table: str, relation: str) -> None:
    request = running(UserFactory())
    with acting(Role.WORKER), refused("is no part of|are not handed out"):
        rows(request, table, relation)


def test_portability_gives_what_was_provided_alone() -> None:
    request = running(UserFactory(), RequestKind.PORTABILITY)
    with acting(Role.WORKER), refused("are not handed out"):
        rows(request, "accounts_restriction")


def test_without_keys_nothing_encrypted_comes_out() -> None:
    person = UserFactory()
    add(person, "gate@example.org")
    request = running(person)
    with acting(Role.WORKER), refused("No keys are in force"):
        rows(request, "accounts_usercontact")


INSERT = """
INSERT INTO audit_personalarchive
  (id, request_id, person_id, object_key, file_key, sha256, content_sha256, stored_bytes, content_bytes, rows,
   rows_by_table, expires_at)
VALUES (
  uuidv7(), %s, %s, uuidv7()::text, '\\x0102', sha256('a'), sha256('b'), 1, 1, 1, '{}', now() + interval '30 days'
)
"""


def test_an_archive_belongs_to_a_running_request_and_its_person() -> None:
    filed, request, other = request_of(UserFactory()), running(UserFactory()), UserFactory()
    with acting(Role.WORKER):
        with refused(NOT_RUNNING):
            run(INSERT, [filed.pk, filed.person_id])
        run(INSERT, [request.pk, other.pk])
        with refused("audit_personalarchive_there_key"):
            run(INSERT, [request.pk, request.person_id])
    assert PersonalArchive.objects.get().person_id == request.person_id
    for role in (Role.COMPLIANCE, Role.ADMINISTRATOR, Role.VIEWER):
        with acting(role, user_id=other.pk), refused("permission denied"):
            run(INSERT, [request.pk, request.person_id])


def test_an_archive_is_not_changed_prolonged_or_deleted() -> None:
    archive = made(running(UserFactory()))
    with acting(Role.WORKER):
        for change in ("sha256 = sha256('other')", "rows = 0", "person_id = uuidv7()"):
            with refused("permission denied"):
                run(f"UPDATE audit_personalarchive SET {change}")
        with refused("not exchanged"):
            run("UPDATE audit_personalarchive SET file_key = '\\x0102'")
        with refused("not prolonged"):
            run("UPDATE audit_personalarchive SET expires_at = expires_at + interval '1 day'")
        with refused("file_key_check"):
            run("UPDATE audit_personalarchive SET file_key = NULL")
        with refused("permission denied"):
            run("DELETE FROM audit_personalarchive")
        run("UPDATE audit_personalarchive SET file_key = NULL, deleted_at = now()")
        with refused("does not come back"):
            run("UPDATE audit_personalarchive SET deleted_at = NULL")
    with acting(Role.OWNER), refused("stays on record"):
        run("DELETE FROM audit_personalarchive WHERE id = %s", [archive.pk])
    with acting(Role.OWNER), refused("."):
        run("UPDATE audit_personalarchive SET rows = 0")


def test_who_sees_that_there_is_one() -> None:
    archive, stranger = made(running(UserFactory())), UserFactory()
    count = "SELECT count(*) FROM audit_personalarchive"
    for role in (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        with acting(role, user_id=staff(role).pk):
            assert run(count) == [(1,)]
    for user, seen in ((archive.person_id, 1), (stranger.pk, 0), (None, 0)):
        with acting(Role.VIEWER, user_id=user):
            assert run(count) == [(seen,)]
    for role in (Role.SUPPORT, Role.MODERATOR, Role.FINANCE, Role.ANALYST):
        with acting(role), refused("permission denied"):
            run(count)
    with acting(Role.AUDITOR), refused("permission denied"):
        affected("UPDATE audit_personalarchive SET deleted_at = now()")
