"""What is destroyed and what is kept of filings and access reviews when a person is erased."""

from uuid import UUID

from django.db import connection
from django.db.models import Q

from audit.models import AccessReviewItem, ComplianceFiling
from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DUTY = "reports to authorities, a legal obligation (GDPR art. 17(3)(b))"
STAFF = "accountability of staff (GDPR art. 5(2) and 17(3)(b))"


def _items(person_id: UUID) -> Q:
    return Q(holder_id=person_id) | Q(decided_by_id=person_id) | Q(granted_by_id=person_id)


def _report(person_id: UUID, words: int) -> ErasureReport:
    filings = ComplianceFiling.objects.filter(
        Q(person_id=person_id)
        | Q(prepared_by_id=person_id)
        | Q(approved_by_id=person_id)
        | Q(filed_by_id=person_id)
    ).count()
    items = AccessReviewItem.objects.filter(_items(person_id)).count()
    return ErasureReport(
        destroyed=(Destroyed("audit_accessreviewitem", "why colleagues kept or withdrew a role", words),),
        kept=(
            Kept(
                "audit_compliancefiling",
                "reports to authorities about the person, encrypted, and those that the person made as staff",
                filings,
                DUTY,
                "7 years",
            ),
            Kept("audit_accessreviewitem", "which roles were kept or withdrawn", items, STAFF, "7 years"),
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report(person_id, AccessReviewItem.objects.filter(holder_id=person_id).exclude(reason="").count())


def _erase(person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_review_words_erase(%s)", [person_id])
        (words,) = cursor.fetchone()
    return _report(person_id, words)


register_eraser(Eraser(71, "filings", survey=_survey, erase=_erase))
