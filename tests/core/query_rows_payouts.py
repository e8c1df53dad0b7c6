"""Payouts, their batches, destinations and reserves, in a number at which the planner chooses as it would in earnest.

400 performers with 50 payouts and 10 destinations each; performer 7 and payout 42 are asked about. What the triggers of
these tables compare is not what is asked here, so they rest meanwhile.
"""

PERFORMERS, BATCHES, PAYOUTS = 400, 3_000, 20_000
RESTING = (
    "billing_payoutdestination",
    "billing_payoutbatch",
    "billing_payout",
    "billing_payoutevent",
    "billing_reservehold",
)


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1765000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _performer(number: str) -> str:
    """SQL for the id of a performer of `query_rows_archives`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1750000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008001' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


ACCOUNT = "(SELECT id FROM billing_provideraccount WHERE code = 'rows_of_payments')"
STAFF = "(SELECT id FROM accounts_user WHERE handle = 'payer_00007')"

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO billing_payoutdestination
          (id, performer_id, provider_account_id, kind, currency, country, holder_name, details, token, last_four,
           status, failure_streak)
        SELECT {_id(1, f"n + k * {PERFORMERS}")}, {_performer("n")}, {ACCOUNT}, 'bank_account', 'EUR', 'DE', 'x', 'x',
          'x', '3000', CASE WHEN k = 9 THEN 'active' ELSE 'retired' END, 0
        FROM generate_series(1, {PERFORMERS}) n, generate_series(0, 9) k""",
    f"""INSERT INTO billing_payoutbatch
          (id, provider_account_id, currency, status, as_of, made_by_id, payout_count, total, reason)
        SELECT {_id(2, "n")}, {ACCOUNT}, 'EUR', CASE WHEN n % 75 = 0 THEN 'draft' ELSE 'cancelled' END, now(),
          {STAFF}, 0, 0, 'Rows.'
        FROM generate_series(1, {BATCHES}) n""",
    f"""INSERT INTO billing_payout
          (id, batch_id, performer_id, destination_id, provider_account_id, status, currency, amount, tokens, exchanged,
           earned, set_off_tokens, set_off, held_back, reference, failure_code, sent_at, paid_at)
        SELECT {_id(3, "n")}, {_id(2, f"(n - 1) / {PERFORMERS} + 1")}, {_performer(f"(n - 1) % {PERFORMERS} + 1")},
          {_id(1, f"(n - 1) % {PERFORMERS} + 1")}, {ACCOUNT},
          CASE WHEN n % 200 = 0 THEN 'returned' WHEN n % 200 = 1 THEN 'unknown' ELSE 'paid' END, 'EUR', 2000, 0, 0,
          2000, 0, 0, 0, 'VBL' || lpad(upper(to_hex(n)), 12, '0'), '', now(), now()
        FROM generate_series(1, {PAYOUTS}) n""",
    f"""INSERT INTO billing_payoutevent (id, payout_id, to_status, failure_code, moved_at)
        SELECT uuidv7(), {_id(3, "n")}, status, '', now()
        FROM generate_series(1, {PAYOUTS}) n, unnest(ARRAY['prepared', 'sent', 'paid']) status""",
    f"""INSERT INTO billing_reservehold
          (id, performer_id, currency, amount, reason, placed_by_id, released_at, released_by_id)
        SELECT {_id(4, "n")}, {_performer(f"n % {PERFORMERS} + 1")}, 'EUR', 1000, 'Rows.', {STAFF},
          CASE WHEN n > 60 THEN now() END, CASE WHEN n > 60 THEN {STAFF} END
        FROM generate_series(1, 6000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    f"ANALYZE {', '.join(RESTING)}",
)
