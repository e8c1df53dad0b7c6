"""What is destroyed and what is kept of subject requests, letters and counter-notices when their person is erased."""

import json
from uuid import UUID

from django.db import connection

from audit.models import CounterNotice, DecisionNotification
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

LETTERS = {
    "audit_decisionnotification": (
        "letters to the person about decisions and appeals",
        "record of decisions, a legal obligation (Regulation (EU) 2022/2065, art. 17 and 20; GDPR art. 17(3)(b))",
        "7 years",
    ),
    "audit_counternotice": (
        "counter-notices that the person gave, in their words",
        "establishment and defence of legal claims (17 U.S.C. 512(g); GDPR art. 17(3)(e))",
        "7 years",
    ),
}
"""What of notices and letters stays; compliance reads these rows itself."""


def _letters(person_id: UUID) -> dict[str, int]:
    return {
        "audit_decisionnotification": DecisionNotification.objects.filter(recipient_id=person_id).count(),
        "audit_counternotice": CounterNotice.objects.filter(performer_id=person_id).count(),
    }


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = (json.loads(part) for part in cursor.fetchone())
    kept |= _letters(person_id)
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, destroyed[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, kept[table], why, until)
            for table, (words, why, until) in (KEPT | LETTERS).items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("requests_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("requests_person_erase", person_id)


register_eraser(Eraser(75, "subject_requests", survey=_survey, erase=_erase))
