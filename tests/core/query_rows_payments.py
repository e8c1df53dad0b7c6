"""Payments, their moves, refunds and approvals, in a number at which the planner chooses as it would in earnest.

400 payers with 50 payments each; payer 42 and payment 42 are asked about. Finance clerk 7 refunded today.
"""

PAYERS, PAYMENTS = 400, 20_000


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1763000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
        SELECT {_id(1, "n")}, 'payer_' || lpad(n::text, 5, '0'), 'en', 'UTC', 'import', now(), 'pending'
        FROM generate_series(1, {PAYERS}) n""",
    f"""INSERT INTO billing_provideraccount (id, code, kind, legal_entity, currency, is_live, webhook_secrets,
          api_credentials)
        VALUES ({_id(2, "1")}, 'rows_of_payments', 'simulator', 'Rows B.V.', 'EUR', false,
          ARRAY['rows_messages'], '')""",
    f"""INSERT INTO billing_billingcustomer (id, user_id, provider_account_id, reference)
        SELECT {_id(3, "n")}, {_id(1, "n")}, {_id(2, "1")}, 'cus_rows_' || n FROM generate_series(1, {PAYERS}) n""",
    f"""INSERT INTO billing_paymentmethod
          (id, user_id, customer_id, kind, token, fingerprint, brand, last_four, status, is_default, failure_streak)
        SELECT {_id(4, "n")}, {_id(1, "(n - 1) / 10 + 1")}, {_id(3, "(n - 1) / 10 + 1")}, 'card', NULL,
          'print_' || n % 3900, 'visa', lpad((n % 3900)::text, 4, '0'), 'unverified', false, 0
        FROM generate_series(1, {PAYERS * 10}) n""",
    f"""INSERT INTO billing_order
          (id, user_id, status, currency, net, tax, total, discount, country, idempotency_key)
        SELECT {_id(5, "n")}, {_id(1, f"n % {PAYERS} + 1")}, 'placed', 'EUR', 2520, 479, 2999, 0, 'DE', 'rows_' || n
        FROM generate_series(1, {PAYMENTS}) n""",
    f"""INSERT INTO billing_paymentintent
          (id, order_id, user_id, payment_method_id, provider_account_id, currency, amount, capture_mode,
          idempotency_key)
        SELECT {_id(6, "n")}, {_id(5, "n")}, {_id(1, f"n % {PAYERS} + 1")}, {_id(4, f"n % {PAYERS * 10} + 1")},
          {_id(2, "1")}, 'EUR', 2999, 'automatic', 'rows_' || n
        FROM generate_series(1, {PAYMENTS}) n""",
    f"""INSERT INTO billing_payment
          (id, intent_id, order_id, user_id, payment_method_id, provider_account_id, provider_reference,
          status, currency,
           amount, authorised, capture_requested, captured, refund_requested, authorised_settled, captured_settled,
           refunded_settled, refunded_reported, refunded_elsewhere, fulfilled, reversed, suspended)
        SELECT {_id(7, "n")}, {_id(6, "n")}, {_id(5, "n")}, {_id(1, f"n % {PAYERS} + 1")},
          {_id(4, f"n % {PAYERS * 10} + 1")}, {_id(2, "1")}, 'pay_rows_' || n, 'pending', 'EUR', 2999,
          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM generate_series(1, {PAYMENTS}) n""",
    f"""UPDATE billing_payment
        SET status = 'captured', authorised = 2999, capture_requested = 2999, captured = 2999,
          authorised_settled = 2999,
          captured_settled = 2999 + CASE WHEN id <= {_id(7, "150")} THEN 10 ELSE 0 END, fulfilled = 2999,
          suspended = CASE WHEN id <= {_id(7, "150")} THEN 10 ELSE 0 END
        WHERE id <= {_id(7, str(PAYMENTS))} AND id >= {_id(7, "1")}""",
    f"""INSERT INTO billing_paymentattempt
          (id, payment_id, intent_id, provider_account_id, kind, status, currency, amount, provider_reference,
          decline_code,
           three_d_secure_version, electronic_commerce_indicator, exemption, directory_transaction)
        SELECT {_id(8, "n")}, {_id(7, "n")}, {_id(6, "n")}, {_id(2, "1")}, 'authorise', 'sent', 'EUR', 2999,
          'pay_rows_' || n, '', '', '', '', ''
        FROM generate_series(1, {PAYMENTS}) n""",
    f"""UPDATE billing_paymentattempt
        SET status = CASE WHEN id <= {_id(8, "200")} THEN 'unknown' ELSE 'succeeded' END,
          settled_at = CASE WHEN id <= {_id(8, "200")} THEN NULL ELSE now() END
        WHERE id BETWEEN {_id(8, "1")} AND {_id(8, str(PAYMENTS))}""",
    f"""INSERT INTO accounts_rolegrant (user_id, role, valid, reason)
        SELECT {_id(1, "n")}, 'vbl_finance', tstzrange(now() - interval '1 day', NULL), 'Counts money.'
        FROM generate_series(1, 20) n""",
    """INSERT INTO billing_stafflimit (role, kind, currency, per_item, per_day, valid, reason)
        VALUES ('vbl_finance', 'refund', 'EUR', 1000000, 1000000000, tstzrange(now() - interval '1 day', NULL),
          'Rows.')""",
    f"SELECT set_config('app.user_id', ({_id(1, '7')})::text, true)",
    f"""INSERT INTO billing_refund
          (payment_id, user_id, provider_account_id, status, origin, currency, amount, is_goodwill, reason,
           requested_by_id, requested_role, failure_code)
        SELECT {_id(7, "1000 + n")}, {_id(1, f"(1000 + n) % {PAYERS} + 1")}, {_id(2, "1")}, 'requested',
          'staff', 'EUR', 1,
          false, 'Asked for by the payer.', {_id(1, "7")}, 'vbl_finance', ''
        FROM generate_series(1, 200) n WHERE (1000 + n) % {PAYERS} + 1 <> 7""",
    f"""INSERT INTO billing_refund
          (payment_id, user_id, provider_account_id, status, origin, currency, amount, is_goodwill, reason,
          failure_code)
        SELECT {_id(7, "n")}, {_id(1, f"n % {PAYERS} + 1")}, {_id(2, "1")}, 'requested', 'system', 'EUR', 1, false,
          'A show that did not take place.', ''
        FROM generate_series(2000, 12000) n""",
    f"""INSERT INTO billing_approvalrequest
          (id, kind, status, maker_id, maker_role, currency, amount, subject_table, subject_id, limits, reason,
           decision_reason)
        SELECT {_id(9, "n")}, 'refund', 'pending', {_id(1, "7")}, 'vbl_finance', 'EUR', 2999, 'billing_payment',
          {_id(7, "n")}, '{{}}', 'The payer asked for it.', ''
        FROM generate_series(1, 8000) n""",
    f"""INSERT INTO accounts_rolegrant (user_id, role, valid, reason)
        VALUES ({_id(1, "8")}, 'vbl_finance_approver', tstzrange(now() - interval '1 day', NULL), 'Four eyes.')""",
    f"SELECT set_config('app.user_id', ({_id(1, '8')})::text, true)",
    f"""UPDATE billing_approvalrequest
        SET status = 'approved', checker_id = {_id(1, "8")}, decided_at = now(), decision_reason = 'Seen.'
        WHERE id BETWEEN {_id(9, "101")} AND {_id(9, "8000")}""",
    "SELECT set_config('app.user_id', '', true)",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE billing_paymentmethod, billing_order, billing_payment, billing_paymentattempt, billing_paymentevent, "
    "billing_refund, billing_approvalrequest, billing_stafflimit",
)
