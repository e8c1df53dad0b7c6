"""Filters by the catalogue, as viewers write them into an address: checked before they are asked for."""

from collections.abc import Collection

import pycountry

from streams.errors import SearchRefused
from streams.models import Category, ContentLabel, Tag

LONGEST = 100
"""Characters of a filter; no name of the catalogue is longer."""


def storable(text: str, what: str, longest: int = LONGEST) -> str:
    """The text, if PostgreSQL can hold it. Raises SearchRefused for NUL, lone surrogates, and what is too long."""
    if len(text) > longest:
        raise SearchRefused(f"{what} has at most {longest} characters.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SearchRefused(f"{what} contains signs that are no text. Write it again.") from None
    if "\x00" in text:
        raise SearchRefused(f"{what} contains signs that are no text. Write it again.")
    return text


def category_path(slug: str | None) -> str | None:
    """The path of a category, or of the one that took its place. Raises SearchRefused for an unknown one."""
    if slug is None:
        return None
    row = (
        Category.objects.filter(slug=storable(slug, "A category"))
        .values_list("path", "merged_into__path")
        .first()
    )
    if row is None:
        raise SearchRefused(f"There is no category {slug}. Choose one of the directory.")
    return str(row[1] or row[0])


def tag_name(name: str | None) -> str | None:
    """The tag. Raises SearchRefused for an unknown one."""
    if name is not None and not Tag.objects.filter(name=storable(name, "A tag")).exists():
        raise SearchRefused(f"There is no tag {name}.")
    return name


def label_codes(codes: Collection[str]) -> list[str]:
    """The labels, in order. Raises SearchRefused for an unknown one."""
    asked = sorted({storable(code, "A label") for code in codes})
    known = (
        set(ContentLabel.objects.filter(code__in=asked).values_list("code", flat=True)) if asked else set()
    )
    if unknown := [code for code in asked if code not in known]:
        raise SearchRefused(f"There is no label {unknown[0]}.")
    return asked


def language_code(code: str | None) -> str | None:
    """The language. Raises SearchRefused unless it is one of ISO 639 with two or three letters."""
    if code is None:
        return None
    storable(code, "A language")
    known = pycountry.languages.get(**{"alpha_2" if len(code) == 2 else "alpha_3": code}) if code else None
    if known is None:
        raise SearchRefused(
            f"There is no language {code!r}. Give two or three letters of ISO 639, such as en."
        )
    return code
