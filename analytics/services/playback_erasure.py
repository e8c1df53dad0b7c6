"""What playback destroys when a person is erased. The functions stand in analytics.0002_playback_functions."""

from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, register_eraser

WORDS = {
    "analytics_playbackviewer": "which plays were the person's",
    "analytics_playbackevent": "keys of the person in what players reported; random ones take their place",
    "analytics_viewersession": "keys of the person in plays; random ones take their place",
}
"""Table and what goes from it, in words. Plays whose salts are destroyed are nobody's already."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT links, events, sessions FROM {function}(%s)", [person_id])
        counts = cursor.fetchone()
    return ErasureReport(
        destroyed=tuple(
            Destroyed(table, words, count)
            for (table, words), count in zip(WORDS.items(), counts, strict=True)
        )
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("analytics_playback_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("analytics_playback_erase", person_id)


register_eraser(Eraser(60, "playback", survey=_survey, erase=_erase))
