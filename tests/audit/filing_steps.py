"""Filings and access reviews of the tests, made by the services as those who would make them."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.models import AccessReview, ComplianceFiling
from audit.services.access_reviews import access_review_open
from audit.services.filed_filings import filing_file
from audit.services.filings import filing_approve, filing_prepare, filing_submit
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.factories import UserFactory, staff

WHY = "seen by a colleague"
SECRET = "Apparent grooming of a child in the private chat of the stream Low Tide"


def as_compliance(user: User) -> AbstractContextManager[Any]:
    """Act as a member of compliance."""
    return acting(Role.COMPLIANCE, user_id=user.pk)


def as_administrator(user: User) -> AbstractContextManager[Any]:
    """Act as an administrator."""
    return acting(Role.ADMINISTRATOR, user_id=user.pk)


def prepared(author: User | None = None, **fields: Any) -> ComplianceFiling:
    """A draft about a person of whom the house became aware an hour ago, with its words."""
    author = author or staff(Role.COMPLIANCE)
    values: dict[str, Any] = {
        "kind": "child_safety",
        "aware_at": timezone.now() - timedelta(hours=1),
        "words": SECRET,
        **fields,
    }
    if values["kind"] in ("child_safety", "suspected_offence", "suspicious_transaction"):
        values.setdefault("person_id", None if "case_id" in values else UserFactory().pk)
    with as_compliance(author):
        return filing_prepare(actor=author, reason=WHY, **values)


def submitted(author: User | None = None, **fields: Any) -> ComplianceFiling:
    """A filing that waits for approval."""
    filing = prepared(author, **fields)
    with as_compliance(filing.prepared_by):
        return filing_submit(filing_id=filing.pk, actor=filing.prepared_by, reason=WHY)


def approved(author: User | None = None, approver: User | None = None, **fields: Any) -> ComplianceFiling:
    """A filing that a colleague approved."""
    filing = submitted(author, **fields)
    approver = approver or staff(Role.COMPLIANCE)
    with as_compliance(approver):
        return filing_approve(filing_id=filing.pk, actor=approver, reason=WHY)


def filed(author: User | None = None, receipt: str = "CT-1", **fields: Any) -> ComplianceFiling:
    """A filing that the authority has."""
    filing = approved(author, **fields)
    with as_compliance(filing.prepared_by):
        return filing_file(
            filing_id=filing.pk, authority_reference=receipt, actor=filing.prepared_by, reason=WHY
        )


def opened() -> AccessReview:
    """The review of this quarter, of all grants that are there now."""
    with acting(Role.WORKER):
        review, _ = access_review_open()
    return review
