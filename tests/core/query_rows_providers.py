"""Messages, calls and exceptions of providers, in a number at which the planner chooses as it would in earnest.

Payment `pi_rows_42` is asked about. Messages lie in this month and the next one.
"""

STATEMENTS: tuple[str, ...] = (
    """INSERT INTO billing_provideraccount
          (code, kind, legal_entity, currency, is_live, webhook_secrets, api_credentials)
        VALUES ('rows', 'simulator', 'Rows B.V.', 'EUR', false, ARRAY['rows_messages'], '')""",
    """INSERT INTO billing_providerevent
          (id, provider_account_id, event_id, event_type, body, body_bytes, body_sha256, headers, verdict, status,
           received_at, processed_at, reference)
        SELECT uuidv7(CASE WHEN n % 2 = 0 THEN interval '0' ELSE interval '31 days' END), a.id, 'evt_rows_' || n,
          'payment_intent.succeeded', '', 0, sha256(''), '{}', 'valid',
          CASE WHEN n % 200 = 0 THEN 'failed' ELSE 'ignored' END, now(),
          CASE WHEN n % 200 <> 0 THEN now() END, 'pi_rows_' || n % 4000
        FROM billing_provideraccount a, generate_series(1, 40000) n WHERE a.code = 'rows'""",
    """INSERT INTO billing_providercall
          (provider_account_id, operation, subject_type, subject_id, idempotency_key, amount, currency, status,
           next_try_at, answer)
        SELECT a.id, 'authorise', 'billing.paymentattempt', uuidv7(), 'call_rows_' || n, 100, 'EUR', 'waiting',
          now() - interval '1 hour' - n * interval '1 second', '{}'
        FROM billing_provideraccount a, generate_series(1, 20000) n WHERE a.code = 'rows'""",
    """UPDATE billing_providercall SET status = 'begun', begun_at = now()
        WHERE substr(idempotency_key, 11)::int > 300 AND idempotency_key LIKE 'call_rows_%'""",
    """UPDATE billing_providercall
        SET status = 'answered', outcome = 'succeeded', answered_at = now(), next_try_at = NULL
        WHERE status = 'begun' AND idempotency_key LIKE 'call_rows_%'""",
    """INSERT INTO billing_reconciliationexception (kind, subject_type, subject_id, words)
        SELECT 'dispute', 'billing.payment', uuidv7(), 'Payment was disputed.' FROM generate_series(1, 20000) n""",
    """UPDATE billing_reconciliationexception
        SET status = 'resolved', resolution = 'processed', reason = 'Settled.', resolved_at = now()
        WHERE id > (SELECT id FROM billing_reconciliationexception ORDER BY id OFFSET 200 LIMIT 1)""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE billing_provideraccount, billing_providerevent, billing_providercall, billing_reconciliationexception",
)
