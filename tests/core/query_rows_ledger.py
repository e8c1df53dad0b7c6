"""A ledger in a number at which the planner chooses as it would in earnest: 2,000 wallets with three purchases each.

Wallet 42 is asked about. Euros have a handful of accounts, as the platform's own have.
"""

WALLETS, PURCHASES = 2_000, 3


def _id(number: str) -> str:
    """SQL for the key of account `number`: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1750000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008009' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


SOLD, CASH, DEFERRED = WALLETS + 1, WALLETS + 2, WALLETS + 3

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO billing_ledgeraccount (id, code, type, currency, guard)
        SELECT {_id("n")}, 'wallet:rows_' || n, 'liability', 'TOKEN', 'running'
        FROM generate_series(1, {WALLETS}) n
        UNION ALL VALUES ({_id(str(SOLD))}, 'tokens_sold:TOKEN', 'equity', 'TOKEN', 'none'),
          ({_id(str(CASH))}, 'cash:rows:EUR', 'asset', 'EUR', 'none'),
          ({_id(str(DEFERRED))}, 'deferred_revenue:EUR', 'liability', 'EUR', 'none')""",
    "ANALYZE billing_ledgeraccount",
    f"""SELECT ledger_post(
          array_agg(uuidv7()), array_agg('purchase'::text), array_agg(NULL::text), array_agg(NULL::uuid),
          array_agg(NULL::timestamptz), array_agg(''::text), array_agg(NULL::numeric), array_agg(NULL::uuid),
          array_agg(n) || array_agg(n) || array_agg(n) || array_agg(n),
          array_agg(1::smallint) || array_agg(2::smallint) || array_agg(3::smallint) || array_agg(4::smallint),
          array_agg({_id(f"1 + n % {WALLETS}")}) || array_agg({_id(str(SOLD))}) || array_agg({_id(str(CASH))})
            || array_agg({_id(str(DEFERRED))}),
          array_agg(100::bigint) || array_agg(-100::bigint) || array_agg(-999::bigint) || array_agg(999::bigint),
          array_agg('TOKEN'::text) || array_agg('TOKEN'::text) || array_agg('EUR'::text) || array_agg('EUR'::text),
          NULL)
        FROM generate_series(1, {WALLETS * PURCHASES}) n""",
    "ANALYZE billing_journalentry",
    "ANALYZE billing_posting",
    "ANALYZE billing_ledgerbalance",
)
