"""Legal holds and runs of retention, in a number at which the planner chooses as it would in earnest.

Of 6000 holds on as many people 80 are in force; 40 of those end within a month.
"""

_FIRST_MILLISECOND = 1_700_000_000_000


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as tests.core.query_data makes them."""
    number = f"({number})"
    stamp = f"lpad(to_hex({_FIRST_MILLISECOND} + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


POLICY = "018bcfe6-0c10-7000-8000-0000000000aa"

STATEMENTS: tuple[str, ...] = (
    # A hold begins when it is written, and these ended long ago.
    "ALTER TABLE audit_legalhold DISABLE TRIGGER USER",
    f"""INSERT INTO audit_legalhold (id, created_at, updated_at, version, valid, scope_kind, scope_id, person_id,
          authority_kind, authority, reference, basis, reason, placed_by_id, release_reason)
        SELECT uuidv7(), now(), now(), 1,
          tstzrange(now() - interval '1 year', CASE
            WHEN n > 80 THEN now() - interval '1 month' WHEN n > 40 THEN now() + interval '9 days' END),
          'person', {_person("n")}, {_person("n")}, 'court', 'Amtsgericht Hamburg', 'File ' || n, 'section 94 StPO',
          'The court ordered it.', {_person("n + 1")}, ''
        FROM generate_series(1, 6000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_legalhold ENABLE TRIGGER USER",
    f"""INSERT INTO audit_retentionpolicy (id, table_name, words, period, starts_from, basis, action, is_executed)
        SELECT CASE n WHEN 1 THEN '{POLICY}'::uuid ELSE uuidv7() END, 'rows_' || n, '7 days', 'P7D', 'created', 'none',
          'delete', false
        FROM generate_series(1, 400) n""",
    """INSERT INTO audit_retentionrun (id, policy_id, period, dry_run, cut_off, found, deleted, held, outcome, error,
          started_at, finished_at)
        SELECT uuidv7(), p.id, 'P7D', false, now() - interval '7 days', 9, 9, 0, 'done', '', now(), now()
        FROM audit_retentionpolicy p CROSS JOIN generate_series(1, 30) n
        WHERE p.table_name LIKE 'rows\\_%'""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE audit_legalhold, audit_retentionrun, audit_retentionpolicy",
)
