"""The designs that the ledger is measured beside, and what a tip is in each of them.

Every tip has four postings: from one of a thousand wallets to one performer, her studio and the platform. `{wallet}`
stands for the number of the wallet. Peers are written here after what they publish, without their names for things:
what is compared is the way of locking and checking.
"""

from dataclasses import dataclass

WALLETS = 1000
EARNINGS, STUDIO, PLATFORM = WALLETS + 1, WALLETS + 2, WALLETS + 3
BATCH = 1000
POCKET = 10**12


def key(number: str) -> str:
    """SQL for the key of the account with this number."""
    return f"('01900000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


@dataclass(frozen=True)
class Design:
    """One ledger: what makes it, one tip, and a batch of them by one call."""

    name: str
    words: str
    set_up: str
    tip: str
    batch: str


ACCOUNTS = f"""
INSERT INTO billing_ledgeraccount (id, code, type, currency, guard)
SELECT {key("n")}, CASE WHEN n <= {WALLETS} THEN 'wallet:bench_' || n WHEN n = {EARNINGS} THEN 'earnings:bench:TOKEN'
    WHEN n = {STUDIO} THEN 'studio_earnings:bench:TOKEN' ELSE 'platform_share:TOKEN' END,
  CASE WHEN n <= {STUDIO} THEN 'liability' ELSE 'revenue' END, 'TOKEN',
  CASE WHEN n <= {WALLETS} THEN 'running' WHEN n <= {STUDIO} THEN 'on_debit' ELSE 'none' END
FROM generate_series(1, {PLATFORM}) n;
SELECT ledger_post(
  array_agg(uuidv7()), array_agg('purchase'::text), array_agg(NULL::text), array_agg(NULL::uuid),
  array_agg(NULL::timestamptz), array_agg(''::text), array_agg(NULL::numeric), array_agg(NULL::uuid),
  array_agg(n) || array_agg(n), array_agg(1::smallint) || array_agg(2::smallint),
  array_agg({key("n")}) || array_agg({key(str(PLATFORM))}),
  array_agg({POCKET}::bigint) || array_agg(-{POCKET}::bigint),
  array_agg('TOKEN'::text) || array_agg('TOKEN'::text), NULL)
FROM generate_series(1, {WALLETS}) n;
"""

OURS = Design(
    "this ledger",
    "one call; wallets are updated, credits to the performer write their posting only",
    ACCOUNTS,
    f"""SELECT ledger_post(ARRAY[uuidv7()], '{{tip}}', '{{NULL}}', '{{NULL}}', '{{NULL}}', '{{""}}', '{{NULL}}',
      '{{NULL}}', '{{1,1,1,1}}', '{{1,2,3,4}}',
      ARRAY[{key("{wallet}")}, {key(str(EARNINGS))}, {key(str(STUDIO))}, {key(str(PLATFORM))}],
      '{{-10,6,1,3}}', '{{TOKEN,TOKEN,TOKEN,TOKEN}}', NULL);""",
    f"""SELECT ledger_post(t.keys, t.kinds, t.nothing, t.nothing::uuid[], t.nothing::timestamptz[], t.empty,
      t.nothing::numeric[], t.nothing::uuid[], l.numbers, l.places, l.accounts, l.amounts, l.units, NULL)
    FROM (SELECT array_agg(uuidv7()) AS keys, array_agg('tip'::text) AS kinds, array_agg(NULL::text) AS nothing,
      array_agg(''::text) AS empty FROM generate_series(1, {BATCH})) t,
    (SELECT array_agg(n) AS numbers, array_agg(p::smallint) AS places, array_agg('TOKEN'::text) AS units,
      array_agg((ARRAY[-10, 6, 1, 3])[p]::bigint) AS amounts, array_agg(CASE p WHEN 1 THEN {key("n")}
        WHEN 2 THEN {key(str(EARNINGS))} WHEN 3 THEN {key(str(STUDIO))} ELSE {key(str(PLATFORM))} END) AS accounts
      FROM generate_series(1, {BATCH}) n, generate_series(1, 4) p) l;""",
)

BARE = Design(
    "bare inserts",
    "four rows and a primary key; nothing is checked",
    """CREATE TABLE bench_bare (id uuid PRIMARY KEY DEFAULT uuidv7(), entry_id uuid NOT NULL, account_id uuid NOT NULL,
      amount bigint NOT NULL, currency text NOT NULL, written_at timestamptz NOT NULL DEFAULT now())""",
    f"""INSERT INTO bench_bare (entry_id, account_id, amount, currency)
    SELECT e.id, l.account, l.amount, 'TOKEN' FROM (SELECT uuidv7() AS id) e, (VALUES ({key("{wallet}")}, -10),
      ({key(str(EARNINGS))}, 6), ({key(str(STUDIO))}, 1), ({key(str(PLATFORM))}, 3)) l (account, amount);""",
    f"""INSERT INTO bench_bare (entry_id, account_id, amount, currency)
    SELECT uuidv7(), {key("n")}, (ARRAY[-10, 6, 1, 3])[p], 'TOKEN'
    FROM generate_series(1, {BATCH}) n, generate_series(1, 4) p;""",
)

LOCKING = Design(
    "naive locking",
    "every account that a tip touches is locked in order of keys and its balance updated",
    f"""CREATE TABLE bench_account (id uuid PRIMARY KEY, amount bigint NOT NULL, may_owe boolean NOT NULL);
    INSERT INTO bench_account SELECT {key("n")}, CASE WHEN n <= {WALLETS} THEN {POCKET} ELSE 0 END, n > {STUDIO}
    FROM generate_series(1, {PLATFORM}) n;
    CREATE TABLE bench_entry (id uuid PRIMARY KEY, kind text NOT NULL, posted_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE bench_posting (id uuid PRIMARY KEY DEFAULT uuidv7(), entry_id uuid NOT NULL REFERENCES bench_entry,
      account_id uuid NOT NULL REFERENCES bench_account, amount bigint NOT NULL);
    CREATE INDEX ON bench_posting (account_id); CREATE INDEX ON bench_posting (entry_id);
    CREATE FUNCTION bench_locking(accounts uuid[], amounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE key uuid := uuidv7(); change record; left_over bigint; owes boolean;
    BEGIN
      INSERT INTO bench_entry (id, kind) VALUES (key, 'tip');
      FOR change IN SELECT u.account, u.amount FROM unnest(accounts, amounts) u (account, amount) ORDER BY 1 LOOP
        PERFORM FROM bench_account a WHERE a.id = change.account FOR UPDATE;
        UPDATE bench_account a SET amount = a.amount + change.amount WHERE a.id = change.account
        RETURNING a.amount, a.may_owe INTO left_over, owes;
        IF left_over < 0 AND NOT owes THEN RAISE EXCEPTION 'not covered'; END IF;
        INSERT INTO bench_posting (entry_id, account_id, amount) VALUES (key, change.account, change.amount);
      END LOOP;
    END $$""",
    f"""SELECT bench_locking(ARRAY[{key("{wallet}")}, {key(str(EARNINGS))}, {key(str(STUDIO))},
      {key(str(PLATFORM))}], '{{-10,6,1,3}}');""",
    f"""SELECT bench_locking(ARRAY[{key("n")}, {key(str(EARNINGS))}, {key(str(STUDIO))}, {key(str(PLATFORM))}],
      '{{-10,6,1,3}}') FROM generate_series(1, {BATCH}) n;""",
)

LEGS = Design(
    "django-hordak's way",
    "legs with keys to account and transaction; a deferred trigger for each leg adds the transaction up; no balance is "
    "checked",
    f"""CREATE TABLE bench_owner (id bigint PRIMARY KEY, currencies text[] NOT NULL);
    INSERT INTO bench_owner SELECT n, '{{TOKEN}}' FROM generate_series(1, {PLATFORM}) n;
    CREATE TABLE bench_transaction (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      uuid uuid NOT NULL UNIQUE DEFAULT uuidv7(), made_at timestamptz NOT NULL DEFAULT now(),
      description text NOT NULL);
    CREATE TABLE bench_leg (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      uuid uuid NOT NULL UNIQUE DEFAULT uuidv7(),
      transaction_id bigint NOT NULL REFERENCES bench_transaction DEFERRABLE INITIALLY DEFERRED,
      account_id bigint NOT NULL REFERENCES bench_owner DEFERRABLE INITIALLY DEFERRED,
      amount numeric(20, 2) NOT NULL CHECK (amount <> 0), currency text NOT NULL, description text NOT NULL);
    CREATE INDEX ON bench_leg (transaction_id); CREATE INDEX ON bench_leg (account_id);
    CREATE FUNCTION bench_leg_sum() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM bench_leg l WHERE l.transaction_id = NEW.transaction_id
        GROUP BY l.currency HAVING sum(l.amount) <> 0) THEN RAISE EXCEPTION 'not balanced'; END IF;
      RETURN NULL;
    END $$;
    CREATE FUNCTION bench_leg_unit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NOT EXISTS (SELECT FROM bench_owner o WHERE o.id = NEW.account_id AND NEW.currency = ANY (o.currencies)) THEN
        RAISE EXCEPTION 'wrong currency'; END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER bench_leg_sum AFTER INSERT OR UPDATE ON bench_leg DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION bench_leg_sum();
    CREATE CONSTRAINT TRIGGER bench_leg_unit AFTER INSERT OR UPDATE ON bench_leg DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION bench_leg_unit()""",
    f"""WITH t AS (INSERT INTO bench_transaction (description) VALUES ('') RETURNING id)
    INSERT INTO bench_leg (transaction_id, account_id, amount, currency, description)
    SELECT t.id, l.account, l.amount, 'TOKEN', '' FROM t, (VALUES ({{wallet}}, -10), ({EARNINGS}, 6), ({STUDIO}, 1),
      ({PLATFORM}, 3)) l (account, amount);""",
    f"""WITH t AS (INSERT INTO bench_transaction (description) SELECT '' FROM generate_series(1, {BATCH}) RETURNING id)
    INSERT INTO bench_leg (transaction_id, account_id, amount, currency, description)
    SELECT t.id, l.account, l.amount, 'TOKEN', '' FROM t, (VALUES (7, -10), ({EARNINGS}, 6), ({STUDIO}, 1),
      ({PLATFORM}, 3)) l (account, amount);""",
)


def pgledger(statements: str) -> Design:
    """pgledger from its own SQL. A transfer of it has two sides, so that a tip is three of them in one call."""
    to = (("earnings", 6), ("studio", 1), ("platform", 3))
    transfers = ", ".join(
        f"((SELECT id FROM bench_named WHERE n = {{wallet}}), (SELECT id FROM bench_named WHERE name = '{name}'), "
        f"{amount}::text::money)::transfer_request"
        for name, amount in to
    )
    many = (
        "SELECT count(*) FROM pgledger_create_transfers((SELECT array_agg((w.id, o.id, v.amount::text::money)"
        "::transfer_request) FROM bench_named w CROSS JOIN (VALUES ('earnings', 6), ('studio', 1), ('platform', 3)) "
        f"v (name, amount) JOIN bench_named o ON o.name = v.name WHERE w.n <= {BATCH}), now());"
    )
    return Design(
        "pgledger",
        "from its own SQL; every account is locked and updated",
        f"""{statements};
        CREATE TABLE bench_named (n integer PRIMARY KEY, name text NOT NULL UNIQUE, id text NOT NULL);
        INSERT INTO bench_named SELECT n, name, (SELECT a.id FROM pgledger_create_account(name, 'TOKEN') a)
        FROM (SELECT n, CASE n WHEN {EARNINGS} THEN 'earnings' WHEN {STUDIO} THEN 'studio' WHEN {PLATFORM}
          THEN 'platform' ELSE 'wallet ' || n END AS name FROM generate_series(1, {PLATFORM}) n) s""",
        f"SELECT count(*) FROM pgledger_create_transfers(ARRAY[{transfers}], now());",
        many,
    )
