"""Triggers of the archive of partitions."""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class NotOfTheErased(Trigger):
    """No key is made for somebody who is erased, or is being erased at this moment."""

    name = "15_not_of_the_erased"
    words = "Refuses a key for a person who is erased; waits for an erasure that is under way."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
PERFORM FROM accounts_user u WHERE u.id = NEW.person_id AND u.status <> 'erased' FOR SHARE;
IF NOT FOUND THEN
  RAISE EXCEPTION 'There is no key in the archive for a person who is erased.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_archivekey_erased', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
