"""Reports, cases and what belongs to them. Reports come by the service; the reference data by the migration."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.models import User
from audit.models import Case, Claim, PolicyVersion, Queue, Report
from audit.services.claims import case_claim
from audit.services.reports import report_file
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory
from tests.sql import run
from tests.streams.factories_archives import make_archive, make_performer, make_stream

__all__ = ["make_archive", "make_performer", "make_stream"]


def make_report(
    subject: Any = None, reporter: User | None = None, kind: str = "person", **fields: Any
) -> Report:
    """A report by a viewer, of a new person unless told otherwise."""
    subject = subject or UserFactory()
    reporter = reporter or (subject.recipient if kind == "direct_message" else UserFactory())
    values: dict[str, Any] = {
        "category": "harassment",
        "source": "user",
        "words": "Insults, again and again.",
        **fields,
    }
    with acting(Role.VIEWER, user_id=reporter.pk):
        return report_file(subject_kind=kind, subject_id=subject.pk, actor=reporter, **values)


def make_case(subject: Any = None, kind: str = "person", **fields: Any) -> Case:
    """A case with one report."""
    return Case.objects.get(pk=make_report(subject, kind=kind, **fields).case_id)


def claimed(case: Case, moderator: User, role: Role = Role.MODERATOR) -> Claim:
    """The case in the hands of a moderator."""
    with acting(role, user_id=moderator.pk):
        return case_claim(case_id=case.pk, actor=moderator)


@contextmanager
def without_triggers(*tables: str) -> Iterator[None]:
    """The owner writes rows of the past, which nobody can write otherwise."""
    # A table is not altered while checks of it are put off to the end of the transaction.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def lease_runs_out(case: Case) -> None:
    """As if the holder had gone away: everything that was ever claimed of the case was an hour earlier."""
    with without_triggers("audit_claim", "audit_case"):
        run(
            "UPDATE audit_claim SET valid = tstzrange(lower(valid) - interval '1 hour', "
            "upper(valid) - interval '1 hour') WHERE case_id = %s",
            [case.pk],
        )
        run(
            "UPDATE audit_case SET claimed_until = claimed_until - interval '1 hour' WHERE id = %s", [case.pk]
        )


def decided(case: Case, *, closed: bool = True) -> Case:
    """A case as it is after a decision, written as the owner without one."""
    moves = ["claimed", "decided", *(["closed"] if closed else [])]
    with without_triggers("audit_case"):
        for status in moves[1:]:
            Case.objects.filter(pk=case.pk).update(
                status=status,
                claimed_by=None,
                claimed_until=None,
                decided_at=case.created_at,
                closed_at=case.created_at if status == "closed" else None,
            )
    return Case.objects.get(pk=case.pk)


def policy_version(code: str = "harassment") -> PolicyVersion:
    """The wording in force of a policy that came with the platform."""
    return PolicyVersion.objects.published().get(policy__code=code)


def queue(code: str = "general") -> Queue:
    """A queue that came with the platform."""
    return Queue.objects.get(code=code)
