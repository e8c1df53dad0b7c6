"""Wallets, spends, shares and entitlements in a number at which the planner chooses as it would in earnest.

4,000 wallets with five lots each, 20,000 spends on 400 performers. Person 42 is asked about. What the triggers of these
tables add up when a transaction ends is not what is asked here, so they rest meanwhile.
"""

PEOPLE, SPENDS, PERFORMERS = 4_000, 20_000, 400
SHOW = "'019a0000-0000-7000-8000-00000000000a'"
RESTING = (
    "billing_ledgerbalance",
    "billing_journalentry",
    "billing_wallet",
    "billing_tokenlot",
    "billing_tokenspend",
    "billing_tokenhold",
    "billing_revenuesplit",
    "billing_revenuesplitline",
    "billing_earning",
)


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _id(kind: str, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1760000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _stream(kind: int, number: str) -> str:
    """SQL for the id of a stream or performer of `query_rows_archives`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1750000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO billing_ledgeraccount (id, code, type, currency, guard, person_id)
        SELECT {_id("9001", "n")}, 'wallet:' || {_person("n")}, 'liability', 'TOKEN', 'running', {_person("n")}
        FROM generate_series(1, {PEOPLE}) n
        UNION ALL
        SELECT {_id("9002", "n")}, 'hold:' || {_person("n")}, 'liability', 'TOKEN', 'running', {_person("n")}
        FROM generate_series(1, {PEOPLE}) n""",
    f"""INSERT INTO billing_wallet (id, user_id, account_id, hold_account_id)
        SELECT {_id("9003", "n")}, {_person("n")}, {_id("9001", "n")}, {_id("9002", "n")}
        FROM generate_series(1, {PEOPLE}) n""",
    f"""INSERT INTO billing_tokenlot (id, wallet_id, kind, quantity, remaining, expires_at)
        SELECT uuidv7(), {_id("9003", "n")}, 'promotional', 100, CASE WHEN k = 5 THEN 40 ELSE 0 END,
          CASE WHEN n % 20 = 0 THEN now() - interval '1 day' * k WHEN n % 3 = 0 THEN now() + interval '1 year' END
        FROM generate_series(1, {PEOPLE}) n, generate_series(1, 5) k""",
    f"""INSERT INTO billing_journalentry (id, kind, period_id, booked_on, occurred_at, description)
        SELECT {_id("9004", "n")}, 'tip', uuidv7(), current_date, now(), '' FROM generate_series(1, {SPENDS}) n
        UNION ALL
        SELECT {_id("9008", "n")}, 'hold', uuidv7(), current_date, now(), '' FROM generate_series(1, 5000) n""",
    f"""INSERT INTO billing_tokenspend
          (id, wallet_id, viewer_id, performer_id, kind, tokens, idempotency_key, entry_id, spent_at)
        SELECT {_id("9005", "n")}, {_id("9003", "n % 3000 + 1")}, {_person("n % 3000 + 1")},
          {_person(f"n % {PERFORMERS} + 1")}, 'tip', 10, 'key ' || n, {_id("9004", "n")}, now()
        FROM generate_series(1, {SPENDS}) n
        WHERE {_person("n % 3000 + 1")} <> {_person(f"n % {PERFORMERS} + 1")}""",
    """INSERT INTO billing_revenuesplit
          (id, spend_id, base, currency, performer_id, rule_id, performer_points, platform_points, studio_share,
           split_at)
        SELECT s.id, s.id, 10, 'TOKEN', s.performer_id, r.id, 7000, 3000, 0, now()
        FROM billing_tokenspend s,
          (SELECT id FROM billing_revenuesharerule WHERE performer_id IS NULL AND studio_id IS NULL LIMIT 1) r
        WHERE s.idempotency_key LIKE 'key %'""",
    """INSERT INTO billing_revenuesplitline (id, split_id, party, amount)
        SELECT s.id, s.id, 'performer', 7 FROM billing_revenuesplit s WHERE s.base = 10 AND s.id = s.spend_id""",
    """INSERT INTO billing_earning (id, line_id, performer_id, amount, currency, earned_at, available_on)
        SELECT l.id, l.id, s.performer_id, 7, 'TOKEN', now(), current_date
        FROM billing_revenuesplitline l JOIN billing_revenuesplit s ON s.id = l.split_id WHERE l.id = s.id""",
    f"""INSERT INTO billing_revenuesharerule (id, performer_id, kind, performer_points, platform_points, valid)
        SELECT uuidv7(), {_stream(1, "n")}, kind, 8000, 2000, tstzrange(now() - interval '1 day', NULL)
        FROM generate_series(1, {PERFORMERS}) n, unnest(ARRAY['tip', 'gift', 'ticket']) kind""",
    f"""INSERT INTO streams_privateshow (id, performer_id, viewer_id, status, tokens_per_minute)
        SELECT {SHOW}, {_stream(1, "7")}, {_person("3999")}, 'requested', 10""",
    f"""INSERT INTO billing_tokenhold
          (id, wallet_id, private_show_id, tokens, captured, returned, idempotency_key, entry_id)
        SELECT uuidv7(), {_id("9003", "n % 3000 + 1")}, {SHOW}, 10, CASE WHEN n <= 3 THEN 0 ELSE 10 END, 0,
          'hold ' || n, {_id("9008", "n")}
        FROM generate_series(1, 5000) n""",
    f"""INSERT INTO billing_entitlement (id, user_id, stream_id, source, granted_by_id, valid)
        SELECT uuidv7(), {_person("n")}, {_stream(2, "n + k * 400")}, 'staff', {_person("20000")},
          tstzrange(now() - interval '1 day', NULL)
        FROM generate_series(1, 6000) n, generate_series(0, 1) k""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE billing_ledgeraccount, billing_wallet, billing_tokenlot, billing_tokenspend, billing_tokenhold, "
    "billing_revenuesplit, billing_revenuesplitline, billing_earning, billing_revenuesharerule, billing_entitlement",
)
