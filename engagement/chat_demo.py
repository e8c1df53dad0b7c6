"""Chat of the demo: rooms with what was said in them, who moderates, which words are held."""

from pathlib import Path

from django.db import transaction
from django.db.models.functions import Length

from accounts.models import User
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step
from engagement.chat_choices import MessageStatus
from engagement.models import BlockedTerm, ChatMessage, HeldMessage
from engagement.services.chat_messages import chat_message_send

DATA = Path(__file__).parent / "data"
SAYINGS = (
    "What a {term} you are",
    "Ban that {term}, please",
    "He called me a {spaced} before",
    "{term}!!!",
    "Is {dotted} allowed here?",
    "Sorry, I did not mean {term}",
    "{spaced} and proud of it",
    "Who says {term} in a chat like this",
)


def _bring_in(name: str) -> str:
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset(name), path=DATA / name, all_or_nothing=True)
    return f"{report.new:,} new, {report.read - report.new:,} there before"


def load_chat() -> str:
    """Twenty rooms with 27,500 lines, moderators and VIPs of forty performers, 704 blocked terms."""
    return "; ".join(f"{name}: {_bring_in(name)}" for name in ("automod", "community", "chat"))


@transaction.atomic
def load_held() -> str:
    """A few messages of regulars in which a blocked term stands, plainly or in disguise: the queue has work."""
    with acting(Role.WORKER):
        if HeldMessage.objects.exists():
            return "there before"
        terms = list(
            BlockedTerm.objects.filter(language="en", performer__isnull=True)
            .annotate(size=Length("term"))
            .filter(size__gte=6)
            .exclude(term__contains=" ")
            .order_by("term")[: len(SAYINGS)]
            .values_list("term", flat=True)
        )
        latest = ChatMessage.objects.filter(sender__isnull=False).order_by("-pk")[:200]
        regulars = {row.sender_id: row.room_id for row in latest}
        people = list(User.objects.filter(pk__in=regulars).order_by("pk")[: len(SAYINGS)])
    held = 0
    for person, saying, term in zip(people, SAYINGS, terms, strict=False):
        body = saying.format(term=term, spaced=" ".join(term), dotted=".".join(term))
        with acting(Role.VIEWER, user_id=person.pk):
            message = chat_message_send(room_id=regulars[person.pk], sender=person, body=body)
        held += message.status == MessageStatus.HELD
    return f"{held} messages wait"


register_step(DemoStep(56, "Messages that automatic moderation holds", load_held))
register_step(DemoStep(51, "Chat: rooms, moderators, blocked terms", load_chat))
