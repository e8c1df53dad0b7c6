"""Triggers of destinations, payouts and their items: what belongs together, whoever writes it and however."""

from typing import Any

import pgtrigger

from billing.payout_choices import LIVE_PAYOUTS
from core.db.triggers import Trigger, only_rotates, rotated_columns

COOLING_OFF_HOURS = 72
"""So long nothing is paid to a destination that took the place of another one."""

LIVE = "(" + ", ".join(f"'{status}'" for status in LIVE_PAYOUTS) + ")"


class CoolsOff(Trigger):
    """Whoever takes over an account of a performer changes where the money goes first of all: it waits three days."""

    name = "50_cool_off"
    words = (
        "Sets from when on is paid to a destination: at once to the first one that a performer or studio ever had, "
        f"{COOLING_OFF_HOURS} hours after it was entered to every later one."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return f"""
IF EXISTS (
  SELECT FROM billing_payoutdestination d
  WHERE d.performer_id = NEW.performer_id OR d.studio_id = NEW.studio_id
) THEN
  NEW.usable_from := statement_timestamp() + interval '{COOLING_OFF_HOURS} hours';
ELSE
  NEW.usable_from := statement_timestamp();
END IF;
RETURN NEW;"""


class OnlyEmptied(Trigger):
    """What is sealed or encrypted is never written over: it goes with its person, or is encrypted by a newer key."""

    name = "35_keep_seals"
    words = (
        "Refuses to write another account, holder or token over the one that is there; they are only emptied."
    )
    when = pgtrigger.Before
    operation = pgtrigger.Update

    def get_func(self, model: Any) -> str:
        columns = ("holder_name", "details", "token")
        changed = " OR ".join(
            f"(NEW.{column} IS DISTINCT FROM OLD.{column} AND NEW.{column} IS NOT NULL)" for column in columns
        )
        changed = f"{changed} OR (NEW.last_four <> OLD.last_four AND NEW.last_four <> '')"
        if set(columns) & set(rotated_columns(model)):
            changed = f"({changed}) AND NOT ({only_rotates(model, frozenset({'updated_at', 'version'}))})"
        return f"""
IF {changed} THEN
  RAISE EXCEPTION 'A destination is never written over: enter another one, which takes its place.'
    USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;"""


class PayoutWithinBatch(Trigger):
    """A payout goes through the account of its batch, to a destination of its payee that may be used, and is enough."""

    name = "50_match_batch"
    words = (
        "Refuses a payout in a batch that is no draft, of another currency or account, to a destination of somebody "
        "else, paused, given up or changed lately, and below the least sum that the performer wants; and to send, "
        "fail or cancel one while its batch is not so far."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("status")
    declare = (
        ("batch", "billing_payoutbatch"),
        ("destination", "billing_payoutdestination"),
        ("least", "bigint"),
    )

    def get_func(self, model: Any) -> str:
        return """
IF TG_OP = 'UPDATE' THEN
  IF NEW.status = OLD.status OR OLD.status <> 'prepared' THEN
    RETURN NEW;
  END IF;
END IF;
SELECT * INTO batch FROM billing_payoutbatch b WHERE b.id = NEW.batch_id FOR SHARE;
SELECT * INTO destination FROM billing_payoutdestination d WHERE d.id = NEW.destination_id FOR SHARE;
IF TG_OP = 'UPDATE' THEN
  IF (NEW.status = 'cancelled') <> (batch.status IN ('draft', 'submitted', 'cancelled')) THEN
    RAISE EXCEPTION 'Payouts are sent when their batch was approved, and cancelled before that.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_batch', TABLE = TG_TABLE_NAME;
  END IF;
  IF NEW.status = 'sent' AND (destination.status <> 'active' OR destination.usable_from > statement_timestamp()) THEN
    RAISE EXCEPTION 'Nothing is paid to this destination: it is paused, given up, or was changed lately.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_destination', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
IF batch.status IS DISTINCT FROM 'draft' OR batch.currency <> NEW.currency
  OR batch.provider_account_id <> NEW.provider_account_id THEN
  RAISE EXCEPTION 'A payout is added to a draft, in its currency and on its way.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_batch', TABLE = TG_TABLE_NAME;
END IF;
IF destination.performer_id IS DISTINCT FROM NEW.performer_id OR destination.studio_id IS DISTINCT FROM NEW.studio_id
  OR destination.currency <> NEW.currency OR destination.provider_account_id <> NEW.provider_account_id THEN
  RAISE EXCEPTION 'A payout goes to a destination of who earned it, in its currency and on its way.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_destination', TABLE = TG_TABLE_NAME;
END IF;
IF destination.status <> 'active' OR destination.usable_from > statement_timestamp() THEN
  RAISE EXCEPTION 'Nothing is paid to this destination: it is paused, given up, or was changed lately.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_destination', TABLE = TG_TABLE_NAME;
END IF;
SELECT p.minimum INTO least FROM performers_payoutpreference p
WHERE p.performer_id = NEW.performer_id AND p.currency = NEW.currency;
IF NEW.amount < least THEN
  RAISE EXCEPTION 'This is less than the performer wants to be paid at once.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payout_minimum', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class MovesItems(Trigger):
    """A payout that failed, came back or was cancelled lets go of its earnings, whoever moves it."""

    name = "80_release_items"
    words = "Lets go of the earnings of a payout that failed, came back or was cancelled."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("status")

    def get_func(self, model: Any) -> str:
        return f"""
IF OLD.status IN {LIVE} AND NEW.status NOT IN {LIVE} THEN
  UPDATE billing_payoutitem SET is_live = false WHERE payout_id = NEW.id AND is_live;
END IF;
RETURN NULL;"""


class ItemOfPayout(Trigger):
    """An item is an earning of whoever is paid, whole, available, and in a draft; it lives as long as its payout."""

    name = "50_match_payout"
    words = (
        "Refuses an item of somebody else's earning, of another amount or unit, not available, held, or in a payout "
        "that is no draft any more; refuses to change one, or to let it live longer or shorter than its payout."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update

    def get_func(self, model: Any) -> str:
        return f"""
IF TG_OP = 'UPDATE' THEN
  IF (NEW.payout_id, NEW.earning_id, NEW.amount, NEW.currency)
    IS DISTINCT FROM (OLD.payout_id, OLD.earning_id, OLD.amount, OLD.currency)
    OR NEW.is_live <> (SELECT p.status IN {LIVE} FROM billing_payout p WHERE p.id = NEW.payout_id)
  THEN
    RAISE EXCEPTION 'An item of a payout stays what it was, and lives as long as its payout.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutitem_lives', TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END IF;
NEW.is_live := true;
IF NOT EXISTS (
  SELECT FROM billing_payout p
  JOIN billing_payoutbatch b ON b.id = p.batch_id
  JOIN billing_earning e ON e.id = NEW.earning_id
  WHERE p.id = NEW.payout_id AND p.status = 'prepared' AND b.status = 'draft'
    AND e.amount = NEW.amount AND e.currency = NEW.currency AND e.currency IN ('TOKEN', p.currency)
    AND (e.performer_id = p.performer_id OR e.studio_id = p.studio_id)
    AND (e.amount < 0 OR e.available_on <= (b.as_of AT TIME ZONE 'UTC')::date AND NOT EXISTS (
      SELECT FROM billing_earninghold h WHERE h.earning_id = e.id AND h.released_at IS NULL
    ))
    AND b.as_of <= statement_timestamp()
) THEN
  RAISE EXCEPTION 'An item is an earning of who is paid, whole and available, in a payout of a draft.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_payoutitem_payout', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
