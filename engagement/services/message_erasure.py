"""What private messages lose and keep when a person is erased. The tables stand in engagement.0004_messages."""

import json
from uuid import UUID

from django.db import connection

from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser

DESTROYED = {
    "engagement_directmessage": "words of private messages that the person wrote",
    "engagement_attachment": "files that the person sent",
    "engagement_conversationmember": "the person's place in conversations, and how far they read",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

OTHERS = "the other one of a conversation wrote or holds it (GDPR art. 15(4) and 17(3)(a))"

KEPT = {
    "engagement_directmessage": (
        "what others wrote to the person, and when something was written",
        OTHERS,
        "24 months",
    ),
    "engagement_conversation": (
        "that there was a conversation",
        OTHERS,
        "while the other one has an account",
    ),
    "engagement_conversationmember": (
        "the other one's place in conversations",
        OTHERS,
        "with the conversation",
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
    return _report("engagement_messages_person_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("engagement_messages_person_erase", person_id)


register_eraser(Eraser(50, "private messages", survey=_survey, erase=_erase))
