"""One table as retention sees it: which rows are over, which of them a hold covers, and which are bound."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Model

from audit.retention_duties import beginning_of, children_of, references_to
from core.db.holds import COVERS, HeldBy, held_by_of, holds_nothing
from core.db.retention import Over
from core.models.identity import uuid7_floor
from core.models.storage import retention_of, subject_of, term_of

Place = tuple[datetime | None, UUID]
"""Where a batch ended: the beginning of the last row's time, where rows are ordered by it, and its key."""

CUT_OFF = "%(cut_off)s::timestamptz"
FLOOR = "%(floor)s::uuid"


class Row(NamedTuple):
    """A row that is over. `held`: a hold covers it. `bound`: another row that stays refers to it."""

    key: UUID
    place: Place
    held: bool
    bound: bool


@dataclass(frozen=True)
class Table:
    """What is asked of one table. `over` says when its rows are; `key` names its primary key."""

    model: type[Model]
    over: Over

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        return "history_id" if subject_of(self.model) else "id"

    @property
    def held(self) -> str:
        """The SQL that a hold covers the row `t`."""
        held = held_by_of(self.model)
        if not isinstance(held, HeldBy) or holds_nothing(held):
            return "false"
        return f"{COVERS}({held.arrays(self.model, 't')})"

    @property
    def bound(self) -> str:
        """The SQL that a row refers to `t` which does not go with it, nor before it."""
        along = {child for child, _ in children_of(self.model)}
        asked = []
        for child, column in references_to(self.model):
            if child in along:
                continue
            stays = ""
            if child is self.model:
                # Rows that refer to one another go newest first.
                stays = f" AND NOT {self.over.condition('c', cut_off=CUT_OFF, floor=FLOOR)}"
            asked.append(
                f"EXISTS (SELECT FROM {child._meta.db_table} c WHERE c.{column} = t.{self.key}{stays})"
            )
        return f"({' OR '.join(asked)})" if asked else "false"

    @property
    def is_self_referring(self) -> bool:
        return any(child is self.model for child, _ in references_to(self.model))

    def find(self, cut_off: datetime, *, after: Place | None, limit: int, lock: bool) -> list[Row]:
        """Rows that are over, behind `after`; with `lock`, those that nobody else holds, locked for this transaction.

        Ordered by the beginning of their time, as the index that finds them, or by key, where that says it: a row that
        may refer to an older one of its table comes before it.
        """
        by_key = not self.over.since or self.is_self_referring or self.key == "history_id"
        began = "NULL::timestamptz" if by_key else self.over.instant("t")
        step, order = ("<", " DESC") if self.is_self_referring else (">", "")
        place = (
            f"t.{self.key} {step} %(key)s" if by_key else f"({began}, t.{self.key}) > (%(began)s, %(key)s)"
        )
        ordered = f"t.{self.key}{order}" if by_key else f"{began}, t.{self.key}"
        behind = f"AND {place}" if after else ""
        sql = (
            f"SELECT t.{self.key}, {began}, {self.held}, {self.bound} FROM {self.name} t "
            f"WHERE {self.over.condition('t', cut_off=CUT_OFF, floor=FLOOR)} {behind} "
            f"ORDER BY {ordered} LIMIT %(limit)s {'FOR UPDATE OF t SKIP LOCKED' if lock else ''}"
        )
        values: dict[str, Any] = {"cut_off": cut_off, "floor": uuid7_floor(cut_off), "limit": limit}
        if after is not None:
            values |= {"began": after[0], "key": after[1]}
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [Row(key, (began, key), held, bound) for key, began, held, bound in cursor.fetchall()]

    def people_of(self, keys: list[UUID]) -> dict[UUID, UUID]:
        """Whose record each of these rows is."""
        person: Any = self.model._meta.get_field(self.over.person)
        column = person.column
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.{self.key}, t.{column} FROM {self.name} t WHERE t.{self.key} = ANY(%s::uuid[])",
                [keys],
            )
            return dict(cursor.fetchall())


def table_of(model: type[Model]) -> Table:
    """The table with the beginning of its rows' time. Raises LookupError where nothing says it."""
    over = beginning_of(model, term_of(retention_of(model)))
    if over is None:
        raise LookupError(f"{model._meta.db_table} does not say from when on its period counts.")
    return Table(model, over)
