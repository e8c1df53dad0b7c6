"""Triggers that count: every follow, favourite, reaction and share appends its delta, whoever writes it and however.

Once a statement, from its transition table: a statement of a thousand rows of one performer appends one delta.
"""

from dataclasses import dataclass
from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class StampsMoment(Trigger):
    """The moment of a delta is that of its transaction, whatever the statement says."""

    name = "15_stamp"
    words = "Sets the moment to that of the writing transaction."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return "NEW.moment := ledger_moment();\nRETURN NEW;"


@dataclass(frozen=True)
class Counted:
    """Of what a row counts: the kind of subject, the column with its id, and SQL over `{row}` that says when."""

    subject: str
    column: str
    when: str = "true"


class _Counts(Trigger):
    """Base: appends the sums of what a statement changed."""

    definer = True
    when = pgtrigger.After
    level = pgtrigger.Statement

    def __init__(self, kind: str, *counted: Counted, **kwargs: Any) -> None:
        self.kind, self.counted = kind, counted
        super().__init__(words=f"Appends the change of the counters of {kind}.", **kwargs)

    def _side(self, rows: str, sign: int) -> str:
        return " UNION ALL ".join(
            f"SELECT '{each.subject}' AS subject_type, r.{each.column} AS subject, r.performer_id, "
            f"{sign} AS change FROM {rows} r WHERE {each.when.format(row='r')}"
            for each in self.counted
        )

    def _append(self, *sides: str) -> str:
        return f"""
INSERT INTO engagement_counterdelta (id, subject_type, subject, kind, performer_id, change, is_correction)
SELECT uuidv7(), c.subject_type, c.subject, '{self.kind}', c.performer_id, sum(c.change), false
FROM ({" UNION ALL ".join(sides)}) c
GROUP BY c.subject_type, c.subject, c.performer_id HAVING sum(c.change) <> 0;
RETURN NULL;"""


class CountsNew(_Counts):
    """What is written counts."""

    name = "90_count"
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="written")

    def get_func(self, model: Any) -> str:
        return self._append(self._side("written", 1))


class CountsGone(_Counts):
    """What is deleted counts no more."""

    name = "91_count_gone"
    operation = pgtrigger.Delete
    referencing = pgtrigger.Referencing(old="gone")

    def get_func(self, model: Any) -> str:
        return self._append(self._side("gone", -1))


class CountsChanged(_Counts):
    """What ended by an update counts no more."""

    name = "92_count_changed"
    operation = pgtrigger.Update
    referencing = pgtrigger.Referencing(old="gone", new="written")

    def get_func(self, model: Any) -> str:
        return self._append(self._side("gone", -1), self._side("written", 1))


def counts(kind: str, *counted: Counted, ends: bool = False) -> list[_Counts]:
    """The triggers of a table whose rows are counted; `ends`: an update can end a row."""
    kinds: list[type[_Counts]] = [CountsNew, CountsGone, *([CountsChanged] if ends else [])]
    return [trigger(kind, *counted) for trigger in kinds]
