"""Triggers of this app that are more than the kernel's."""

import pgtrigger
from django.db import models

from core.db.triggers import Trigger


class RefuseReservedHandle(Trigger):
    """On `accounts_user`: nobody takes a reserved handle but its former owner."""

    name = "50_reserve"
    words = "Refuses a handle that is reserved, or looks like one, to everybody but its former owner."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("handle")

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF EXISTS (
  SELECT FROM accounts_reservedhandle r
  WHERE r.handle_skeleton = NEW.handle_skeleton
    AND (r.reserved_until IS NULL OR r.reserved_until > now())
    AND r.previous_owner_id IS DISTINCT FROM NEW.id
) THEN
  RAISE EXCEPTION 'This handle is reserved.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_handle_reserved', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
