"""The text of a message, as staff may see it."""

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString

LONGEST_SHOWN = 20_000
"""Characters of a message on its page; the rest is in the database."""

CARD_LIKE = re.compile(r"(?<![0-9])(?:[0-9][ .-]?){9,15}[0-9]{4}(?![0-9])", re.ASCII)
"""13 to 19 digits, however they are spaced: as long as the number of a card (ISO/IEC 7812)."""


def masked(text: str) -> str:
    """The text with all but the last four digits hidden of whatever is as long as the number of a card."""
    return CARD_LIKE.sub(_hidden, text)


def shown(body: bytes) -> SafeString:
    """The message for a page: escaped, cut, without numbers of cards."""
    text = body.decode("utf-8", errors="replace")
    # Cut after masking: what is cut in the middle of a number would not look like one.
    whole = masked(text[: LONGEST_SHOWN * 2])
    cut = whole[:LONGEST_SHOWN]
    more = f"\n… cut: {len(body)} bytes altogether" if len(cut) < len(whole) or len(text) > len(whole) else ""
    return format_html('<pre class="message">{}{}</pre>', cut.replace("\x00", "\ufffd") or "–", more)


def _hidden(found: re.Match[str]) -> str:
    digits = [sign for sign in found[0] if sign.isdigit()]
    return "•" * (len(digits) - 4) + "".join(digits[-4:])
