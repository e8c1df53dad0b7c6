"""Cases of a year, closed at even intervals; written with the triggers off, as rows of the past are."""


def _id(number: str) -> str:
    """SQL for the id of row `number`: a UUIDv7 whose instants are a second apart."""
    stamp = f"lpad(to_hex(1780000000000 + ({number}) * 1000), 12, '0')"
    return f"({stamp} || '70008007' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


CASES = 12_000

STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_case DISABLE TRIGGER USER",
    f"""INSERT INTO audit_case (
          id, subject_kind, subject_id, person_id, queue_id, leads_only, status, priority, priority_explanation, due_at,
          report_count, first_reported_at, last_reported_at, categories, sources, queue_is_chosen, decided_at,
          closed_at)
        SELECT {_id("n")}, 'stream', {_id("n")}, (SELECT u.id FROM accounts_user u ORDER BY u.id LIMIT 1),
          (SELECT q.id FROM audit_queue q WHERE q.is_default), false, 'closed', 0, '[]', now(), 1,
          now() - n * interval '45 minutes' - interval '1 day', now() - n * interval '45 minutes' - interval '1 day',
          '{{}}', '{{}}', false, now() - n * interval '45 minutes', now() - n * interval '45 minutes'
        FROM generate_series(1, {CASES}) n""",
    "ALTER TABLE audit_case ENABLE TRIGGER USER",
    "SET CONSTRAINTS ALL DEFERRED",
    "ANALYZE audit_case",
)
