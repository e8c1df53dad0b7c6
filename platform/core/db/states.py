"""State machines: declared once on the model, enforced by a trigger and by the service that asks first."""

from collections.abc import Iterable, Mapping
from typing import Any

import pgtrigger
from django.db import models

from core.db.constraints import one_of
from core.db.triggers import Trigger
from core.errors import IllegalTransition


class StateMachine:
    """The states of `field`, where rows may begin and which moves exist.

    A concrete model that has one as a class attribute gets the CHECK on the values and the trigger on the
    moves; inserting in a later state is refused as well as moving the wrong way.
    """

    def __init__(
        self,
        states: type[models.TextChoices],
        *,
        initial: Iterable[str],
        moves: Mapping[str, Iterable[str]],
        field: str = "status",
    ) -> None:
        self.field, self.states = field, states
        self.initial = tuple(str(state) for state in initial)
        self.moves = {str(old): tuple(str(new) for new in news) for old, news in moves.items()}
        unknown = {*self.initial, *self.moves, *(new for news in self.moves.values() for new in news)} - set(
            states.values
        )
        if unknown:
            raise ValueError(f"{states.__name__} has no state {', '.join(sorted(unknown))}.")

    def allows(self, old: str, new: str) -> bool:
        """Is there a move from `old` to `new`?"""
        return new in self.moves.get(old, ())

    def check(self, old: str, new: str) -> None:
        """Raise `IllegalTransition` with a sentence unless the move exists."""
        if not self.allows(old, new):
            possible = ", ".join(self.states(state).label.lower() for state in self.moves.get(old, ()))
            raise IllegalTransition(
                f"This is {self.states(old).label.lower()} and cannot become {self.states(new).label.lower()}. "
                + (f"Possible from here: {possible}." if possible else "Nothing follows this state.")
            )

    def trigger(self) -> "Transition":
        return Transition(self)

    def constraint(self) -> models.CheckConstraint:
        return one_of(self.field, self.states)


class Transition(Trigger):
    """Refuses a first state that is not initial, and a move that the machine does not have."""

    name = "40_move"
    words = "Enforces the state machine declared on the model, for inserts too."
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def __init__(self, machine: StateMachine, **kwargs: Any) -> None:
        self.machine = machine
        name = self.name if machine.field == "status" else f"{self.name}_{machine.field}"
        super().__init__(name=name, **kwargs)

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.machine.field).column
        constraint = f"{model._meta.db_table}_{column}_transition"
        initial = ", ".join(f"'{state}'" for state in self.machine.initial)
        moves = [f"'{old}>{new}'" for old, news in self.machine.moves.items() for new in news]
        return f"""
IF TG_OP = 'INSERT' THEN
  IF NEW.{column} NOT IN ({initial}) THEN
    RAISE EXCEPTION '% cannot begin as %', TG_TABLE_NAME, NEW.{column}
      USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}', TABLE = TG_TABLE_NAME;
  END IF;
ELSIF NEW.{column} IS DISTINCT FROM OLD.{column}
  AND OLD.{column} || '>' || NEW.{column} NOT IN ({", ".join(moves)}) THEN
  RAISE EXCEPTION '% cannot move from % to %', TG_TABLE_NAME, OLD.{column}, NEW.{column}
    USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
