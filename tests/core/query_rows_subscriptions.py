"""Plans, subscriptions, periods and further attempts, in a number at which the planner chooses as it would in earnest.

400 performers with five plans each, of which two are offered; 12,000 subscriptions, 300 of them due; 200 periods that
wait for money. Person 42 and performer 43 are asked about. What the triggers add up when a transaction ends is not what
is asked here, so they rest meanwhile.
"""

PERFORMERS, SUBSCRIPTIONS, UNPAID = 400, 12_000, 200
TABLES = (
    "billing_product",
    "billing_price",
    "billing_plan",
    "billing_subscription",
    "billing_subscriptionperiod",
    "billing_dunningattempt",
)


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as in `query_data`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1700000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _performer(number: str) -> str:
    """SQL for the id of a performer of `query_rows_archives`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1750000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008001' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _id(kind: str, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1761000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


def _order(number: str) -> str:
    """SQL for the id of an order of `query_rows_payments`."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1763000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008005' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


PLANS = PERFORMERS * 5
PLAN_OF = f"n % {PERFORMERS} + 1"

STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES),
    f"""INSERT INTO billing_product (id, code, kind, name, description, is_offered)
        SELECT {_id("9101", "n")}, 'rows_plan_' || n, 'subscription', 'Plan ' || n, '', true
        FROM generate_series(1, {PLANS}) n""",
    f"""INSERT INTO billing_price (id, product_id, country, currency, amount, tax_behaviour, valid)
        SELECT {_id("9102", "n")}, {_id("9101", "n")}, '', 'EUR', 999, 'inclusive',
          tstzrange(now() - interval '1 year', NULL)
        FROM generate_series(1, {PLANS}) n""",
    f"""INSERT INTO billing_plan
          (id, performer_id, product_id, rank, interval, trial_days, dunning_days, closed_at)
        SELECT {_id("9103", "n")}, {_performer(PLAN_OF)}, {_id("9101", "n")}, (n - 1) / {PERFORMERS} + 1, 'month', 0,
          '{{1,3,5,7}}', CASE WHEN (n - 1) / {PERFORMERS} >= 2 THEN now() END
        FROM generate_series(1, {PLANS}) n""",
    f"""INSERT INTO billing_subscription
          (id, viewer_id, performer_id, plan_id, price_id, status, currency, country, tax_part, anchor_day,
           anchor_time, renews_at, credit)
        SELECT {_id("9104", "n")}, {_person("n / 40 + 1")}, {_performer(PLAN_OF)}, {_id("9103", PLAN_OF)},
          {_id("9102", PLAN_OF)}, 'active', 'EUR', 'DE', '', 1, '12:00',
          date_trunc('second', now()) + CASE WHEN n <= 300 THEN -1 ELSE 1 END * n * interval '1 minute', 0
        FROM generate_series(1, {SUBSCRIPTIONS}) n""",
    f"""INSERT INTO billing_subscriptionperiod
          (id, subscription_id, viewer_id, number, plan_id, price_id, starts_at, ends_at, basis, status, order_id,
           currency, charge, credit_used, credit_given)
        SELECT {_id("9105", "n")}, s.id, s.viewer_id, 1, s.plan_id, s.price_id, s.renews_at - interval '30 days',
          s.renews_at, CASE WHEN n <= {UNPAID} THEN 'charge' ELSE 'credit' END,
          CASE WHEN n <= {UNPAID} THEN 'open' ELSE 'free' END,
          CASE WHEN n <= {UNPAID} THEN {_order("n")} END, 'EUR', 999, 0, 0
        FROM (SELECT row_number() OVER (ORDER BY id) AS n, * FROM billing_subscription) s""",
    f"""INSERT INTO billing_dunningattempt (id, period_id, number, due_at, status, attempted_at, outcome)
        SELECT uuidv7(), {_id("9105", "n")}, k, now() + (k - 3) * interval '1 day' - n * interval '1 minute',
          CASE WHEN n <= 40 THEN 'planned' ELSE 'declined' END, CASE WHEN n > 40 THEN now() END, ''
        FROM generate_series(1, 6000) n, generate_series(1, 4) k""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES),
    f"ANALYZE {', '.join(TABLES)}",
)
