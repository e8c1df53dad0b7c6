"""What somebody wants to write, made fit for the database or refused with a sentence."""

import re
import unicodedata
from dataclasses import dataclass, field
from uuid import UUID

from core.db.text import PLAIN_LINE, VISIBLE_LINE
from core.models.identity import uuid7
from engagement.chat_choices import MessageKind
from engagement.chat_text import BARE_MARKS, LONGEST, TOWER

_PLAIN, _VISIBLE = re.compile(PLAIN_LINE), re.compile(VISIBLE_LINE)
_BARE, _TOWER = re.compile(BARE_MARKS), re.compile(TOWER)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message that somebody wants to send. Without a sender: a line of the system."""

    room_id: UUID
    sender_id: UUID | None
    body: str
    reply_to_id: UUID | None = None
    kind: MessageKind = MessageKind.USER
    id: UUID = field(default_factory=uuid7)

    @property
    def text(self) -> str:
        """The body in Unicode Normalization Form C, without spaces around it."""
        return unicodedata.normalize("NFC", self.body).strip()


def body_refusal(text: str) -> str | None:
    """Why no room takes this text, as a sentence; None: the database takes it, too. `text` is that of a draft."""
    if not text:
        return "Write something first."
    if len(text) > LONGEST:
        return f"A message has up to {LONGEST} characters; this one has {len(text)}."
    if "\0" in text or any(unicodedata.category(sign) == "Cs" for sign in text):
        return "This contains signs that cannot be stored. Write it as plain text."
    if not _PLAIN.match(text):
        return "A message has no control characters, direction marks or invisible signs."
    if not _VISIBLE.match(text) or _BARE.match(text):
        return "There is nothing to be seen in this message."
    if _TOWER.search(text):
        return "A message does not pile marks upon one another."
    return None
