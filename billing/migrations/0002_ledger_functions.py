from core.db.functions import CreateFunction
from core.db.operations import SetLockTimeout, SetStatementTimeout
from django.db import migrations

FIRST_EPOCH = """
INSERT INTO billing_ledgerepoch (id, number, cluster, shift, horizon)
SELECT uuidv7(), 1, system_identifier, 0, 0 FROM pg_control_system()
"""

# Balances are updated with every spend: half of each page is kept free, so that the new version stays beside the old.
ROOM = "ALTER TABLE billing_ledgerbalance SET (fillfactor = 50)"
NO_ROOM = "ALTER TABLE billing_ledgerbalance RESET (fillfactor)"

MOMENT = """
SELECT e.shift + pg_current_xact_id()::text::bigint FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1
"""

PERIOD_AT = """
DECLARE
  month date := date_trunc('month', day)::date;
  found uuid;
BEGIN
  FOR turn IN 1..24 LOOP
    SELECT a.id INTO found FROM billing_accountingperiod a
    WHERE upper(a.days) > day AND a.status = 'open' ORDER BY a.days LIMIT 1;
    -- The month of the day itself, or the first one after all that is closed.
    IF found IS NOT NULL AND EXISTS (
      SELECT FROM billing_accountingperiod a WHERE a.days @> day
    ) THEN
      RETURN found;
    END IF;
    IF EXISTS (SELECT FROM billing_accountingperiod a WHERE a.days @> month) THEN
      month := (month + interval '1 month')::date;
    ELSE
      INSERT INTO billing_accountingperiod (id, days)
      VALUES (uuidv7(), daterange(month, (month + interval '1 month')::date))
      ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
  RAISE EXCEPTION 'There is no open accounting period at or after %.', day
    USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_journalentry_period';
END
"""

ACCOUNTS_OPEN = """
DECLARE
  found uuid[];
  other text;
BEGIN
  SELECT array_agg(a.id ORDER BY u.number), min(u.code) FILTER (
    WHERE a.id IS NOT NULL AND (a.type, a.currency, a.guard) IS DISTINCT FROM (u.type, u.currency, u.guard)
  ) INTO found, other
  FROM unnest(codes, types, currencies, guards) WITH ORDINALITY AS u (code, type, currency, guard, number)
  LEFT JOIN billing_ledgeraccount a ON a.code = u.code;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'The account % exists with another type, currency or guard.', other
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'billing_ledgeraccount_other';
  END IF;
  IF array_position(found, NULL) IS NULL THEN
    RETURN found;
  END IF;
  SELECT u.currency INTO other FROM unnest(currencies) AS u (currency)
  WHERE NOT EXISTS (SELECT FROM billing_currency c WHERE c.code = u.currency) LIMIT 1;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'There is no currency %. Codes are written in capital letters, such as EUR.', other
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'billing_ledgeraccount_unit';
  END IF;
  INSERT INTO billing_ledgeraccount (id, code, type, currency, guard, person_id, studio_id)
  SELECT uuidv7(), u.code, u.type, u.currency, u.guard, u.person, u.studio
  FROM unnest(codes, types, currencies, guards, persons, studios)
    WITH ORDINALITY AS u (code, type, currency, guard, person, studio, number)
  ORDER BY u.code
  ON CONFLICT (code) DO NOTHING;
  -- Once more with a new snapshot: others may have opened some of them meanwhile.
  RETURN ledger_accounts_open(codes, types, currencies, guards, persons, studios);
END
"""

POST = """
DECLARE
  today date := (statement_timestamp() AT TIME ZONE 'UTC')::date;
  present bigint;
  chosen uuid;
  booked date := today;
  done integer;
  other uuid;
BEGIN
  -- As ledger_moment() says it, and the period in the same breath: a statement less for every tip.
  SELECT e.shift + pg_current_xact_id()::text::bigint, a.id INTO present, chosen
  FROM (SELECT n.shift FROM billing_ledgerepoch n ORDER BY n.number DESC LIMIT 1) e
  LEFT JOIN billing_accountingperiod a ON a.days @> today AND a.status = 'open';
  IF period IS NOT NULL OR chosen IS NULL THEN
    chosen := coalesce(period, ledger_period_at(today));
    SELECT least(greatest(today, lower(a.days)), upper(a.days) - 1) INTO booked
    FROM billing_accountingperiod a WHERE a.id = chosen;
  END IF;
  WITH entered AS (
    INSERT INTO billing_journalentry
      (id, kind, source_table, source_id, period_id, booked_on, occurred_at, description, rate, reverses_id)
    SELECT u.id, u.kind, u.source_table, u.source_id, chosen, booked, coalesce(u.occurred, statement_timestamp()),
      u.description, u.rate, u.reverse
    FROM unnest(ids, kinds, source_tables, source_ids, occurred, descriptions, rates, reverse_ids)
      AS u (id, kind, source_table, source_id, occurred, description, rate, reverse)
    ON CONFLICT (id) DO NOTHING RETURNING id
  ), posted AS (
    INSERT INTO billing_posting (id, entry_id, position, account_id, amount, currency, moment)
    SELECT uuidv7(), ids[l.entry], l.position, l.account, l.amount, l.currency, present
    FROM unnest(entry_numbers, positions, accounts, amounts, currencies)
      AS l (entry, position, account, amount, currency)
    WHERE ids[l.entry] IN (SELECT e.id FROM entered e)
  )
  SELECT count(*) INTO done FROM entered;
  IF done = cardinality(ids) THEN
    RETURN done;
  END IF;
  -- Some were posted before. A statement of its own sees them, whoever committed them just now.
  SELECT u.id INTO other
  FROM unnest(ids, kinds, source_tables, source_ids, occurred, descriptions, rates, reverse_ids)
    AS u (id, kind, source_table, source_id, occurred, description, rate, reverse)
  JOIN billing_journalentry j ON j.id = u.id
  WHERE (j.kind, j.source_table, j.source_id, j.description, j.rate, j.reverses_id)
      IS DISTINCT FROM (u.kind, u.source_table, u.source_id, u.description, u.rate, u.reverse)
    OR j.occurred_at <> u.occurred LIMIT 1;
  IF other IS NULL THEN
    SELECT coalesce(p.entry_id, l.id) INTO other
    FROM (SELECT * FROM billing_posting p WHERE p.entry_id = ANY (ids)) p
    FULL JOIN (
      SELECT ids[l.entry] AS id, l.position, l.account, l.amount, l.currency
      FROM unnest(entry_numbers, positions, accounts, amounts, currencies)
        AS l (entry, position, account, amount, currency)
    ) l ON l.id = p.entry_id AND l.position = p.position
    WHERE (p.account_id, p.amount, p.currency) IS DISTINCT FROM (l.account, l.amount, l.currency) LIMIT 1;
  END IF;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'Entry % was posted before with another body.', other
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'billing_journalentry_body';
  END IF;
  RETURN done;
END
"""

BALANCE_OF = """
SELECT CASE WHEN a.guard = 'running' THEN b.amount ELSE b.amount + coalesce((
  SELECT sum(p.amount) FROM billing_posting p WHERE p.account_id = a.id AND p.moment >= b.settled_until
), 0)::bigint END
FROM billing_ledgeraccount a JOIN billing_ledgerbalance b ON b.account_id = a.id WHERE a.id = account
"""

ROLL_FORWARD = """
DECLARE
  until bigint;
  rolled integer;
BEGIN
  PERFORM FROM billing_ledgerbalance b WHERE b.account_id = ANY (accounts)
  ORDER BY b.account_id FOR NO KEY UPDATE SKIP LOCKED;
  SELECT e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint INTO until
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1;
  UPDATE billing_ledgerbalance b SET amount = b.amount + s.settled, settled_until = until
  FROM (
    SELECT o.account_id, sum(p.amount)::bigint AS settled
    FROM (
      SELECT o.account_id, o.settled_until FROM billing_ledgerbalance o
      JOIN billing_ledgeraccount a ON a.id = o.account_id
      WHERE o.account_id = ANY (accounts) AND a.guard <> 'running' AND o.settled_until < until
      ORDER BY o.account_id FOR NO KEY UPDATE OF o SKIP LOCKED
    ) o JOIN billing_posting p ON p.account_id = o.account_id AND p.moment >= o.settled_until AND p.moment < until
    GROUP BY o.account_id
  ) s WHERE b.account_id = s.account_id;
  GET DIAGNOSTICS rolled = ROW_COUNT;
  UPDATE billing_ledgerepoch e SET horizon = until
  WHERE e.number = (SELECT max(n.number) FROM billing_ledgerepoch n) AND e.horizon < until;
  RETURN rolled;
END
"""

REBUILD = """
DECLARE
  until bigint;
BEGIN
  PERFORM FROM billing_ledgerbalance b WHERE b.account_id = ANY (accounts) ORDER BY b.account_id FOR NO KEY UPDATE;
  SELECT e.shift + pg_snapshot_xmin(pg_current_snapshot())::text::bigint INTO until
  FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1;
  RETURN QUERY
  UPDATE billing_ledgerbalance b SET amount = s.amount, settled_until = until
  FROM (
    SELECT o.account_id, o.amount AS before, coalesce(sum(p.amount) FILTER (
      WHERE a.guard = 'running' OR p.moment < until
    ), 0)::bigint AS amount
    FROM billing_ledgerbalance o
    JOIN billing_ledgeraccount a ON a.id = o.account_id
    LEFT JOIN billing_posting p ON p.account_id = o.account_id
    WHERE o.account_id = ANY (accounts) GROUP BY o.account_id, o.amount
  ) s WHERE b.account_id = s.account_id
  RETURNING b.account_id, s.before, b.amount;
END
"""

REBASE = """
DECLARE
  latest billing_ledgerepoch%ROWTYPE;
  here bigint := (SELECT system_identifier FROM pg_control_system());
  passed bigint;
BEGIN
  -- Nobody posts meanwhile; who reads goes on.
  LOCK TABLE billing_journalentry, billing_posting IN SHARE ROW EXCLUSIVE MODE;
  SELECT e.* INTO latest FROM billing_ledgerepoch e ORDER BY e.number DESC LIMIT 1;
  IF latest.cluster = here AND NOT force THEN
    RAISE EXCEPTION 'The ledger lives in this very cluster: nothing has to be rebased.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_ledgerepoch_home';
  END IF;
  SELECT greatest(
    latest.shift, latest.horizon, (SELECT max(p.moment) FROM billing_posting p),
    (SELECT max(b.settled_until) FROM billing_ledgerbalance b)
  ) INTO passed;
  INSERT INTO billing_ledgerepoch (id, number, cluster, shift, horizon)
  VALUES (uuidv7(), latest.number + 1, here, passed, passed);
  UPDATE billing_ledgerbalance b SET amount = coalesce(s.amount, 0), settled_until = passed + 1
  FROM billing_ledgerbalance o LEFT JOIN (
    SELECT p.account_id, sum(p.amount)::bigint AS amount FROM billing_posting p GROUP BY p.account_id
  ) s ON s.account_id = o.account_id
  WHERE b.account_id = o.account_id;
  RETURN passed;
END
"""


class Migration(migrations.Migration):
    """The ledger is written, asked, settled and moved by functions; its first epoch is that of this cluster."""

    dependencies = [("billing", "0001_billing")]

    operations = [
        SetLockTimeout("2s"),
        SetStatementTimeout("1min"),
        migrations.RunSQL(FIRST_EPOCH, migrations.RunSQL.noop),
        migrations.RunSQL(ROOM, NO_ROOM),
        CreateFunction(
            "ledger_moment",
            "",
            "bigint",
            MOMENT,
            language="sql",
            comment="The ledger's own time: number of this transaction plus the shift of the epoch.",
        ),
        CreateFunction(
            "ledger_period_at",
            "day date",
            "uuid",
            PERIOD_AT,
            definer=True,
            comment="The accounting period for what is posted on a day: its month, or the first open one after; opened when missing.",
        ),
        CreateFunction(
            "ledger_accounts_open",
            "codes text[], types text[], currencies text[], guards text[], persons uuid[], studios uuid[]",
            "uuid[]",
            ACCOUNTS_OPEN,
            comment="Keys of the accounts with these codes, in the order asked; opens those that do not exist.",
        ),
        CreateFunction(
            "ledger_post",
            "ids uuid[], kinds text[], source_tables text[], source_ids uuid[], occurred timestamptz[], "
            "descriptions text[], rates numeric[], reverse_ids uuid[], entry_numbers integer[], positions smallint[], "
            "accounts uuid[], amounts bigint[], currencies text[], period uuid",
            "integer",
            POST,
            comment="Posts entries with their postings; how many are new. The same key with another body is refused.",
        ),
        CreateFunction(
            "ledger_balance_of",
            "account uuid",
            "bigint",
            BALANCE_OF,
            language="sql",
            volatility="stable",
            comment="Balance of an account in minor units, credit above zero; null: there is no such account.",
        ),
        CreateFunction(
            "ledger_roll_forward",
            "accounts uuid[]",
            "integer",
            ROLL_FORWARD,
            definer=True,
            comment="Settles balances up to where no transaction still runs; how many changed. Skips what others hold.",
        ),
        CreateFunction(
            "ledger_rebuild",
            "accounts uuid[]",
            "TABLE (account_id uuid, before bigint, after bigint)",
            REBUILD,
            definer=True,
            comment="Makes balances anew from all postings: the settled amount before and after. For the owner.",
        ),
        CreateFunction(
            "ledger_rebase",
            "force boolean",
            "bigint",
            REBASE,
            definer=True,
            comment="Begins a new epoch after a restore into another cluster and makes all balances anew. For the owner.",
        ),
    ]
