"""How names of the catalogue are compared and spelt: one rule in PostgreSQL, and the same in Python.

Names are compared in NFKC with full case folding (Unicode Standard Annex 15; Unicode, section 3.13), so that `Straße`
and `STRASSE`, or a full-width and a plain letter, are one name. Accents and every script stay: `cafe` is not `café`.
"""

import re
import unicodedata

from django.db import models
from django.db.models import F, Func

LONGEST_TAG = 50
LAST_SIGN = "\U0010ffff"
"""Sorts behind every text that begins alike, in the order of code points."""

_FOLDED = "normalize(casefold(normalize({text}, NFKC) COLLATE pg_unicode_fast), NFKC)"
_IGNORABLE = re.compile("[\u00ad\u034f\ufe00-\ufe0f]")
_BREAKS = re.compile(r"[\s\-‐‑‒–—−]+")  # noqa: RUF001

TAG_PATTERN = (
    "^[^\\s\\-#,\u00ad\u034f\u2010-\u2014\u2212\ufe00-\ufe0f]+"
    "(-[^\\s\\-#,\u00ad\u034f\u2010-\u2014\u2212\ufe00-\ufe0f]+)*$"
)
"""Parts joined by single hyphens; no white space, number signs, commas or signs without a shape of their own."""


def folded(field: str) -> Func:
    """A column as comparisons see it."""
    return Func(
        F(field), template=_FOLDED.replace("{text}", "%(expressions)s"), output_field=models.TextField()
    )


def fold(text: str) -> str:
    """A text as comparisons see it; the same as `folded` for every sign that this Python knows."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def one_line(text: str) -> str:
    """A name without white space around it, and single spaces within."""
    return " ".join(text.split())


def tag_spelling(text: str) -> str:
    """The one spelling of a tag: folded, parts joined by single hyphens, number signs in front left out.

    `  #Let's  Play ` becomes `let's-play`, `K-POP` becomes `k-pop`, `롤 챔피언스` becomes `롤-챔피언스`.
    Empty when nothing is left. Whether the result may be a tag is for the table to say.
    """
    spelt = _IGNORABLE.sub("", text)
    for _ in range(4):  # folding may bring forth signs that fold again
        again = _BREAKS.sub("-", fold(spelt).strip().lstrip("#")).strip("-")
        if again == spelt:
            break
        spelt = again
    return spelt
