"""What may stand in a private message: the rules of the database, and the same rules as a friendly answer."""

import re
import unicodedata

from django.db.models import BooleanField, F, Func, Q
from django.db.models.constraints import BaseConstraint

from core.db.constraints import length_between, rule
from core.db.text import PLAIN_TEXT
from engagement.errors import PrivateMessageRefused

LONGEST_BODY = 2000
"""Characters of one message."""

_BLANK = (
    "\u0009-\u000d\u0020\u0085\u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
SOMETHING_SEEN = f"[^{_BLANK}{_COMBINING}]"
"""A sign that can be seen by itself: no space, no invisible sign, no mark that needs a letter to stand on."""

_PLAIN = re.compile(PLAIN_TEXT)


def body_rules() -> list[BaseConstraint]:
    """The length, the normal form and the signs of `body`; that it may be empty is for the model to say."""
    normal = Func(F("body"), template="%(expressions)s IS NFC NORMALIZED", output_field=BooleanField())
    return [
        length_between("body", 0, LONGEST_BODY),
        rule(Q(body__regex=PLAIN_TEXT), "body_signs", SIGNS),
        rule(Q(body="") | Q(body__regex=SOMETHING_SEEN), "body_seen", UNSEEN),
        rule(Q(normal), "body_normal", "A message is kept in the normal form C of Unicode."),
    ]


SIGNS = "A message has no control characters, direction marks or invisible signs: they make it read as another one."
UNSEEN = "There is nothing to be seen in this message. Write something."


def body_of(text: str, *, may_be_empty: bool) -> str:
    """The text as it is kept: normal form C, without space around it. Raises PrivateMessageRefused."""
    body = unicodedata.normalize("NFC", text).strip()
    if not body:
        if may_be_empty:
            return ""
        raise PrivateMessageRefused(UNSEEN)
    if len(body) > LONGEST_BODY:
        raise PrivateMessageRefused(
            f"A message has at most {LONGEST_BODY:,} characters; this one has {len(body):,}."
        )
    if "\0" in body or not _PLAIN.fullmatch(body):
        raise PrivateMessageRefused(SIGNS)
    # Every mark of Unicode, of which the database knows the blocks that are marks throughout.
    if all(unicodedata.category(sign)[0] in "MZC" for sign in body) or not re.search(SOMETHING_SEEN, body):
        raise PrivateMessageRefused(UNSEEN)
    return body
