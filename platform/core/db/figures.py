"""Figures are told what changed: triggers say of which subject and hour, and nobody below knows who counts.

A table whose rows are counted somewhere declares `tells_figures(Told(...))` among its triggers. Each statement then
calls, in its own transaction and once per subject and hour, the function `figures_changed(source, subject, at)` of the
database. In the kernel it does nothing (core.0009); the storey that makes figures gives it its body.
"""

from dataclasses import dataclass
from typing import Any

import pgtrigger

from core.db.triggers import Trigger


@dataclass(frozen=True)
class Told:
    """What a row says: the name of the source, and SQL over `{row}` for the subject, the instant, and whether at all.

    The instant may be a set of them (`generate_series`): all hours of something that lasts. A row without subject or
    instant says nothing.
    """

    source: str
    subject: str
    at: str
    when: str = "true"

    def rows(self, table: str) -> str:
        """The SQL of subjects and hours in `table`, a transition table or a join of two whose row is called r."""
        subject, at, when = (text.format(row="r") for text in (self.subject, self.at, self.when))
        return (
            f"SELECT '{self.source}'::text AS source, {subject} AS subject, date_trunc('hour', {at}, 'UTC') AS hour "
            f"FROM {table} WHERE {when}"
        )


class TellsFigures(Trigger):
    """Base: tells what a statement changed, once per source, subject and hour."""

    definer = True
    when = pgtrigger.After
    level = pgtrigger.Statement
    tables: tuple[str, ...] = ()

    def __init__(self, *told: Told, **kwargs: Any) -> None:
        if not told:
            raise ValueError("A trigger that tells figures says of what.")
        self.told = told
        sources = ", ".join(each.source for each in told)
        super().__init__(words=f"Tells figures which subjects and hours changed: {sources}.", **kwargs)

    def get_func(self, model: Any) -> str:
        rows = " UNION ".join(each.rows(table) for table in self.tables for each in self.told)
        return f"""
PERFORM figures_changed(t.source, t.subject, t.hour)
FROM (SELECT DISTINCT c.source, c.subject, c.hour FROM ({rows}) c) t
WHERE t.subject IS NOT NULL AND t.hour IS NOT NULL
ORDER BY t.source, t.subject, t.hour;
RETURN NULL;"""


class TellsNew(TellsFigures):
    """Tells of rows that were written."""

    name = "93_tell_new"
    operation = pgtrigger.Insert
    referencing = pgtrigger.Referencing(new="written")
    tables = ("written r",)


class TellsChanged(TellsFigures):
    """Tells of rows of which one of `columns` changed: of what they were, and of what they are."""

    name = "94_tell_changed"
    operation = pgtrigger.Update
    referencing = pgtrigger.Referencing(old="gone", new="written")
    # The plan stays that of the first statement: rows in a loop would take an hour where that one had a single row.
    settings = (("enable_nestloop", "off"),)

    def __init__(self, *told: Told, columns: tuple[str, ...], **kwargs: Any) -> None:
        self.columns = columns
        super().__init__(*told, **kwargs)

    def get_func(self, model: Any) -> str:
        one, other = (", ".join(f"{row}.{column}" for column in self.columns) for row in ("r", "o"))
        differs = f"o.id = r.id AND ROW({one}) IS DISTINCT FROM ROW({other})"
        self.tables = (f"gone r JOIN written o ON {differs}", f"written r JOIN gone o ON {differs}")
        return super().get_func(model)


class TellsGone(TellsFigures):
    """Tells of rows that were deleted."""

    name = "95_tell_gone"
    operation = pgtrigger.Delete
    referencing = pgtrigger.Referencing(old="gone")
    tables = ("gone r",)


def tells_figures(*told: Told, changes: tuple[str, ...] = (), goes: bool = False) -> list[TellsFigures]:
    """The triggers of a table that is counted; `changes`: columns whose change is told; `goes`: rows are deleted too.

    What retention deletes is told to nobody: figures outlive their sources.
    """
    triggers: list[TellsFigures] = [TellsNew(*told)]
    if changes:
        triggers.append(TellsChanged(*told, columns=changes))
    if goes:
        triggers.append(TellsGone(*told))
    return triggers
