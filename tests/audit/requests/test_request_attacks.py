"""What the database refuses by itself, to somebody who never heard of the services."""

import pytest

from accounts.models import User
from audit.models import RequestStep, SubjectRequest
from audit.services.rectifications import subject_request_decline, subject_request_rectify
from audit.services.subject_request_runs import subject_request_start
from audit.services.subject_requests import subject_request_answer
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory, ViewerProfileFactory, staff
from tests.audit.requests.asking import WHY, asked, by, confirmed, filed, officer
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

TABLES = ("audit_subjectrequest", "audit_requeststep", "audit_subjectrequesttransition")
READERS = {Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER}
OWN = {Role.VIEWER, Role.PERFORMER}
INSERT = (
    "INSERT INTO audit_subjectrequest (id, reference, person_id, kind, channel, asked_by, status, received_at) "
    "VALUES (%s, %s, %s, 'access', %s, 'person', %s, now() - interval '2 days')"
)
STEP = (
    "INSERT INTO audit_requeststep (id, request_id, category, outcome, words, rows) "
    "VALUES (%s, %s, 'accounts_user', %s, 'something', 1)"
)
MOVE = "UPDATE audit_subjectrequest SET status = %s WHERE id = %s"


def corrected(person: User) -> SubjectRequest:
    """A rectification that runs, with something corrected."""
    ViewerProfileFactory(user=person, display_name="Wrong Name")
    coral = officer()
    request = by(coral, subject_request_start, confirmed(person, "rectification"), reason=WHY)
    by(coral, subject_request_rectify, request, what="display_name", value="Right Name", reason=WHY)
    return SubjectRequest.objects.get(pk=request.pk)


@pytest.mark.parametrize("role", ACTING_ROLES)
def test_who_reads(role: Role) -> None:
    corrected(UserFactory())
    with acting(role, user_id=staff().pk):
        for table in TABLES:
            if role in READERS:
                assert run(f"SELECT count(*) FROM {table}")[0][0] > 0, table
            elif role in OWN and table != "audit_subjectrequesttransition":
                assert run(f"SELECT count(*) FROM {table}") == [(0,)], table
            else:
                with refused("permission denied"):
                    run(f"SELECT count(*) FROM {table}")


def test_a_person_files_for_themselves_now_and_nothing_further() -> None:
    anna, other = UserFactory(), UserFactory()
    with acting(Role.VIEWER, user_id=anna.pk):
        for person, channel, status, words in (
            (other, "form", "received", "row-level security"),
            (anna, "email", "received", "row-level security"),
            (anna, "form", "done", "cannot begin as done"),
        ):
            with refused(words):
                run(INSERT, [uuid7(), "SR-2611-AAAAAAAA", person.pk, channel, status])
        run(INSERT, [uuid7(), "SR-2611-AAAAAAAA", anna.pk, "form", "received"])
        with refused("rule|duplicate|key"):
            run(INSERT, [uuid7(), "SR-2611-BBBBBBBB", anna.pk, "form", "received"])
    request = SubjectRequest.objects.get()
    # A back-dated request does not shorten the deadline, and the stamps are those of the database.
    assert run(
        "SELECT received_at > now() - interval '1 hour', filed_by_id = person_id FROM audit_subjectrequest"
    ) == [(True, True)]
    with acting(Role.VIEWER, user_id=anna.pk):
        for status in ("verified", "refused"):
            with refused("row-level security|rule|check"):
                run(MOVE, [status, request.pk])
        with refused("permission denied"):
            run("UPDATE audit_subjectrequest SET identity_method = 'document' WHERE id = %s", [request.pk])
        assert affected(MOVE, ["withdrawn", request.pk]) == 1
    with acting(Role.VIEWER, user_id=other.pk):
        assert affected(MOVE, ["withdrawn", request.pk]) == 0


def test_compliance_moves_nothing_past_the_law() -> None:
    coral, request = officer(), filed(kind="erasure")
    with acting(Role.COMPLIANCE, user_id=coral.pk):
        with refused("identity"):
            run(MOVE, ["verified", request.pk])
        with refused("cannot move from received to running"):
            run(MOVE, ["running", request.pk])
        run(
            "UPDATE audit_subjectrequest SET status = 'verified', identity_method = 'document' WHERE id = %s",
            [request.pk],
        )
        with refused("four_eyes"):
            run(MOVE, ["running", request.pk])
        with refused("permission denied"):
            run("UPDATE audit_subjectrequest SET wish = 'less' WHERE id = %s", [request.pk])
        with refused("permission denied"):
            run(
                "UPDATE audit_subjectrequest SET due_at = now() + interval '1 year' WHERE id = %s",
                [request.pk],
            )
        with refused("at most two months"):
            run(
                "UPDATE audit_subjectrequest SET extended_until = now() + interval '1 year', "
                "extension_reason = 'too much' WHERE id = %s",
                [request.pk],
            )
        with refused("refused"):
            run(MOVE, ["refused", request.pk])
        with refused("permission denied"):
            run("DELETE FROM audit_subjectrequest")
    carl = officer()
    with acting(Role.COMPLIANCE, user_id=carl.pk):
        run(MOVE, ["running", request.pk])
        with refused("answered in words"):
            run(MOVE, ["done", request.pk])
        with refused("Nothing was done"):
            run(
                "UPDATE audit_subjectrequest SET status = 'done', answer = 'Gone.' WHERE id = %s",
                [request.pk],
            )
        # Nothing is called destroyed whose person is there.
        with refused("has no step of this outcome"):
            run(STEP, [uuid7(), request.pk, "destroyed"])
        with refused("has no step of this outcome"):
            run(STEP, [uuid7(), request.pk, "provided"])
        with refused("legal_basis"):
            run(STEP, [uuid7(), request.pk, "refused"])


def test_staff_cannot_touch_their_own() -> None:
    coral = officer()
    request = asked(coral)
    with acting(Role.COMPLIANCE, user_id=coral.pk):
        with refused("row-level security"):
            run(INSERT, [uuid7(), "SR-2611-CCCCCCCC", coral.pk, "email", "received"])
        assert affected(MOVE, ["withdrawn", request.pk]) == 0


def test_moves_and_steps_are_never_rewritten() -> None:
    request = corrected(UserFactory())
    step = RequestStep.objects.get(request=request)
    with acting(Role.OWNER):
        with refused("append-only"):
            run("UPDATE audit_subjectrequesttransition SET reason = 'other'")
        with refused("never rewritten"):
            run("UPDATE audit_requeststep SET object_key = '' WHERE id = %s", [step.pk])
    with acting(Role.COMPLIANCE, user_id=officer().pk):
        with refused("permission denied"):
            run("INSERT INTO audit_subjectrequesttransition (id) VALUES (uuidv7())")
        with refused("was done already"):
            run(
                "UPDATE audit_subjectrequest SET status = 'refused', refusal_ground = 'accurate', "
                "refusal_reason = 'as it is' WHERE id = %s",
                [request.pk],
            )


def test_a_rectification_names_columns_and_no_value() -> None:
    person = UserFactory()
    request = corrected(person)
    step = RequestStep.objects.get(request=request)
    assert (step.category, step.columns, step.outcome) == (
        "accounts_viewerprofile",
        ["display_name"],
        "rectified",
    )
    assert run("SELECT display_name FROM accounts_viewerprofile") == [("Right Name",)]
    for table in ("audit_requeststep", "audit_event"):
        assert run(f"SELECT count(*) FROM {table} r WHERE r::text ~ '(Right|Wrong) Name'") == [(0,)]
    coral = officer()
    by(coral, subject_request_decline, request, words="the date of birth", ground="accurate", reason=WHY)
    with pytest.raises(Exception, match="ground in law"):
        by(coral, subject_request_answer, request, answer="The name is corrected.")
    done = by(
        coral,
        subject_request_answer,
        request,
        answer="The name is corrected.",
        ground="accurate",
        reason="the date of birth is that of the document",
    )
    assert (done.status, done.refusal_ground) == ("partly_refused", "accurate")
    with acting(Role.VIEWER, user_id=person.pk):
        assert run("SELECT count(*) FROM audit_requeststep") == [(2,)]
