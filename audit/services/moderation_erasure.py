"""What is destroyed and what is kept in moderation when a person is erased."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "audit_casepresence": "cases that the person had open on the screen",
    "audit_caseskip": "cases that the person passed over",
    "audit_savedfilter": "filters of the list of cases that the person kept",
}
CLAIMS = "establishment and defence of legal claims (GDPR art. 17(3)(e))"
DUTY = (
    "record of decisions, a legal obligation (Regulation (EU) 2022/2065, art. 17 and 24; GDPR art. 17(3)(b))"
)
AFTER_CLOSING = "7 years after its case is closed"
KEPT = {
    "audit_case": ("cases about the person", CLAIMS, "7 years after it is closed"),
    "audit_caseevent": (
        "what happened to these cases, and what the person did on others",
        CLAIMS,
        AFTER_CLOSING,
    ),
    "audit_report": ("reports about the person, and those that the person made", CLAIMS, AFTER_CLOSING),
    "audit_evidence": (
        "copies of what was reported",
        CLAIMS,
        "six months and 31 days after the decision; a legal hold keeps it",
    ),
    "audit_privatecopy": (
        "copies of private messages that were reported",
        CLAIMS,
        "with the evidence of their case",
    ),
    "audit_claim": (
        "which cases the person worked, as staff",
        "accountability of staff (GDPR art. 5(2))",
        "13 months",
    ),
    "audit_decision": (
        "decisions about the person, and those that the person made as staff",
        DUTY,
        "7 years",
    ),
    "audit_statementofreasons": ("statements of reasons to the person", DUTY, "7 years"),
    "audit_strike": ("strikes", CLAIMS, "7 years"),
    "audit_appeal": ("appeals of the person, and about the person", CLAIMS, "7 years"),
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
    return _report("moderation_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("moderation_person_erase", person_id)


register_eraser(Eraser(70, "audit", survey=_survey, erase=_erase))
