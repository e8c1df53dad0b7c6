"""Legal holds as the lower floors know them: whose a row is, and a trigger that keeps it while a hold covers it.

A model says `held_by = HeldBy(...)` beside its size and its life, or `held_by = NotHeld("why")`. Who places holds, and
which rows they reach, is told by two functions of the database, `legal_hold_covers` and `legal_hold_copy`: here they
answer that there is none (core.0007), and the oversight storey gives them their bodies.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Func, Model, Q, Value

from core.db.triggers import Trigger, only_rotates, quoted, rotated_columns

OWN = "{row}."
"""In an expression of `HeldBy`: the row. What contains it is SQL, everything else the name of a field."""

ROLE = "coalesce(nullif(current_setting('role', true), 'none'), session_user)"
"""The acting role, inside of a function that runs with the owner's rights too."""

COVERS = "legal_hold_covers"
SENTENCE = "A legal hold keeps this as it is. Compliance knows more."
DISCREET = "This cannot be changed or deleted at present. Support knows more."
"""For viewers and performers: nobody learns of a hold about themselves from a form that refuses."""


@dataclass(frozen=True)
class HeldBy:
    """Whose a row is, and what of it a hold keeps.

    `person`, `stream`, `archive`, `recording`: fields that name one, or SQL over `{row}`; a hold on any of them covers
    the row. A covered row is never deleted, and its fields in `keeps` (words, files, names, dates of content) never
    change; everything else goes on. `gives_way` is SQL over `{row}`, true where the row goes although it is covered:
    it is copied out for the hold first. It is for rows of several people, one of whom may ask for it.
    """

    person: tuple[str, ...] = ()
    stream: tuple[str, ...] = ()
    archive: tuple[str, ...] = ()
    recording: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    gives_way: str = ""

    def scopes(self, model: Any, row: str) -> Iterator[tuple[str, str]]:
        """Each kind of scope with the SQL of its id, for a row called `row`. Raises FieldDoesNotExist."""
        for kind in SCOPE_KINDS:
            for entry in getattr(self, kind):
                yield kind, _sql(model, entry, row)

    def arrays(self, model: Any, row: str) -> str:
        """The two arguments of `legal_hold_covers`: kinds of scopes and their ids."""
        kinds, ids = zip(*self.scopes(model, row), strict=True)
        return f"ARRAY[{', '.join(quoted(kind) for kind in kinds)}], ARRAY[{', '.join(ids)}]::uuid[]"


SCOPE_KINDS = tuple(field.name for field in fields(HeldBy) if field.name not in ("keeps", "gives_way"))


@dataclass(frozen=True)
class NotHeld:
    """No hold keeps a row of this table; `why` is for the people who ask."""

    why: str


def _sql(model: Any, entry: str, row: str) -> str:
    if OWN in entry:
        return f"({entry.replace(OWN, f'{row}.')})"
    return f"{row}.{model._meta.get_field(entry).column}"


def held_by_of(model: type[Model]) -> HeldBy | NotHeld | None:
    """What the model says; a history is held with its subject. None: it says nothing."""
    subject = getattr(model, "instance_type", None)
    declared = getattr(subject or model, "held_by", None)
    if subject is None or not isinstance(declared, HeldBy):
        return declared
    names = {field.name for field in model._meta.local_fields}
    kept: dict[str, Any] = {kind: tuple(_of_history(getattr(declared, kind), names)) for kind in SCOPE_KINDS}
    return HeldBy(**kept)


def _of_history(entries: tuple[str, ...], names: set[str]) -> Iterator[str]:
    return (entry for entry in entries if OWN in entry or entry in names)


def holds_nothing(held: HeldBy) -> bool:
    """Whether the declaration names no scope at all: the rows are nobody's."""
    return not any(getattr(held, kind) for kind in SCOPE_KINDS)


def not_held(model: type[Model]) -> Q:
    """The condition that no hold covers a row, for jobs that delete: what is held stays for a later run.

    The trigger refuses in any case; this keeps one held row from stopping the others. For the worker and retention.
    """
    held = held_by_of(model)
    if not isinstance(held, HeldBy):
        raise TypeError(f"{model._meta.label} does not say whose its rows are.")
    named = [(kind, entry) for kind in SCOPE_KINDS for entry in getattr(held, kind) if OWN not in entry]
    kinds = ", ".join(quoted(kind) for kind, _ in named)
    covers = Func(
        *(models.F(entry) for _, entry in named),
        template=f"{COVERS}(ARRAY[{kinds}], ARRAY[%(expressions)s]::uuid[])",
        output_field=models.BooleanField(),
    )
    return Q(models.lookups.Exact(covers, Value(False)))


class KeepHeld(Trigger):
    """Refuses to delete a row that a hold covers, and to change what it keeps; asks only when one of that happens.

    Last of the triggers before a change but for that of retention, so that it sees what the others made of it. Runs
    with the owner's rights: who is refused need not be able to ask about holds.
    """

    name = "95_keep_held"
    definer = True
    when = pgtrigger.Before

    def __init__(self, held: HeldBy, **kwargs: Any) -> None:
        self.held = held
        kept = f", and to change {', '.join(held.keeps)}" if held.keeps else ""
        operation: Any = pgtrigger.Delete
        if held.keeps:
            operation = pgtrigger.UpdateOf(*held.keeps) | pgtrigger.Delete
        super().__init__(
            words=f"Refuses to delete what a legal hold covers{kept}.", operation=operation, **kwargs
        )

    def get_func(self, model: Any) -> str:
        table = model._meta.db_table
        arrays = self.held.arrays(model, "OLD")
        copied = ""
        if self.held.gives_way:
            copied = f"""
  IF TG_OP = 'DELETE' AND ({self.held.gives_way.replace(OWN, "OLD.")}) THEN
    PERFORM legal_hold_copy('{table}', OLD.id, to_jsonb(OLD), {arrays});
    RETURN OLD;
  END IF;"""
        return f"""{self._unchanged(model)}
IF {COVERS}({arrays}) THEN{copied}
  RAISE EXCEPTION '%', CASE WHEN {ROLE} IN ('vbl_viewer', 'vbl_performer')
      THEN {quoted(DISCREET)} ELSE {quoted(SENTENCE)} END
    USING ERRCODE = 'check_violation', CONSTRAINT = '{held_name(model)}', TABLE = TG_TABLE_NAME;
END IF;
IF TG_OP = 'DELETE' THEN
  RETURN OLD;
END IF;
RETURN NEW;"""

    def _unchanged(self, model: Any) -> str:
        """What lets an update pass without asking: no kept column changes, or a key is rotated and nothing else."""
        if not self.held.keeps:
            return ""
        columns = [model._meta.get_field(name).column for name in self.held.keeps]
        same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in columns)
        if set(columns) & set(rotated_columns(model)):
            # The owner's rights are everybody's here, so the acting role is asked instead of current_user.
            rotates = only_rotates(model, frozenset({"updated_at", "version"})).replace(
                "current_user = ", f"{ROLE} = "
            )
            same = f"{same} OR {rotates}"
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF {same} THEN
    RETURN NEW;
  END IF;
END IF;"""


def held_name(model: Any) -> str:
    """The name under which a hold refuses a row of the table, as constraints have one."""
    return f"{model._meta.db_table}_held"


def promised_by_holds(model: type[Model]) -> list[KeepHeld]:
    """The trigger of a model that says whose its rows are."""
    held = held_by_of(model)
    return [KeepHeld(held)] if isinstance(held, HeldBy) and not holds_nothing(held) else []


def words_of(model: type[Model]) -> str:
    """What a hold does to rows of the table, for people who read the dictionary; empty where the model says nothing."""
    held = held_by_of(model)
    if isinstance(held, NotHeld):
        return f"does not keep it. {held.why}"
    if held is None or holds_nothing(held):
        return ""
    kinds = [kind for kind in SCOPE_KINDS if getattr(held, kind)]
    kept = f"; {', '.join(held.keeps)} do not change" if held.keeps else ""
    gives = "; gives way to others, copied out first" if held.gives_way else ""
    return f"on its {' or '.join(kinds)}: no row is deleted{kept}{gives}"
