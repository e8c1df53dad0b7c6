"""What ties destroy and keep when a person is erased. The tables stand in engagement.0002_ties."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "engagement_follow": "whom the person followed",
    "engagement_block": "whom the person blocked",
    "engagement_favourite": "favourites of the person",
    "engagement_mute": "whom and what the person muted",
    "engagement_reaction": "reactions of the person",
    "engagement_reactionkey": "keys of the person's reactions",
    "engagement_share": "what the person passed on",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

RIGHTS_OF_OTHERS = "it is what others chose (GDPR art. 15(4)), ended with the erasure"

KEPT = {
    "engagement_follow": ("that others followed the person", RIGHTS_OF_OTHERS, "13 months"),
    "engagement_block": ("that others blocked the person", RIGHTS_OF_OTHERS, "13 months"),
    "engagement_mute": ("that others muted the person", RIGHTS_OF_OTHERS, "90 days"),
}
"""Table, what stays, why, until when."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        destroyed, kept = cursor.fetchone()
    gone, stays = json.loads(destroyed), json.loads(kept)
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, gone[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, stays[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("engagement_ties_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("engagement_ties_erase", person_id)


register_eraser(Eraser(50, "ties", survey=_survey, erase=_erase))
