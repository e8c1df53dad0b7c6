"""Private messages of the demo: a few viewers write to performers, some are answered, one is turned down.

Nobody's real private messages are public data, so these are written for the demo, by the services that people use.
"""

from typing import Any

from accounts.choices import UserStatus
from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from core.errors import Refused
from engagement.models import Conversation
from engagement.services.conversations import (
    conversation_accept,
    conversation_decline,
    conversation_open,
    conversation_read,
)
from engagement.services.direct_messages import direct_message_send
from performers.demo import admitted

VIEWERS = 12
ANSWERED = (
    (
        "Your show on Sunday was the best one yet. Will there be another?",
        "Thank you! Next Sunday, same time.",
    ),
    ("Do you take requests for songs?", "Always. Write them into the chat while I am live."),
    ("Happy birthday 🎂", "That is so kind of you, thank you."),
    (
        "The sound broke off after an hour, did you know?",
        "I did not. It is fixed now, thanks for telling me.",
    ),
)
UNANSWERED = "Hello! I am new here. May I ask you something?"
UNWANTED = ("Give me your number.", "Why do you not answer? I will find out where you live.")


def demo_messages_load() -> str:
    """Conversations in every state; run again, it changes nothing."""
    stars = admitted(2)
    with acting(Role.WORKER):
        viewers = list(
            User.objects.filter(status=UserStatus.ACTIVE, performer_profile__isnull=True).order_by("-pk")[
                :VIEWERS
            ]
        )
        people = {user.pk: user for user in User.objects.filter(pk__in=[star.pk for star in stars])}
    if len(stars) < 2 or len(viewers) < VIEWERS:
        return "nobody to write, or to write to"
    with _as(viewers[0]):
        if Conversation.objects.exists():
            return "there before"
    written = 0
    for number, viewer in enumerate(viewers):
        star = people[stars[number % 2].pk]
        try:
            written += _talk(number, viewer, star)
        except Refused:
            # Blocked or barred by another part of the demo: then there is no conversation, as in life.
            continue
    return f"{written} private messages of {VIEWERS} viewers"


def _as(person: User, role: Role = Role.VIEWER) -> Any:
    return acting(role, user_id=person.pk)


def _talk(number: int, viewer: User, star: User) -> int:
    with _as(viewer):
        conversation = conversation_open(with_id=star.pk, actor=viewer)
    if number == VIEWERS - 1:
        for words in UNWANTED:
            _write(conversation, viewer, words)
        with _as(star, Role.PERFORMER):
            conversation_decline(conversation_id=conversation.pk, actor=star)
        return len(UNWANTED)
    if number >= 2 * len(ANSWERED):
        _write(conversation, viewer, UNANSWERED)
        return 1
    question, answer = ANSWERED[number % len(ANSWERED)]
    asked = _write(conversation, viewer, question)
    with _as(star, Role.PERFORMER):
        conversation_accept(conversation_id=conversation.pk, actor=star)
        conversation_read(conversation_id=conversation.pk, up_to_id=asked.pk, actor=star)
    _write(conversation, star, answer, Role.PERFORMER)
    return 2


def _write(conversation: Conversation, sender: User, words: str, role: Role = Role.VIEWER) -> Any:
    with _as(sender, role):
        return direct_message_send(conversation_id=conversation.pk, sender=sender, body=words)


register_step(DemoStep(53, "Private messages: asked, answered, turned down", demo_messages_load))
