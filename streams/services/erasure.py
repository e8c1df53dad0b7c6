"""What streams destroys and keeps when a person is erased. The tables stand in streams.0005_archive_functions."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "streams_viewingprogress": "which archives were watched, and how far",
    "streams_clip": "clips made by the person",
    "streams_archivechapter": "chapters of the person's archives",
    "streams_historicalarchive": "earlier states of the person's archives",
    "streams_viewerlabelpreference": "what the person wants shown, blurred or hidden",
    "streams_accessgrant": "who was let in by name",
    "streams_ingestkey": "digests of ingest keys",
    "streams_performercategory": "categories by which the person was known",
    "streams_performertag": "tags by which the person was known",
    "streams_searchdocument": "what search knew of the person",
    "streams_historicalstream": "earlier states of the person's streams",
    "streams_historicalstreamlabel": "earlier labels of the person's streams",
    "streams_streammetadataversion": "what the person's streams were called",
    "streams_stream": "titles, descriptions and stills of streams",
    "streams_streamtransition": "reasons of moves of streams",
    "streams_archive": "titles and descriptions of archives, which are purged at once",
    "streams_recording": "words of errors of recordings",
    "streams_recordingreport": "what providers sent about recordings",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

LEGAL_CLAIMS = "establishment and defence of legal claims (GDPR art. 17(3)(e))"

RECORDS = "records of performers, a legal obligation (28 CFR 75.4; GDPR art. 17(3)(b))"

KEPT = {
    "streams_archive": (
        "times, states and settings of archives without words",
        "decisions about them refer to them: " + LEGAL_CLAIMS,
        "7 years",
    ),
    "streams_archivedecision": ("decisions of moderators and their reasons", LEGAL_CLAIMS, "7 years"),
    "streams_archivetransition": (
        "when archives were approved, restricted, removed",
        LEGAL_CLAIMS,
        "7 years",
    ),
    "streams_recording": ("times and states of recordings", "their archives refer to them", "with them"),
    "streams_recordingreport": (
        "states that recorders reported, without what was sent",
        "accounting with the provider (GDPR art. 17(3)(b))",
        "90 days",
    ),
    "streams_stream": ("times and states of streams without words", LEGAL_CLAIMS, "7 years"),
    "streams_streamtransition": ("when streams began, were interrupted, ended", LEGAL_CLAIMS, "7 years"),
    "streams_participant": ("who appeared in which stream", RECORDS, "7 years"),
    "streams_release": ("consents to being shown, sealed", RECORDS, "7 years"),
    "streams_privateshow": (
        "times and rates of private shows",
        "they are booked (GDPR art. 17(3)(b))",
        "7 years",
    ),
}
"""Table, what stays, why, until when."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text, objects FROM {function}(%s)", [person_id])
        destroyed, kept, objects = cursor.fetchone()
    gone, stays = json.loads(destroyed), json.loads(kept)
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, gone[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, stays[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
        objects=tuple(objects),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("streams_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("streams_person_erase", person_id)


register_eraser(Eraser(30, "streams", survey=_survey, erase=_erase))
