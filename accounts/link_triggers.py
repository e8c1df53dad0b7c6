"""Triggers on the links to identity providers."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger


class KeepOneWayIn(Trigger):
    """On `accounts_identityproviderlink`: nobody is left without a way to sign in, two unlinking at once included."""

    name = "50_keep_one"
    words = "Refuses to unlink the only way in which a person can sign in, unless the person is erased."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Delete

    def get_func(self, model: type[models.Model]) -> str:
        return """
PERFORM FROM accounts_user u WHERE u.id = OLD.user_id AND u.erased_at IS NULL FOR NO KEY UPDATE;
IF FOUND
  AND NOT EXISTS (SELECT FROM accounts_userpassword p WHERE p.user_id = OLD.user_id)
  AND NOT EXISTS (SELECT FROM accounts_identityproviderlink l WHERE l.user_id = OLD.user_id) THEN
  RAISE EXCEPTION 'This is the only way to sign in; set a password or link another provider first.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_identityproviderlink_keep_one', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""
