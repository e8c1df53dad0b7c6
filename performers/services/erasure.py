"""What is destroyed and what is kept of a performer when the person is erased."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "performers_performerprofile": "stage name, address, headline, biography, pronouns, displayed location",
    "performers_historicalperformerprofile": "earlier states of the profile",
    "performers_performerresidence": "countries of residence",
    "performers_performerlanguage": "languages spoken",
    "performers_performerattribute": "what the performer said of herself",
    "performers_scheduleoccurrence": "broadcasts that were planned",
    "performers_scheduleseries": "series of broadcasts",
    "performers_timeoff": "times off",
    "performers_streamingdefault": "settings for streaming",
    "performers_presence": "whether the performer was there",
    "performers_geoblock": "regions that were left out",
    "performers_payoutpreference": "how the performer wanted to be paid",
    "performers_performermetric": "figures of days",
}
RECORDS = "records of performers, a legal obligation (18 U.S.C. 2257, 28 CFR 75.4; GDPR art. 17(3)(b))"
UNTIL = "7 years after the last addition"
KEPT = {
    "performers_performerprofile": (
        "the performer's random key, status and times of admission",
        "what is kept below refers to it",
        "as long as any of that",
    ),
    "performers_performeralias": ("every name used, and when", RECORDS, UNTIL),
    "performers_identityrecord": (
        "legal name and birth date, sealed; outcomes of examinations",
        RECORDS,
        UNTIL,
    ),
    "performers_identitydocument": (
        "identity documents: where they lie is sealed; digest, country, expiry",
        RECORDS,
        UNTIL,
    ),
    "performers_studiomembership": (
        "studios and their shares",
        "bookkeeping, a legal obligation (GDPR art. 17(3)(b))",
        "7 years after its end",
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
    return _report("performers_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("performers_person_erase", person_id)


register_eraser(Eraser(20, "performers", survey=_survey, erase=_erase))
