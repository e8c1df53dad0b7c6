"""Automatic moderation: finding blocked terms in what people write. Pure: knows no database.

A message is read in every way in which a person may read it (`readings`); which of the readings are blocked is a
look-up by index, however many terms there are.
"""

from engagement.automoderation.folding import fold
from engagement.automoderation.reading import Reading, readings, term_key

__all__ = ["Reading", "fold", "readings", "term_key"]
