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


class StatusFollowsRestrictions(Trigger):
    """On `accounts_user`: nobody becomes active while a restriction says otherwise, not by raw SQL either.

    A restricted person becomes active when no restriction is in force, a suspended one when none bars signing in.
    """

    name = "60_follow"
    words = "Refuses to make a person active whom a restriction in force still bars."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: type[models.Model]) -> str:
        return """
IF NEW.status = 'active' AND OLD.status IN ('restricted', 'suspended') AND EXISTS (
  SELECT FROM accounts_restriction r
  WHERE r.user_id = NEW.id AND r.valid @> statement_timestamp()
    AND (OLD.status = 'restricted' OR r.kind = 'sign_in')
) THEN
  RAISE EXCEPTION 'This person is still restricted; lift the restriction first.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_user_status_follows', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TakePersonOfContact(Trigger):
    """On `accounts_contactverification`: whose it is follows from the contact, whatever the statement says.

    Runs with the rights of whoever inserts, so that nobody has a code sent to a contact that they may not see.
    """

    name = "20_take"
    words = "Takes the person from the contact; refuses a contact that the inserting role may not see."
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: type[models.Model]) -> str:
        return """
SELECT c.user_id INTO NEW.user_id FROM accounts_usercontact c WHERE c.id = NEW.contact_id;
IF NOT FOUND THEN
  RAISE EXCEPTION 'There is no such contact, or your role may not see it.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_contactverification_user_take', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
