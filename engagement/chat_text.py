"""What may stand in a message: the conditions of the database, which Python asks first."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.constraints import BaseConstraint
from django.db.models.lookups import Exact

from core.db.constraints import rule
from core.db.text import line

LONGEST = 500

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3\u0816-\u0819"
    "\u081b-\u0823\u0825-\u0827\u0829-\u082d\u0859-\u085b\u08d3-\u08e1\u08e3-\u0903\u093a-\u093c\u093e-\u094f"
    "\u0951-\u0957\u0962\u0963\u0981-\u0983\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f-\ua672\ua674-\ua67d\ufe00-\ufe0f\ufe20-\ufe2f"
    "\U0001d165-\U0001d169\U0001d16d-\U0001d172\U000e0100-\U000e01ef"
)
"""Combining marks that are typed on nothing to hide, overflow or imitate: those of Unicode's blocks of marks, and of
the scripts in which they are frequent."""

_UNSEEN = "\u00ad\u034f\u115f\u1160\u180b-\u180f\u200c\u200d\u2800\u3164\uffa0"
"""Signs that nobody sees, of those that a message may have."""

BARE_MARKS = f"^[\\s{_UNSEEN}{_MARKS}]*$"
"""A text in which marks stand on nothing: no sign carries them."""

TOWER = f"[{_MARKS}]{{6}}"
"""Marks piled upon one another until they cover the lines around; no language writes six on one letter."""


class _IsComposed(Func):
    template = "(%(expressions)s IS NFC NORMALIZED)"
    output_field = models.BooleanField()


def body_rules() -> list[BaseConstraint]:
    """The CHECKs on `body`: length, no controls or direction marks, something to see, composed (NFC)."""
    return [
        *line("body", LONGEST),
        rule(~Q(body__regex=BARE_MARKS), "body_marks", "A message has more than combining marks."),
        rule(~Q(body__regex=TOWER), "body_tower", "A message does not pile marks upon one another."),
        rule(
            Exact(_IsComposed(F("body")), Value(True)),
            "body_composed",
            "A message is in Unicode Normalization Form C.",
        ),
    ]
