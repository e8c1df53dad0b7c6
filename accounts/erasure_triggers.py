"""Triggers that open records for erasure, and close them behind it.

The door is the state of the person: rows that nobody may ever delete or change go when their person is erased,
and then for the owner alone, as whom `accounts_person_erase` runs. No setting of the session opens it.
"""

from typing import Any

import pgtrigger
from django.db import models

from core.db.triggers import Trigger


def _erased(column: str) -> str:
    return (
        "current_user = 'vbl_owner' AND EXISTS "
        f"(SELECT FROM accounts_user u WHERE u.id = OLD.{column} AND u.erased_at IS NOT NULL)"
    )


class GoneOnErasure(Trigger):
    """In place of the kernel's `AppendOnly`: rows also go with their person."""

    name = "20_append_only"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def __init__(self, person: str, **kwargs: Any) -> None:
        self.person = person
        super().__init__(
            words="Facts are never changed; the retention role deletes, and the owner once the person is erased.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        column = model._meta.get_field(self.person).column
        return f"""
IF TG_OP = 'DELETE' THEN
  IF current_user = 'vbl_retention' THEN
    RETURN OLD;
  END IF;
  IF {_erased(column)} THEN
    RETURN OLD;
  END IF;
END IF;
RAISE EXCEPTION '% is append-only: % is refused, write a correcting row instead', TG_TABLE_NAME, TG_OP
  USING ERRCODE = 'restrict_violation';"""


class BlankedOnErasure(Trigger):
    """In place of the kernel's `AppendOnly`: the named columns are emptied with their person, the row stays."""

    name = "20_append_only"
    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def __init__(self, person: str, *, blanks: tuple[str, ...], **kwargs: Any) -> None:
        self.person, self.blanks = person, blanks
        super().__init__(
            words="Facts are never changed; once the person is erased, the owner empties what identifies.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        columns = [field.column for field in model._meta.concrete_fields if field.name not in self.blanks]
        new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
        empty = " AND ".join(
            f"coalesce(NEW.{model._meta.get_field(name).column}::text, '') = ''" for name in self.blanks
        )
        column = model._meta.get_field(self.person).column
        return f"""
IF TG_OP = 'DELETE' AND current_user = 'vbl_retention' THEN
  RETURN OLD;
END IF;
IF TG_OP = 'UPDATE' THEN
  IF ROW({new}) IS NOT DISTINCT FROM ROW({old}) AND {empty} AND {_erased(column)} THEN
    RETURN NEW;
  END IF;
END IF;
RAISE EXCEPTION '% is append-only: % is refused, write a correcting row instead', TG_TABLE_NAME, TG_OP
  USING ERRCODE = 'restrict_violation';"""


class RefuseErasedPerson(Trigger):
    """On rows about people, named by the given fields: nothing new is written about the erased, or the being erased.

    A field may lead to a person or to a performer, who has the id of the person. The lock is the one that the foreign
    key takes anyway, taken in the order of keys: a row written while a person is erased waits for the erasure and is
    refused, and the erasure waits for a row that came first, and takes it along. What is read is the locked row, as it
    is after the wait.
    """

    name = "60_living"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, *people: str, **kwargs: Any) -> None:
        self.people = people or ("user",)
        super().__init__(
            words="Refuses rows about a person who is erased; waits for an erasure that is under way.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        people = ", ".join(f"NEW.{model._meta.get_field(field).column}" for field in self.people)
        return f"""
IF (
  SELECT bool_or(living.erased_at IS NOT NULL)
  FROM (SELECT u.erased_at FROM accounts_user u WHERE u.id IN ({people}) ORDER BY u.id FOR KEY SHARE) living
) THEN
  RAISE EXCEPTION 'This person was erased; nothing is recorded about them any more.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_is_erased', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class ErasedByFunctionOnly(Trigger):
    """On `accounts_user`: no role sets an account to erased by itself, the function `accounts_person_erase` does.

    A legal hold of a higher floor is backed in the same place: by a trigger of its own on this move.
    """

    name = "70_erase"
    words = "Refuses the move to erased to every role; accounts_person_erase makes it, with all that belongs to it."
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF OLD.erased_at IS NOT NULL
  AND ROW(NEW.handle, NEW.locale, NEW.time_zone, NEW.country, NEW.last_seen_at, NEW.closed_at, NEW.erased_at)
  IS DISTINCT FROM
  ROW(OLD.handle, OLD.locale, OLD.time_zone, OLD.country, OLD.last_seen_at, OLD.closed_at, OLD.erased_at) THEN
  RAISE EXCEPTION 'An erased account is never changed.' USING ERRCODE = 'restrict_violation';
END IF;
IF NEW.status = 'erased' AND OLD.status <> 'erased' AND current_user <> 'vbl_owner' THEN
  RAISE EXCEPTION 'An account is erased by accounts_person_erase alone.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_erase', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
