"""Disputes, their movements, held earnings and risk reviews, in a number at which the planner chooses as in earnest.

4,000 disputes of the payments of `query_rows_payments`, most of them decided; dispute 42 is asked about. What the
triggers of these tables add up when a transaction ends is not what is asked here, so they rest meanwhile.
"""

from tests.core.query_rows_payments import PAYERS
from tests.core.query_rows_payments import _id as _payment_id
from tests.core.query_rows_wallets import _id as _wallet_id

DISPUTES = 4_000
RESTING = ("billing_dispute", "billing_disputemovement", "billing_earninghold", "billing_riskreview")


def _id(number: str) -> str:
    """SQL for the id of the dispute with this number: a UUIDv7 whose instants are a second apart."""
    stamp = f"lpad(to_hex(1764000000000 + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008001' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in RESTING),
    f"""INSERT INTO billing_dispute
          (id, payment_id, user_id, provider_account_id, provider_reference, stage, status, reason, reason_code,
           currency, amount, withdrawn, fees, charged_back, opened_at, due_at, decided_at, provider_time, submission,
           submissions, failure_code)
        SELECT {_id("n")}, p.id, p.user_id, p.provider_account_id, 'dp_rows_' || n, 'chargeback',
          CASE WHEN n % 20 = 0 THEN 'needs_response' ELSE 'won' END, 'fraud', '10.4', 'EUR', 2999, 0, 1500, 0,
          now(), now() + n * interval '1 minute', CASE WHEN n % 20 <> 0 THEN now() END, now(), 'draft', 0, ''
        FROM generate_series(1, {DISPUTES}) n JOIN billing_payment p ON p.id = {_payment_id(7, "3000 + n")}""",
    f"""INSERT INTO billing_disputemovement
          (id, dispute_id, provider_account_id, kind, reference, amount, fee, currency, moved_at, entry_id)
        SELECT uuidv7(), d.id, d.provider_account_id, k.kind, d.provider_reference || k.kind, k.amount, k.fee, 'EUR',
          now(), {_wallet_id("9004", "42")}
        FROM billing_dispute d, (VALUES ('withdrawn', -2999, 1500), ('reinstated', 2999, 0)) k (kind, amount, fee)
        WHERE d.provider_reference LIKE 'dp_rows_%'""",
    f"""INSERT INTO billing_earninghold (id, earning_id, cause, placed_by_id, reason, released_at, release_reason)
        SELECT uuidv7(), e.id, 'staff', {_payment_id(1, "7")}, 'Rows.', h.released_at,
          CASE WHEN h.released_at IS NULL THEN '' ELSE 'Fine.' END
        FROM billing_earning e, LATERAL (
          SELECT CASE WHEN e.id <> {_wallet_id("9005", "442")} AND hashtext(e.id::text) % 40 <> 0 THEN now() END
        ) h (released_at)
        WHERE e.amount > 0 AND e.id = e.line_id""",
    f"""INSERT INTO billing_riskreview
          (id, user_id, cause, words, status, decided_by_id, decided_at, decision_reason)
        SELECT uuidv7(), {_payment_id(1, f"n % {PAYERS} + 1")}, 'staff', 'Rows.', 'cleared', {_payment_id(1, "7")},
          now(), 'Fine.'
        FROM generate_series(1, 8000) n""",
    f"""INSERT INTO billing_riskreview (id, user_id, cause, words, status, decision_reason)
        SELECT uuidv7(), {_payment_id(1, "n")}, 'staff', 'Rows.', 'open', '' FROM generate_series(1, 100) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in RESTING),
    "ANALYZE billing_dispute, billing_disputemovement, billing_earninghold, billing_riskreview",
)
