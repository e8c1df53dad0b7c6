"""What the law asks of a notice and of a counter-notice, element by element, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Element:
    """One element: the column that says whether it was given, what it is in words, and where the law names it."""

    field: str
    words: str
    law: str


NOTICE_ELEMENTS = (
    Element("is_signed", "a signature of the owner or an agent", "17 USC 512(c)(3)(A)(i)"),
    Element("work_identified", "which work is infringed", "17 USC 512(c)(3)(A)(ii)"),
    Element("material_identified", "where the material is", "17 USC 512(c)(3)(A)(iii)"),
    Element("contact_given", "how to reach the claimant", "17 USC 512(c)(3)(A)(iv)"),
    Element("good_faith_stated", "a statement of good faith", "17 USC 512(c)(3)(A)(v)"),
    Element(
        "accuracy_sworn",
        "a statement of accuracy and, under penalty of perjury, of authority",
        "17 USC 512(c)(3)(A)(vi)",
    ),
)

COUNTER_ELEMENTS = (
    Element("is_signed", "a signature of the subscriber", "17 USC 512(g)(3)(A)"),
    Element("material_identified", "which material was disabled and where it was", "17 USC 512(g)(3)(B)"),
    Element(
        "mistake_sworn",
        "a statement under penalty of perjury that it was a mistake or a misidentification",
        "17 USC 512(g)(3)(C)",
    ),
    Element("contact_given", "name, address and telephone number", "17 USC 512(g)(3)(D)"),
    Element("jurisdiction_consented", "consent to a court and to service of process", "17 USC 512(g)(3)(D)"),
)


def missing(row: Any, elements: Iterable[Element]) -> list[Element]:
    """The elements that a notice or a counter-notice lacks, in the order of the law."""
    return [element for element in elements if not getattr(row, element.field)]


def in_words(elements: Iterable[Element]) -> str:
    """Elements for a letter to whoever has to supply them: `a signature (17 USC ...); which work ...`."""
    return "; ".join(f"{element.words} ({element.law})" for element in elements)
