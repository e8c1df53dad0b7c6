"""Products, prices, rates and promotions. Product 42 and promotion 42 have something of everything."""


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    stamp = f"lpad(to_hex(1700000000000 + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '7000801{kind}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as `tests.core.query_data` makes them."""
    stamp = f"lpad(to_hex(1700000000000 + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


PRODUCT, PROMOTION, CODE, USE = range(1, 5)
ROWS = 12_000
TABLES = (
    "billing_product",
    "billing_price",
    "billing_exchangerate",
    "billing_taxrate",
    "billing_promotion",
    "billing_promotioncode",
    "billing_promotionredemption",
)

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO billing_product (id, code, kind, name, description, is_offered)
        SELECT {_id(PRODUCT, "n")}, 'product_' || n, 'pay_per_view', 'Ticket ' || n, '', true
        FROM generate_series(1, {ROWS}) n""",
    # The price of last year and the one of this year.
    f"""INSERT INTO billing_price (product_id, country, currency, amount, tax_behaviour, valid)
        SELECT {_id(PRODUCT, "n")}, '', 'EUR', 999 + year, 'inclusive',
          tstzrange(now() - (2 - year) * interval '1 year',
            CASE WHEN year = 0 THEN now() - interval '1 year' ELSE NULL END)
        FROM generate_series(1, {ROWS}) n, generate_series(0, 1) year""",
    # Every currency on 100 days.
    """INSERT INTO billing_exchangerate (base, quote, source, rate, valid)
        SELECT 'EUR', c.code, 'ecb', 1 + n * 0.0001, tstzrange(day, day + interval '1 day')
        FROM billing_currency c, generate_series(1, 100) n,
          LATERAL (SELECT now() - n * interval '1 day' + interval '12 hours') d (day)
        WHERE c.code NOT IN ('EUR', 'TOKEN')""",
    f"""INSERT INTO billing_taxrate (jurisdiction, kind, rate, source, description, valid)
        SELECT 'PT-' || n, 'standard', 0.2, 'rows of the tests', '', tstzrange(now() - interval '1 year', NULL)
        FROM generate_series(1, {ROWS}) n""",
    # Forty promotions hold now, the others are over.
    f"""INSERT INTO billing_promotion (id, name, kind, basis_points, valid, used, spent)
        SELECT {_id(PROMOTION, "n")}, 'Promotion ' || n, 'percentage', 1000,
          tstzrange(now() - interval '1 year',
            CASE WHEN n > 20 AND n <= 60 THEN now() + interval '1 day' ELSE now() - n % 300 * interval '1 day' END),
          0, 0
        FROM generate_series(1, {ROWS}) n""",
    f"""INSERT INTO billing_promotioncode (id, promotion_id, code, used, is_active)
        SELECT {_id(CODE, "n")}, {_id(PROMOTION, "n")}, 'Spring-' || n, 0, true
        FROM generate_series(1, {ROWS}) n""",
    # Uses of promotions that are over: written with the triggers off. 150 reservations have run out.
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE billing_promotionredemption DISABLE TRIGGER USER",
    f"""INSERT INTO billing_promotionredemption
          (id, code_id, user_id, order_id, status, discount, currency, bonus_tokens, reserved_until)
        SELECT {_id(USE, "n")}, {_id(CODE, "n")}, {_person("n % 3000 + 1")}, {_id(USE, "n")},
          CASE WHEN n <= 300 THEN 'reserved' ELSE 'applied' END, 100, 'EUR', 0,
          now() + CASE WHEN n <= 150 THEN -1 ELSE 1 END * n * interval '1 minute'
        FROM generate_series(1, {ROWS}) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE billing_promotionredemption ENABLE TRIGGER USER",
    "SET CONSTRAINTS ALL DEFERRED",
    f"ANALYZE {', '.join(TABLES)}",
)
