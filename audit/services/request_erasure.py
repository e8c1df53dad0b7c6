"""What is destroyed and what is kept of subject requests when their person is erased."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "audit_subjectrequest": "words of requests about the person's data, and of the answers",
}
PROOF = "proof that requests were answered (GDPR art. 5(2) and 17(3)(b))"
KEPT = {
    "audit_subjectrequest": (
        "which requests were made, when, and how each ended",
        PROOF,
        "6 years after the end of each",
    ),
    "audit_requeststep": ("what was done about each, by category", PROOF, "with the request"),
    "audit_subjectrequesttransition": (
        "who of staff moved each, when and why",
        PROOF,
        "with the request",
    ),
}


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = (json.loads(part) for part in cursor.fetchone())
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, destroyed[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, kept[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("requests_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("requests_person_erase", person_id)


register_eraser(Eraser(75, "subject_requests", survey=_survey, erase=_erase))
