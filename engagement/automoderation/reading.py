"""Everything that a message may be read as: whole words and short phrases, plain and in disguise."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from engagement.automoderation.disguises import SHORTEST_SPELLING, spelled, unleet, unmask, unstretch
from engagement.automoderation.folding import fold

MOST_WORDS = 6
"""The longest phrase that is looked for; the longest of the public lists has six words."""

MOST_READINGS = 4000
"""A message of 500 signs has fewer; the bound is for the database that looks them up."""

APOSTROPHES = frozenset("'\u2019")
PUNCTUATION = ".,;:!?\"'()[]"
CHUNK = re.compile(r"\S+")
WORD = re.compile(r"[^\W_]+|[^\w\s]")
"""A run of letters and digits, or a single other sign: some blocked terms are emoji."""


@dataclass(frozen=True)
class Reading:
    """One way to read a part of a message: the folded term, the part as it was written, and whether it is disguised."""

    key: str
    written: str
    is_disguised: bool


@dataclass(frozen=True)
class _Chunk:
    written: str
    folded: str
    start: int
    end: int


@dataclass(frozen=True)
class _Word:
    key: str
    start: int
    end: int


def term_key(term: str) -> str:
    """How a blocked term is compared: its folded words, with one space between them; '' where nothing is left."""
    return " ".join(WORD.findall(fold(term)))


def readings(body: str) -> dict[str, Reading]:
    """Every reading of a message by its key; a plain one stands before a disguised one with the same key.

    Words are whole words: a town whose name contains a rude word is no reading of that word.
    """
    found: dict[str, Reading] = {}
    for reading in _all(body):
        if reading.key not in found:
            found[reading.key] = reading
            if len(found) >= MOST_READINGS:
                break
    return found


def _all(body: str) -> Iterator[Reading]:
    chunks = [
        _Chunk(match.group(), fold(match.group()), match.start(), match.end())
        for match in CHUNK.finditer(body)
    ]
    words = [_Word(word, chunk.start, chunk.end) for chunk in chunks for word in WORD.findall(chunk.folded)]
    yield from _phrases(body, words, is_disguised=False)
    yield from _spellings(body, words)
    disguised = [chunk for chunk in chunks if not chunk.folded.isalpha()]
    for chunk in disguised:
        yield from _in_chunk(chunk)
    if any(True for chunk in disguised for _ in unleet(chunk.folded)):
        for place in (0, -1):
            yield from _phrases(body, _unleeted(chunks, place), is_disguised=True)


def _phrases(body: str, words: list[_Word], *, is_disguised: bool) -> Iterator[Reading]:
    """Runs of one to six words."""
    for first in range(len(words)):
        key = ""
        for last in range(first, min(first + MOST_WORDS, len(words))):
            key = f"{key} {words[last].key}" if key else words[last].key
            yield Reading(key, body[words[first].start : words[last].end], is_disguised)
            if last == first:
                for drawn in unstretch(key):
                    yield Reading(drawn, body[words[first].start : words[first].end], True)


def _in_chunk(chunk: _Chunk) -> Iterator[Reading]:
    """What stands between two spaces, read with signs for letters, and without the signs put between its letters."""
    bare = chunk.folded.strip(PUNCTUATION)
    for read in {chunk.folded, bare, *unleet(chunk.folded), *unleet(bare), *unmask(bare)}:
        words = WORD.findall(read)
        joined = "".join(sign for sign in read if sign.isalnum())
        # An apostrophe stands within a word ("who're"); every other sign may have been put there.
        if len(joined) >= SHORTEST_SPELLING and not APOSTROPHES & set(read):
            words.append(joined)
        for word in words:
            yield Reading(word, chunk.written, True)
            for drawn in unstretch(word):
                yield Reading(drawn, chunk.written, True)


def _spellings(body: str, words: list[_Word]) -> Iterator[Reading]:
    """Words spelled letter by letter, whatever stands between the letters."""
    letters = [word for word in words if word.key.isalnum()]
    for is_single, group in groupby(letters, key=lambda word: len(word.key) == 1):
        run = list(group)
        if is_single:
            for start, key in spelled([word.key for word in run]):
                written = body[run[start].start : run[-1].end]
                for read in (key, *unleet(key), *unstretch(key)):
                    yield Reading(read, written, True)


def _unleeted(chunks: list[_Chunk], place: int) -> list[_Word]:
    """The words of the message with signs read as letters; `place` says which of two meanings, first or last."""
    found = []
    for chunk in chunks:
        read = list(unleet(chunk.folded)) or [chunk.folded]
        found += [_Word(word, chunk.start, chunk.end) for word in WORD.findall(read[place])]
    return found
