"""What chat destroys and keeps when a person is erased. The tables stand in engagement.0003_chat."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "engagement_heldmessage": "messages that waited for a moderator",
    "engagement_chatmessage": "what the person wrote in rooms",
    "engagement_roomrole": "whose rooms the person moderated, and who moderated hers",
    "engagement_roomban": "from which rooms the person was banned, and who from hers",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

KEPT = {
    "engagement_chatroom": (
        "rooms of the person's streams, without words",
        "what others wrote there refers to them (GDPR art. 17(3)(b))",
        "7 years, with their streams",
    ),
    "engagement_blockedterm": (
        "terms that the person blocked, without her name",
        "rules of rooms, no data about people",
        "90 days after their end",
    ),
}
"""Table, what stays, why, until when."""


def _report(function: str, person_id: UUID) -> ErasureReport:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT destroyed::text, kept::text FROM {function}(%s)", [person_id])
        gone, stays = map(json.loads, cursor.fetchone())
    return ErasureReport(
        destroyed=tuple(Destroyed(table, words, gone[table]) for table, words in DESTROYED.items()),
        kept=tuple(
            Kept(table, words, stays[table], why, until) for table, (words, why, until) in KEPT.items()
        ),
    )


def _survey(person_id: UUID) -> ErasureReport:
    return _report("engagement_chat_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("engagement_chat_erase", person_id)


register_eraser(Eraser(50, "chat", survey=_survey, erase=_erase))
