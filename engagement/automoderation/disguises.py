"""Tricks by which a word is written so that it is read but not found: digits for letters, spacing, stretching."""

import re
from collections.abc import Iterator
from itertools import product
from string import ascii_lowercase

LEET = {
    "0": "o", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "€": "e",
    "£": "l", "+": "t", "¢": "c", "\u00d7": "x", "¥": "y", "§": "s",
}  # fmt: skip
"""Signs that stand for one letter."""

EITHER = {"1": "il", "!": "il", "|": "il"}
"""Signs that stand for one of two letters."""

MOST_DOUBTS = 4
"""Beyond so many signs of two meanings all are read alike: the combinations double with each."""

MASKS = "*#@%"
"""Signs put in the place of a vowel, or of two letters."""

LONGEST_STRUCK_OUT = 8
"""Of longer words nobody reads what two signs stand for."""

WORDS_OF_ONE_LETTER = "aeiouy"
LONGEST_SPELLING = 40
SHORTEST_SPELLING = 3
STRETCHED = re.compile(r"(.)\1{2,}")


def unleet(word: str) -> Iterator[str]:
    """Readings of a folded word with digits and signs for letters; none for a word without, or of digits alone."""
    if not any(sign in LEET or sign in EITHER for sign in word) or not any(map(str.isalpha, word)):
        return
    plain = "".join(LEET.get(sign, sign) for sign in word)
    doubts = [sign for sign in plain if sign in EITHER]
    choices = (
        product("il", repeat=len(doubts))
        if len(doubts) <= MOST_DOUBTS
        else (letter * len(doubts) for letter in "il")
    )
    for letters in choices:
        wanted = iter(letters)
        yield "".join(next(wanted) if sign in EITHER else sign for sign in plain)


def unstretch(word: str) -> Iterator[str]:
    """Readings of a word in which a letter is drawn out ("fuuuck"): once, and twice; none where no letter is.

    A letter alone ("xxx") is no word that was drawn out.
    """
    if STRETCHED.search(word) and len(set(word)) > 1:
        yield STRETCHED.sub(r"\1", word)
        yield STRETCHED.sub(r"\1\1", word)


def unmask(word: str) -> Iterator[str]:
    """Readings of a word with letters struck out: a vowel where it is one ("sh*t"), any two side by side ("f**k").

    The first and the last letter of such a word stand; a longer row of signs says nothing.
    """
    masked = [place for place, sign in enumerate(word) if sign in MASKS]
    if not masked or masked[0] == 0 or masked[-1] == len(word) - 1:
        return
    if len(masked) == 1:
        (place,) = masked
        for vowel in "aeiou":
            yield f"{word[:place]}{vowel}{word[place + 1 :]}"
    elif len(masked) == 2 and masked[1] == masked[0] + 1 and len(word) <= LONGEST_STRUCK_OUT:
        for letters in product(ascii_lowercase, repeat=2):
            yield f"{word[: masked[0]]}{''.join(letters)}{word[masked[1] + 1 :]}"


def spelled(letters: list[str]) -> Iterator[tuple[int, str]]:
    """The word that a run of single letters spells ("f u c k"), and where it begins.

    The whole run, or all of it after a first letter that is a word by itself ("I"): a part of a longer spelled word is
    no word.
    """
    for start in (0, 1):
        if SHORTEST_SPELLING <= len(letters) - start <= LONGEST_SPELLING and (
            start == 0 or letters[0] in WORDS_OF_ONE_LETTER
        ):
            yield start, "".join(letters[start:])
