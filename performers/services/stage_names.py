"""Stage names and the addresses made of them."""

import re
import unicodedata
from uuid import UUID

from anyascii import anyascii

from performers.models.performer_profile import LONGEST_SLUG

_APOSTROPHES = re.compile(r"['`\u2019\u02bc]+")
_OTHERS = re.compile(r"[^a-z0-9]+")


def stage_name_spelled(stage_name: str) -> str:
    """A stage name in its one spelling: composed (NFC), without white space around it."""
    return unicodedata.normalize("NFC", stage_name).strip()


def slug_of(stage_name: str, performer_id: UUID) -> str:
    """The address made of a stage name: written in Latin letters whatever its script, at most 50 characters.

    Names that are written alike get the same slug, and the unique rule refuses the second; that keeps Anna with a
    Cyrillic A from passing for Anna. A name of which nothing can be written takes the end of the performer's id.
    """
    latin = _APOSTROPHES.sub("", anyascii(stage_name)).lower()
    slug = _OTHERS.sub("-", latin).strip("-")[:LONGEST_SLUG].rstrip("-")
    return slug if len(slug) >= 2 else f"performer-{performer_id.hex[-12:]}"
