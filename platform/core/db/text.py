"""Text that people write and others read: what may stand in it, and that there is something to see.

Directional controls make a text read as another one (Unicode Technical Report 36, section 2.5), and signs of no width
make two texts look the same. The joiners U+200C and U+200D stay: Persian, Hindi and emoji need them.
"""

from django.db.models.constraints import BaseConstraint

from core.db.constraints import length_between, matches

_DECEPTIVE = "\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_BLANK = (
    "\u0009-\u000d\u0020\u0085\u00a0\u00ad\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)

PLAIN_LINE = f"^[^\u0001-\u001f{_DECEPTIVE}]*$"
"""One line: no control characters, direction marks or invisible signs; may be empty."""

PLAIN_TEXT = f"^[^\u0001-\u0008\u000b-\u001f{_DECEPTIVE}]*$"
"""Several lines: as `PLAIN_LINE`, with tabs and line feeds; may be empty."""

VISIBLE_LINE = (
    f"^[^\u0001-\u001f{_DECEPTIVE}]*[^\u0001-\u001f{_DECEPTIVE}{_BLANK}][^\u0001-\u001f{_DECEPTIVE}]*$"
)
"""One line in which at least one sign can be seen."""


def _named(field: str) -> str:
    return f"A {field.replace('_', ' ')}"


def line(field: str, most: int, *, least: int = 1) -> list[BaseConstraint]:
    """`field` is one line of `least` to `most` characters; unless it may be empty, something in it can be seen."""
    pattern = VISIBLE_LINE if least else PLAIN_LINE
    words = f"{_named(field)} has no control characters, direction marks or invisible signs"
    return [
        length_between(field, least, most),
        matches(field, pattern, f"{words}{', and is not blank' if least else ''}."),
    ]


def paragraphs(field: str, most: int) -> list[BaseConstraint]:
    """`field` is a text of several lines, up to `most` characters; it may be empty."""
    return [
        length_between(field, 0, most),
        matches(
            field,
            PLAIN_TEXT,
            f"{_named(field)} has no control characters, direction marks or invisible signs.",
        ),
    ]
