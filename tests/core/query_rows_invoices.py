"""Documents in a number at which the planner chooses as it would in earnest; after payments and performers.

Every order of `query_rows_payments` but the last ten is paid and has an invoice, 200 of which wait for a number.
Each of 300 performers has a statement of each of sixty months; the first is asked about.
"""

ORDERS, PAYERS, PERFORMERS, MONTHS = 20_000, 400, 300, 60
RESTING = (
    "billing_legalentity",
    "billing_order",
    "billing_invoice",
    "billing_taxform",
    "billing_taxstatement",
)


def _id(kind: str, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1763000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO billing_legalentity (id, code, name, address, country, tax_number, sells_everywhere)
        VALUES ({_id("9801", "1")}, 'ROWS_A', 'Rows B.V.', 'Amsterdam', 'NL', 'NL1', true),
          ({_id("9801", "2")}, 'ROWS_B', 'Rows Ltd', 'London', 'GB', 'GB1', false)""",
    # Thirty of today, the others long ago.
    f"""UPDATE billing_order SET status = 'paid',
          paid_at = now() - CASE WHEN id > {_id("8005", str(ORDERS - 30))} THEN interval '1 hour'
            ELSE interval '30 days' END
        WHERE idempotency_key LIKE 'rows_%'""",
    f"""INSERT INTO billing_invoice
          (id, legal_entity_id, order_id, user_id, status, issued_for, country, currency, net, tax, total, ready_at,
           paid_at, series, number, issued_at, issued_on, seller_name, seller_address, seller_tax_number)
        SELECT {_id("9802", "n")}, {_id("9801", "1 + n % 2")}, {_id("8005", "n")}, {_id("8001", f"n % {PAYERS} + 1")},
          CASE WHEN w.waits THEN 'ready' ELSE 'issued' END, 'rows', 'DE', 'EUR', 2520, 479, 2999,
          now() - interval '1 second' * n, now(), CASE WHEN NOT w.waits THEN 'INV-2025' END,
          CASE WHEN NOT w.waits THEN n END, CASE WHEN NOT w.waits THEN now() END,
          CASE WHEN NOT w.waits THEN current_date END, w.said, w.said, w.said
        FROM generate_series(1, {ORDERS - 10}) n,
          LATERAL (SELECT n % 100 = 0 AS waits, CASE WHEN n % 100 = 0 THEN '' ELSE 'x' END AS said) w""",
    f"""INSERT INTO billing_taxform
          (id, performer_id, signed_by_id, kind, status, legal_name, tax_number, country, signed_on, expires_on,
           reviewed_by_id, reviewed_at, reason)
        SELECT {_id("9803", "row_number() OVER (ORDER BY p.id)")}, p.id, p.id, 'w8ben', 'accepted', 'x', 'x', 'DE',
          current_date - 800,
          current_date + CASE WHEN row_number() OVER (ORDER BY p.id) % 100 = 0 THEN 20 ELSE 400 END,
          (SELECT u.id FROM accounts_user u WHERE u.id <> p.id LIMIT 1), now(), 'x'
        FROM performers_performerprofile p""",
    f"""INSERT INTO billing_taxstatement
          (id, performer_id, kind, days, currency, version, opening, earned, taken_back, exchanged, paid_out, adjusted,
           closing, fees, activities, content_hash, reason, frozen_at)
        SELECT {_id("9804", f"n * {MONTHS} + m")}, p.id, 'month',
          daterange((date '2020-01-01' + interval '1 month' * m)::date,
            (date '2020-02-01' + interval '1 month' * m)::date),
          'TOKEN', 1, 0, 7, 0, 0, 0, 0, 7, 3, 1, sha256('x'), '', now()
        FROM (
          SELECT id, row_number() OVER (ORDER BY id) AS n FROM performers_performerprofile
          ORDER BY id LIMIT {PERFORMERS}
        ) p, generate_series(0, {MONTHS - 1}) m""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE billing_legalentity, billing_order, billing_invoice, billing_taxform, billing_taxstatement",
)
