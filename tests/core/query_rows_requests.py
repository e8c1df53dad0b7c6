"""Subject requests in a number at which the planner chooses as it would in earnest.

Of 12,000 requests of as many people 300 are open, and 60 of those are overdue.
"""

_FIRST_MILLISECOND = 1_700_000_000_000


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as tests.core.query_data makes them."""
    number = f"({number})"
    stamp = f"lpad(to_hex({_FIRST_MILLISECOND} + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


STATEMENTS: tuple[str, ...] = (
    # A request begins when it is written; these ended long ago, or are overdue.
    "ALTER TABLE audit_subjectrequest DISABLE TRIGGER USER",
    f"""INSERT INTO audit_subjectrequest (id, created_at, updated_at, version, reference, person_id, kind, channel,
          asked_by, received_at, due_at, status, status_since)
        SELECT uuidv7(), now(), now(), 1, 'SR-2601-' || lpad(n::text, 8, '0'), {_person("n")}, 'access', 'email',
          'person', now() - interval '40 days',
          CASE WHEN n <= 60 THEN now() - n * interval '1 hour' ELSE now() + interval '9 days' END,
          CASE WHEN n <= 300 THEN 'received' ELSE 'withdrawn' END, now()
        FROM generate_series(1, 12000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_subjectrequest ENABLE TRIGGER USER",
    "ANALYZE audit_subjectrequest",
)
