"""What of raids, goals, polls, rewards and tips goes and stays with an erasure (engagement.0005_interaction)."""

import json
from typing import Any
from uuid import UUID

from django.db import connection
from django.dispatch import receiver

from accounts.models import User
from core.erasure import Destroyed, Eraser, ErasureReport, Kept, register_eraser
from core.vetoes import Veto, erasure_requested
from engagement.models import Redemption

DESTROYED = {
    "engagement_tipmessage": "what the person said with tips",
    "engagement_redemption": "what the person said with rewards, and why some were rejected",
    "engagement_reward": "titles and descriptions of rewards, which are retired",
    "engagement_goal": "titles of goals; an open one is closed",
    "engagement_poll": "questions of polls; an open one is closed",
    "engagement_pollchoice": "choices of polls",
    "engagement_tipmenuitem": "items of the tip menu, which are taken off it",
    "engagement_pollvote": "votes in polls; what was counted stays counted",
    "engagement_historicalreward": "earlier states of rewards",
    "engagement_historicalgoal": "earlier states of goals",
    "engagement_historicaltipmenuitem": "earlier states of the tip menu",
}
"""Table and what goes from it, in words; the counts come from the functions of the database."""

BOOKINGS = "they explain bookings, which the law demands (GDPR art. 17(3)(b))"
OTHERS = "they are about others too (GDPR art. 17(3)(e))"

KEPT = {
    "engagement_raid": ("who raided whom, and when", OTHERS, "13 months"),
    "engagement_goal": ("numbers and times of goals, without words", BOOKINGS, "13 months after its end"),
    "engagement_goalcontribution": ("which tips counted for which goal", BOOKINGS, "as long as the goal"),
    "engagement_poll": ("times of polls, without words", OTHERS, "13 months after its end"),
    "engagement_pollchoice": ("how many votes choices had, without words", OTHERS, "as long as the poll"),
    "engagement_reward": ("numbers of rewards, without words", BOOKINGS, "13 months after its end"),
    "engagement_redemption": (
        "what was redeemed and paid, without words",
        BOOKINGS,
        "13 months after its end",
    ),
    "engagement_tipmenuitem": ("prices on the menu, without words", BOOKINGS, "13 months after its end"),
    "engagement_tipmessage": ("that something was said with a tip, without words", BOOKINGS, "13 months"),
    "engagement_giftsent": ("gifts sent and received", BOOKINGS, "13 months"),
}
"""Table, what stays, why, until when."""


@receiver(erasure_requested, sender=User)
def refuse_while_rewards_wait(sender: Any, user: User, **_: Any) -> list[Veto]:
    """Nobody is erased while somebody paid for a reward of theirs and waits for it."""
    if Redemption.objects.pending().filter(performer_id=user.pk, tokens__gt=0).exists():
        return [
            Veto("Paid rewards of the person wait to be fulfilled. Reject them, so that the tokens go back.")
        ]
    return []


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
    return _report("engagement_interaction_survey", person_id)


def _erase(person_id: UUID) -> ErasureReport:
    return _report("engagement_interaction_erase", person_id)


register_eraser(Eraser(53, "interaction", survey=_survey, erase=_erase))
