"""How large a table grows and how long its rows are kept: declared on the model, read by documents and jobs.

The words about a life are the declaration, and `term_of` reads the data from them, so that the two cannot disagree:
"7 years after its end" is a period and its beginning; "while the account lives; emptied on erasure" is none. What
follows a semicolon or a comma is for people.

class Restriction(EffectiveDated):
    volume = Volume.LARGE
    retention = "7 years after its end"
"""

import re
from dataclasses import dataclass

from django.db.models import Model, TextChoices

PERIOD = re.compile(r"^(?P<count>[1-9]\d*) (?P<unit>minute|day|month|year)s?(?: after (?P<start>.+))?$")
LIFE = ("while ", "until ", "with ", "as long as ", "for ever", "for good", "that of ")
ENDS = re.compile(r"\b(end|ends|over|last day|last membership)\b")
SYMBOLS = {"minute": "PT{}M", "day": "P{}D", "month": "P{}M", "year": "P{}Y"}


class Volume(TextChoices):
    """The size class of a table, for which its indexes, lists and jobs are built."""

    SMALL = "S", "small: reference data and settings, thousands of rows"
    LARGE = "L", "large: grows with people and content, up to 10^9 rows"
    FIREHOSE = "F", "firehose: grows with every event, up to 10^10 rows a year; partitioned by time"


def subject_of(model: type[Model]) -> type[Model] | None:
    """The model whose history `model` keeps, None for every other one."""
    return getattr(model, "instance_type", None)


def volume_of(model: type[Model]) -> Volume | None:
    """The declared size class; a history table grows with its subject and is at least large."""
    if (subject := subject_of(model)) is not None:
        declared = volume_of(subject)
        return Volume.LARGE if declared is Volume.SMALL else declared
    return getattr(model, "volume", None)


def retention_of(model: type[Model]) -> str:
    """How long rows are kept, in words; a history is kept as long as its subject. Empty if undeclared."""
    return getattr(subject_of(model) or model, "retention", "")


class TermStart(TextChoices):
    """From when on the period of a term counts."""

    CREATED = "created", "When the row was written"
    ENDED = "ended", "When it, or what it belongs to, ended"
    EVENT = "event", "When that happened which the words name"
    LIFE = "life", "Never: it goes with what it belongs to, or stays"


@dataclass(frozen=True)
class Term:
    """How long rows are kept, as data. `period` is an ISO 8601 duration (P7Y), None where nothing counts."""

    words: str
    period: str | None
    starts_from: TermStart


def term_of(words: str) -> Term:
    """Read the data from the words. Raises ValueError where they are neither a period nor the life of something."""
    clause = re.split("[;,]", words)[0].strip()
    if match := PERIOD.match(clause):
        start = match["start"]
        begins = TermStart.CREATED
        if start:
            begins = TermStart.ENDED if ENDS.search(start) else TermStart.EVENT
        return Term(words, SYMBOLS[match["unit"]].format(match["count"]), begins)
    if f"{clause} ".startswith(LIFE):
        return Term(words, None, TermStart.LIFE)
    raise ValueError(
        f"{words!r} is no term: begin with a period (7 years after its end) or with one of: "
        f"{', '.join(opening.strip() for opening in LIFE)}."
    )
