"""Reports become cases, whoever writes them and how."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from audit.models import Case, CaseEvent, Evidence
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.audit.factories_moderation import (
    make_report,
)
from tests.sql import run

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
