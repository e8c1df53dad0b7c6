"""Triggers that keep a blind index in step with its source, by whatever way a row is written.

Equal values have different ciphertexts, so that a trigger cannot see whether the value changed. What it can see is
whether a statement that writes the source names the index too: a trigger on `UPDATE OF` the index adds a byte to it,
the next one takes the byte off, and refuses a new source without it. The length check of the column would not let
such a byte stay.
"""

from typing import Any

import pgtrigger

from core.db.triggers import ROTATES, Trigger

MARK = "'\\x00'::bytea"


class IndexNamed(Trigger):
    """Marks a blind index that the statement names."""

    when = pgtrigger.Before
    words = "Notes that the statement writes the blind index; the next trigger takes the note away."

    def __init__(self, source: str, index: str, **kwargs: Any) -> None:
        self.source, self.index = source, index
        super().__init__(name=f"50_name_{index}", operation=pgtrigger.UpdateOf(index), **kwargs)

    def get_func(self, model: Any) -> str:
        index = model._meta.get_field(self.index).column
        return f"""
NEW.{index} := NEW.{index} || {MARK};
RETURN NEW;"""


class IndexFollows(Trigger):
    """Refuses a change of the source whose statement does not write the index, and the reverse."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, source: str, index: str, **kwargs: Any) -> None:
        self.source, self.index = source, index
        kwargs.setdefault(
            "words", f"{source} is never written without its blind index {index}, nor the reverse."
        )
        super().__init__(name=f"51_follow_{index}", **kwargs)

    def get_func(self, model: Any) -> str:
        source = model._meta.get_field(self.source).column
        index = model._meta.get_field(self.index).column
        return f"""
IF octet_length(NEW.{index}) = 34 THEN
  NEW.{index} := substr(NEW.{index}, 1, 33);
ELSIF octet_length(NEW.{index}) <> 33 THEN
  RETURN NEW; -- the length check of the column says what is wrong
ELSIF NEW.{source} IS DISTINCT FROM OLD.{source} AND NEW.{index} IS NOT NULL AND NOT ({ROTATES}) THEN
  RAISE EXCEPTION '{source} of % was written without its blind index {index}', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation',
      HINT = 'Write both: save(update_fields=[...]) names both, BlindIndexedQuerySet does so by itself.';
END IF;
IF NEW.{index} IS DISTINCT FROM OLD.{index} AND NEW.{source} IS NOT DISTINCT FROM OLD.{source} AND NOT ({ROTATES}) THEN
  RAISE EXCEPTION 'the blind index {index} of % was changed without {source}', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;"""
