"""Triggers of the ledger: what an entry must be, whoever writes it and however.

The ledger's own time is the number of the writing transaction plus the shift of the epoch (`LedgerEpoch`): it goes on
increasing when the ledger moves into another cluster, where the numbers of transactions begin anew.
"""

from typing import Any

import pgtrigger

from core.db.triggers import AppendOnly, Trigger

BY_INDEX = (("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"))
"""A few rows are looked up in tables of any size. Left alone, the planner takes the written rows for a thousand and
reads whole tables beside them; that doubled the time of a posting."""


class NeverChanged(AppendOnly):
    """Refuses UPDATE, DELETE and TRUNCATE to everybody, the owner and the retention role too.

    Balances rest on every posting that was ever made: one that went would change what people own.
    """

    words = "Rows of the ledger are never changed, deleted or truncated; a correction is another entry."
    operation = pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate
    level = pgtrigger.Statement

    def get_func(self, model: Any) -> str:
        return """
RAISE EXCEPTION '% is append-only: % is refused, post a correcting entry instead', TG_TABLE_NAME, TG_OP
  USING ERRCODE = 'restrict_violation';"""


class NeverRemoved(Trigger):
    """Refuses DELETE and TRUNCATE to everybody; the columns that move are granted one by one."""

    name = "20_keep_rows"
    words = "Rows are never deleted or truncated."
    when = pgtrigger.Before
    operation = pgtrigger.Delete | pgtrigger.Truncate
    level = pgtrigger.Statement

    def get_func(self, model: Any) -> str:
        return """
RAISE EXCEPTION 'Rows of % are kept: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';"""


class OpensBalance(Trigger):
    """Every account has a balance from its first moment, so that a guard always finds a row to hold."""

    name = "60_open_balance"
    words = "Writes the balance of a new account, nil."
    definer = True
    when = pgtrigger.After
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
INSERT INTO billing_ledgerbalance (account_id, amount, settled_until) VALUES (NEW.id, 0, 0);
RETURN NULL;"""


class ChecksEntries(Trigger):
    """What an entry must be beside its postings. Once a statement, at its end, when the postings are there.

    A header that could wait for its postings until the commit would need a deferred trigger for each row, which costs
    more and leaves a time in which the ledger is wrong. Here both are written by one statement.
    """

    name = "60_check"
    words = (
        "Refuses entries without postings in the same statement, of another transaction, for a period that is closed "
        "or does not contain their day, and reversals that are no mirror of the original."
    )
    definer = True
    settings = BY_INDEX
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="written")
    declare = [("wrong", "uuid"), ("period", "record")]

    def get_func(self, model: Any) -> str:
        return """
FOR period IN
  -- Whoever closes the period waits for the entries that are on their way, and they see what was decided.
  SELECT w.period_id AS id, min(w.booked_on) AS earliest, max(w.booked_on) AS latest,
    bool_and(w.kind IN ('adjustment', 'reversal')) AS corrects, bool_or(w.reverses_id IS NOT NULL) AS reverses,
    bool_or(w.xact <> pg_current_xact_id()
      OR NOT EXISTS (SELECT FROM billing_posting p WHERE p.entry_id = w.id)) AS bare,
    pg_advisory_xact_lock_shared(hashtextextended('billing_accountingperiod ' || w.period_id, 0))
  FROM written w GROUP BY w.period_id ORDER BY w.period_id
LOOP
  IF period.bare THEN
    RAISE EXCEPTION 'An entry has no postings of this very statement and transaction; ledger_post writes both.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_postings', TABLE = TG_TABLE_NAME;
  END IF;
  PERFORM FROM billing_accountingperiod a
  WHERE a.id = period.id AND period.earliest <@ a.days AND period.latest <@ a.days
    AND (a.status = 'open' OR (a.status = 'soft_closed' AND period.corrects));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This accounting period takes no such entry: it is closed, or the day is not in it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_period', TABLE = TG_TABLE_NAME;
  END IF;
  CONTINUE WHEN NOT period.reverses;
  SELECT w.reverses_id INTO wrong FROM written w
  WHERE w.reverses_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM billing_journalentry j WHERE j.id = w.reverses_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'There is no entry % that could be reversed.', wrong
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'billing_journalentry_reversed', TABLE = TG_TABLE_NAME;
  END IF;
  SELECT w.id INTO wrong FROM written w
  WHERE w.kind = 'reversal' AND EXISTS (
    SELECT FROM (SELECT * FROM billing_posting o WHERE o.entry_id = w.reverses_id) o
    FULL JOIN (SELECT * FROM billing_posting r WHERE r.entry_id = w.id) r ON r.position = o.position
    WHERE (o.account_id, o.currency, -o.amount) IS DISTINCT FROM (r.account_id, r.currency, r.amount)
  ) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'Entry % is no mirror of the one that it reverses.', wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_mirror', TABLE = TG_TABLE_NAME;
  END IF;
END LOOP;
RETURN NULL;"""


class ChecksPostings(Trigger):
    """The rules of double entry and the guards of accounts, once a statement.

    Guarded accounts are locked in the order of their keys. `running`: the balance is kept with every posting.
    `on_debit`: credits write their posting and nothing else; a debit locks the balance, then looks with a snapshot
    of its own, adds what came since the balance was settled, and settles it up to where no transaction still runs.
    """

    name = "60_check"
    words = (
        "Refuses postings that do not sum to zero, to sealed or unknown entries, incomplete ones, to unknown accounts "
        "or in their wrong currency, and what an account does not cover."
    )
    definer = True
    settings = BY_INDEX
    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="written")
    declare = [
        ("wrong", "record"),
        ("change", "record"),
        ("left_over", "bigint"),
    ]

    def get_func(self, model: Any) -> str:
        return """
-- One question for all rules: each statement of a trigger costs more than what it looks at.
SELECT s.*, j.xact, x.present < x.horizon AS elsewhere INTO wrong
FROM (
  SELECT e.shift + pg_current_xact_id()::text::bigint AS present, e.horizon
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1
) x CROSS JOIN (
  SELECT k.entry_id, sum(k.lines) AS lines, min(k.first) AS first, max(k.last) AS last,
    min(k.earliest) AS earliest, max(k.latest) AS latest, max(abs(k.rest)) AS rest,
    string_agg(k.rest || ' minor units of ' || k.currency, ', ') FILTER (WHERE k.rest <> 0) AS words
  FROM (
    SELECT w.entry_id, w.currency, count(*) AS lines, min(w.position) AS first, max(w.position) AS last,
      min(w.moment) AS earliest, max(w.moment) AS latest, sum(w.amount) AS rest
    FROM written w GROUP BY w.entry_id, w.currency
  ) k GROUP BY k.entry_id
) s LEFT JOIN billing_journalentry j ON j.id = s.entry_id
WHERE x.present < x.horizon OR s.rest <> 0 OR j.xact IS DISTINCT FROM pg_current_xact_id()
  OR s.lines < 2 OR s.first <> 1 OR s.last <> s.lines OR s.earliest <> x.present OR s.latest <> x.present LIMIT 1;
IF FOUND THEN
  IF wrong.elsewhere THEN
    RAISE EXCEPTION 'The ledger was restored into another cluster. Run ledger_rebase before anything is posted.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_ledgerepoch_cluster', TABLE = TG_TABLE_NAME;
  ELSIF wrong.rest <> 0 THEN
    RAISE EXCEPTION 'The postings of entry % do not balance: % are left over.', wrong.entry_id, wrong.words
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_posting_balanced', TABLE = TG_TABLE_NAME;
  ELSIF wrong.xact IS DISTINCT FROM pg_current_xact_id() THEN
    RAISE EXCEPTION 'Entry % is sealed or does not exist: postings come with their entry.', wrong.entry_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_posting_sealed', TABLE = TG_TABLE_NAME;
  END IF;
  RAISE EXCEPTION 'Entry % is not whole: two postings at least, numbered from 1, at the present moment.', wrong.entry_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_posting_whole', TABLE = TG_TABLE_NAME;
END IF;
FOR change IN
  SELECT k.account_id, k.amount, k.currency, a.guard, (a.currency = k.currency AND k.currency = k.other) AS fits
  FROM (
    SELECT w.account_id, min(w.currency) AS currency, max(w.currency) AS other, sum(w.amount)::bigint AS amount
    FROM written w GROUP BY w.account_id
  ) k LEFT JOIN billing_ledgeraccount a ON a.id = k.account_id ORDER BY k.account_id
LOOP
  IF change.fits IS NOT TRUE THEN
    RAISE EXCEPTION 'Account % does not exist or is not in %.', change.account_id, change.currency
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'billing_posting_account', TABLE = TG_TABLE_NAME;
  END IF;
  CONTINUE WHEN change.guard = 'none' OR (change.guard = 'on_debit' AND change.amount >= 0);
  IF change.guard = 'running' THEN
    UPDATE billing_ledgerbalance b SET amount = b.amount + change.amount
    WHERE b.account_id = change.account_id RETURNING b.amount INTO left_over;
  ELSE
    PERFORM FROM billing_ledgerbalance b WHERE b.account_id = change.account_id FOR NO KEY UPDATE;
    UPDATE billing_ledgerbalance b SET amount = b.amount + s.settled, settled_until = s.until
    FROM (
      SELECT o.account_id, o.amount, x.until, coalesce(sum(p.amount), 0)::bigint AS since,
        coalesce(sum(p.amount) FILTER (WHERE p.moment < x.until), 0)::bigint AS settled
      FROM billing_ledgerbalance o
      CROSS JOIN (
        SELECT e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS until
        FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1
      ) x
      LEFT JOIN billing_posting p ON p.account_id = o.account_id AND p.moment >= o.settled_until
      WHERE o.account_id = change.account_id GROUP BY o.account_id, o.amount, x.until
    ) s WHERE b.account_id = s.account_id RETURNING s.amount + s.since INTO left_over;
  END IF;
  IF NOT FOUND OR left_over < 0 THEN
    RAISE EXCEPTION 'Account % does not cover this: it would fall to %.', change.account_id, left_over
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_ledgerbalance_covered', TABLE = TG_TABLE_NAME;
  END IF;
END LOOP;
RETURN NULL;"""


class ClosesAlone(Trigger):
    """Whoever changes the state of a period waits for the entries that are being posted into it.

    Two people close a month: one softly, another one, who holds the role that approves, for good.
    """

    name = "45_close_alone"
    words = (
        "Waits for entries on their way before a period changes its state; refuses to close one with an open past, by "
        "who closed it softly, without a check-list, or with exceptions unresolved or documents unnumbered."
    )
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.UpdateOf("status")
    declare = [("acts", "uuid"), ("refused", "text"), ("ends", "timestamptz")]

    def get_func(self, model: Any) -> str:
        return """
PERFORM pg_advisory_xact_lock(hashtextextended('billing_accountingperiod ' || NEW.id, 0));
acts := nullif(current_setting('app.user_id', true), '')::uuid;
IF NEW.status = 'open' THEN
  NEW.soft_closed_by_id := NULL;
ELSIF NEW.status = 'soft_closed' THEN
  NEW.soft_closed_by_id := acts;
ELSE
  NEW.soft_closed_by_id := OLD.soft_closed_by_id;
END IF;
IF NEW.status = 'closed' AND OLD.status <> 'closed' THEN
  ends := upper(NEW.days)::timestamp AT TIME ZONE 'UTC';
  IF upper(NEW.days) > (statement_timestamp() AT TIME ZONE 'UTC')::date THEN
    RAISE EXCEPTION 'This accounting period is not over yet.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_over', TABLE = TG_TABLE_NAME;
  END IF;
  IF EXISTS (SELECT FROM billing_accountingperiod a WHERE a.days << NEW.days AND a.status <> 'closed') THEN
    RAISE EXCEPTION 'An earlier accounting period is not closed yet.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_order', TABLE = TG_TABLE_NAME;
  END IF;
  IF OLD.soft_closed_by_id IS NULL OR acts IS NULL OR acts = OLD.soft_closed_by_id THEN
    RAISE EXCEPTION 'Two people close a period: one softly, and a colleague for good.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_four_eyes', TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (
    SELECT FROM accounts_rolegrant g
    WHERE g.user_id = acts AND g.role = 'vbl_finance_approver' AND g.valid @> statement_timestamp()
  ) THEN
    RAISE EXCEPTION 'Periods are closed for good by people who hold the role Finance approver.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_approver', TABLE = TG_TABLE_NAME;
  END IF;
  IF NOT EXISTS (SELECT FROM billing_periodclosing c WHERE c.period_id = NEW.id AND c.closed_by_id = acts) THEN
    RAISE EXCEPTION 'A period is closed with its check-list, by who looked at it.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_checked', TABLE = TG_TABLE_NAME;
  END IF;
  refused := CASE
    WHEN EXISTS (
      SELECT FROM billing_reconciliationexception x WHERE x.status IN ('open', 'assigned') AND x.created_at < ends
    ) THEN 'Exceptions of reconciliation are not resolved.'
    WHEN EXISTS (SELECT FROM billing_invoice i WHERE i.status = 'ready' AND i.ready_at < ends)
      OR EXISTS (SELECT FROM billing_creditnote c WHERE c.status = 'ready' AND c.ready_at < ends)
      THEN 'Invoices or credit notes wait for their number.'
  END;
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION '%', refused
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_accountingperiod_waiting', TABLE = TG_TABLE_NAME;
  END IF;
END IF;
RETURN NEW;"""


class ExplainsReversal(Trigger):
    """The record of a reversal belongs to an entry of that kind, written by the same transaction."""

    name = "50_match_entry"
    words = "Refuses a record about an entry that is no reversal or of another transaction."
    definer = True
    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def get_func(self, model: Any) -> str:
        return """
IF NOT EXISTS (
  SELECT FROM billing_journalentry j
  WHERE j.id = NEW.entry_id AND j.kind = 'reversal' AND j.xact = pg_current_xact_id()
) THEN
  RAISE EXCEPTION 'Only a reversal that is being posted is explained.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_reversal_entry', TABLE = TG_TABLE_NAME;
END IF;
RETURN NEW;"""
