"""Rough words of five languages, as terms that hold messages everywhere (LDNOOBW, CC BY 4.0)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.datasets.files import Row, rows_of
from core.datasets.registry import BrokenRow, Dataset, ReadRow, register
from core.models.identity import uuid7_derived
from engagement.services.blocked_terms import ListedTerm, blocked_terms_import

SET = "automod"
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""The list is not dated; a fixed beginning keeps ids the same in every run."""

COLUMNS = ("lang", "term")
LANGUAGE = re.compile("[a-z]{2}")


def term_of(row: Row) -> ListedTerm:
    """The term of a row. Raises ValueError with a sentence."""
    language, term = row["lang"], row["term"].strip()
    if not LANGUAGE.fullmatch(language):
        raise ValueError(f"lang {language[:20]!r} is no language of two letters")
    if not term:
        raise ValueError("the term is empty")
    return ListedTerm(id=uuid7_derived(SINCE, SET, language, term), term=term, language=language, since=SINCE)


def read_terms(path: Path) -> Iterator[ReadRow | BrokenRow]:
    """Every term. Raises `DatasetRefused`."""
    yield from rows_of(path / "words.csv.gz", COLUMNS, term_of)


register(
    Dataset(
        name=SET,
        words="704 rough words of five languages, as blocked terms of the platform",
        read=read_terms,
        write=lambda terms: blocked_terms_import(terms=terms),
    )
)
