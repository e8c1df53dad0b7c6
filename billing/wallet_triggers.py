"""Triggers of wallets: lots, ledger and splits agree when the transaction ends, whoever wrote them and however.

Deferred, since a movement of tokens is several statements; each looks a few rows up by an index. They run with the
owner's rights: by then nobody acts in a role any more.
"""

from typing import Any

import pgtrigger

from core.db.triggers import Trigger


class _AtTheEnd(Trigger):
    """Once a row that was written, when the transaction ends."""

    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    timing = pgtrigger.Deferred


class LotsMatchLedger(_AtTheEnd):
    """What remains in the lots of a wallet is the balance of its account in the ledger."""

    name = "70_match_ledger"
    words = "Refuses, when the transaction ends, lots that do not sum to the balance of their wallet in the ledger."
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("remaining")
    declare = [("lots", "numeric"), ("booked", "bigint")]

    def get_func(self, model: Any) -> str:
        return """
SELECT b.amount, (SELECT coalesce(sum(l.remaining), 0) FROM billing_tokenlot l
                  WHERE l.wallet_id = w.id AND l.remaining > 0)
INTO booked, lots
FROM billing_wallet w JOIN billing_ledgerbalance b ON b.account_id = w.account_id WHERE w.id = NEW.wallet_id;
IF lots IS DISTINCT FROM booked THEN
  RAISE EXCEPTION 'The lots of wallet % have % tokens, its account in the ledger %.', NEW.wallet_id, lots, booked
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenlot_ledger', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class BalanceMatchesLots(_AtTheEnd):
    """On `billing_ledgerbalance`: nobody posts to the account of a wallet past its lots and holds."""

    name = "70_match_lots"
    words = "Refuses, when the transaction ends, a balance of a wallet that is not that of its lots or of its holds."
    operation = pgtrigger.UpdateOf("amount")
    declare = [("wallet", "billing_wallet"), ("booked", "bigint"), ("kept", "numeric")]

    def get_func(self, model: Any) -> str:
        return """
SELECT * INTO wallet FROM billing_wallet w WHERE w.account_id = NEW.account_id;
IF FOUND THEN
  SELECT coalesce(sum(l.remaining), 0) INTO kept FROM billing_tokenlot l
  WHERE l.wallet_id = wallet.id AND l.remaining > 0;
ELSE
  SELECT * INTO wallet FROM billing_wallet w WHERE w.hold_account_id = NEW.account_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(h.tokens - h.captured - h.returned), 0) INTO kept FROM billing_tokenhold h
  WHERE h.wallet_id = wallet.id AND h.tokens > h.captured + h.returned;
END IF;
SELECT b.amount INTO booked FROM billing_ledgerbalance b WHERE b.account_id = NEW.account_id;
IF kept IS DISTINCT FROM booked THEN
  RAISE EXCEPTION 'Wallet % has % tokens, its account in the ledger %.', wallet.id, kept, booked
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_ledgerbalance_wallet', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class HoldsMatchLedger(_AtTheEnd):
    """What is set aside is the balance of the account for it, and consists of what its lots say."""

    name = "70_match_ledger"
    words = (
        "Refuses, when the transaction ends, holds that do not sum to the account of their wallet in the ledger, "
        "and one that does not sum to what it took of lots."
    )
    operation = pgtrigger.Insert | pgtrigger.UpdateOf("captured", "returned")
    declare = [("held", "numeric"), ("booked", "bigint")]

    def get_func(self, model: Any) -> str:
        return """
SELECT b.amount, (SELECT coalesce(sum(h.tokens - h.captured - h.returned), 0) FROM billing_tokenhold h
                  WHERE h.wallet_id = w.id AND h.tokens > h.captured + h.returned)
INTO booked, held
FROM billing_wallet w JOIN billing_ledgerbalance b ON b.account_id = w.hold_account_id WHERE w.id = NEW.wallet_id;
IF held IS DISTINCT FROM booked OR NOT EXISTS (
  SELECT FROM billing_tokenhold h
  WHERE h.id = NEW.id AND h.tokens - h.captured - h.returned =
    (SELECT coalesce(sum(l.tokens), 0) FROM billing_holdlot l WHERE l.hold_id = h.id)
) THEN
  RAISE EXCEPTION 'Wallet % has % tokens set aside, its account in the ledger %.', NEW.wallet_id, held, booked
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenhold_ledger', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class BurnsWhatItSpends(_AtTheEnd):
    """Tokens spent = tokens taken from lots = base of the split = what the entry takes from the person.

    `column` names the spend in the row: a consumption added later to an old spend is refused as well.
    """

    name = "70_burn"
    words = (
        "Refuses, when the transaction ends, a spend that is not what was taken from lots, what was shared out and "
        "what its entry in the journal says."
    )
    declare = [("spend", "billing_tokenspend"), ("taken", "numeric")]

    def __init__(self, column: str, **kwargs: Any) -> None:
        self.column = column
        super().__init__(**kwargs)

    def get_func(self, model: Any) -> str:
        return f"""
SELECT * INTO spend FROM billing_tokenspend s WHERE s.id = NEW.{self.column};
SELECT sum(c.tokens) INTO taken FROM billing_lotconsumption c WHERE c.spend_id = spend.id;
IF taken IS DISTINCT FROM spend.tokens THEN
  RAISE EXCEPTION 'Spend % is % tokens, and % were taken from lots.', spend.id, spend.tokens, coalesce(taken, 0)
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenspend_burned', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (
  SELECT FROM billing_revenuesplit r
  WHERE r.spend_id = spend.id AND r.reverses_id IS NULL AND r.base = spend.tokens AND r.currency = 'TOKEN'
    AND r.performer_id = spend.performer_id
) THEN
  RAISE EXCEPTION 'Spend % was not shared out whole.', spend.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenspend_shared', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (SELECT FROM performers_performerprofile f WHERE f.id = spend.performer_id)
  OR (spend.stream_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM streams_stream t WHERE t.id = spend.stream_id AND t.performer_id = spend.performer_id
  )) OR NOT EXISTS (SELECT FROM billing_wallet w WHERE w.id = spend.wallet_id AND w.user_id = spend.viewer_id) THEN
  RAISE EXCEPTION 'Spend % is from another wallet than the viewer has, on nobody, or during a stream of somebody else.',
    spend.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenspend_parties', TABLE = TG_TABLE_NAME;
END IF;
IF spend.tokens IS DISTINCT FROM (
  SELECT -sum(p.amount) FROM billing_posting p JOIN billing_wallet w ON w.id = spend.wallet_id
  WHERE p.entry_id = spend.entry_id AND p.account_id IN (w.account_id, w.hold_account_id)
) THEN
  RAISE EXCEPTION 'Spend % is not what its entry in the journal says.', spend.id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_tokenspend_entry', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class SumsToBase(_AtTheEnd):
    """The parts of a split sum to what was shared out; none is added to one of the past."""

    name = "70_sum"
    words = "Refuses, when the transaction ends, a split whose lines do not sum to its base."
    declare = [("base", "bigint"), ("shared", "numeric")]

    def __init__(self, column: str, **kwargs: Any) -> None:
        self.column = column
        super().__init__(**kwargs)

    def get_func(self, model: Any) -> str:
        return f"""
SELECT s.base, (SELECT sum(l.amount) FROM billing_revenuesplitline l WHERE l.split_id = s.id)
INTO base, shared FROM billing_revenuesplit s WHERE s.id = NEW.{self.column};
IF shared IS DISTINCT FROM base THEN
  RAISE EXCEPTION 'The lines of split % sum to %, not to %.', NEW.{self.column}, coalesce(shared, 0), base
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_revenuesplit_base', TABLE = TG_TABLE_NAME;
END IF;
IF NOT EXISTS (
  SELECT FROM billing_revenuesplit s
  JOIN billing_revenuesharerule r ON r.id = s.rule_id
  JOIN performers_performerprofile f ON f.id = s.performer_id
  JOIN billing_currency c ON c.code = s.currency
  WHERE s.id = NEW.{self.column}
    AND (r.performer_points, r.platform_points) = (s.performer_points, s.platform_points)
) THEN
  RAISE EXCEPTION 'Split % is by no rule, for nobody, or in no currency.', NEW.{self.column}
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_revenuesplit_rule', TABLE = TG_TABLE_NAME;
END IF;
RETURN NULL;"""


class EarnsItsLine(Trigger):
    """An earning is the line of a performer or of a studio, and of the one that the split names."""

    name = "50_match_line"
    words = "Refuses an earning that is not the line of its performer or studio, or not its amount."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_revenuesplitline l JOIN billing_revenuesplit s ON s.id = l.split_id
  WHERE l.id = NEW.line_id AND l.amount = NEW.amount AND s.currency = NEW.currency
    AND ((l.party = 'performer' AND s.performer_id = NEW.performer_id)
      OR (l.party = 'studio' AND s.studio_id = NEW.studio_id))
) THEN
  RAISE EXCEPTION 'An earning is a line of its split, whole, for whom the split names.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_earning_line', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class NotOnesOwnSpend(Trigger):
    """Nobody takes back what they spent, or what was spent on them."""

    name = "50_not_own"
    words = "Refuses a reversal by the viewer or the performer of the spend."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF EXISTS (
  SELECT FROM billing_tokenspend s
  WHERE s.id = NEW.spend_id AND NEW.reversed_by_id IN (s.viewer_id, s.performer_id)
) THEN
  RAISE EXCEPTION 'Nobody takes back their own spends, or spends on themselves. Ask a colleague.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_spendreversal_own', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""


class TellsHigherFloors(Trigger):
    """Gives the keys of the rows that a statement wrote to a function whose body the floors above write.

    Here nobody listens. What hangs on a spend (a goal that it counts for, a gift that is shown) is then written by the
    same statement, whoever spends and however.
    """

    name = "80_tell"
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="written")

    def __init__(self, function: str, **kwargs: Any) -> None:
        self.function = function
        super().__init__(words=f"Tells {function} which rows were written.", **kwargs)

    def get_func(self, model: Any) -> str:
        return f"""
PERFORM {self.function}(array_agg(w.id)) FROM written w HAVING count(*) > 0;
RETURN NULL;"""
