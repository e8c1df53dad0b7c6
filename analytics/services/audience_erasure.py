"""What the audience destroys when a person is erased. The tables stand in analytics.0007_audience."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, register_eraser

DESTROYED = {
    "analytics_vieweractivityday": "on which days the person was here",
    "analytics_viewerperformerday": "whom the person watched on which day, and how much",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text FROM {function}(%s)", [person_id])
        gone = json.loads(cursor.fetchone()[0])
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, gone[table]) for table, words in DESTROYED.items())
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("analytics_audience_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("analytics_audience_erase", person_id)


register_eraser(Eraser(60, "audience", survey=_survey, erase=_erase))
