"""Nothing new is written about somebody who is erased."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class RefuseErased(Trigger):
    """On rows that name performers or people in the given fields: refuses those who are erased, or being erased.

    A performer has the id of the person, so that one question serves both. As `accounts.erasure_triggers`
    explains, the lock is the one that the foreign key takes anyway.
    """

    name = "60_living"
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, *fields: str, **kwargs: Any) -> None:
        self.fields = fields
        super().__init__(
            words="Refuses rows about a person who is erased; waits for an erasure that is under way.",
            **kwargs,
        )

    def get_func(self, model: Any) -> str:
        people = ", ".join(f"NEW.{model._meta.get_field(field).column}" for field in self.fields)
        return f"""
PERFORM FROM accounts_user u WHERE u.id IN ({people}) ORDER BY u.id FOR KEY SHARE;
IF EXISTS (SELECT FROM accounts_user u WHERE u.id IN ({people}) AND u.erased_at IS NOT NULL) THEN
  RAISE EXCEPTION 'This person was erased; nothing is recorded about them any more.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_is_erased', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
