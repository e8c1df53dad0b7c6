"""Cases, reports and policies, in a number at which the planner chooses as it would in earnest.

20,000 cases about 4,000 people, of which 3,000 wait; person 42 is asked about, moderator 19,000 holds thirty.
"""

_STAMP = "lpad(to_hex({start} + ({n}) * 1000), 12, '0')"


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as `query_data` makes them."""
    stamp = _STAMP.format(start=1_700_000_000_000, n=number)
    return f"({stamp} || '70008000' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind."""
    stamp = _STAMP.format(start=1_760_000_000_000, n=number)
    return f"({stamp} || '7000801{kind}' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


TABLES = ("audit_case", "audit_report", "audit_policyversion", "audit_moderationpolicy")

STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES),
    f"""INSERT INTO audit_queue (id, code, name, description, position, due_within, leads_only, is_default, is_active)
        SELECT {_id(1, "n")}, 'rows_' || n, 'Rows ' || n, '', 200 + n, interval '1 day', false, false, true
        FROM generate_series(1, 4) n""",
    f"""INSERT INTO audit_case
          (id, subject_kind, subject_id, person_id, queue_id, leads_only, status, priority, priority_explanation, due_at,
           report_count, first_reported_at, last_reported_at, categories, sources, queue_is_chosen, decided_at, closed_at,
           claimed_by_id, claimed_until)
        SELECT {_id(2, "n")}, 'person', {_person("1 + n % 4000")}, {_person("1 + n % 4000")}, {_id(1, "1 + n % 4")},
          n % 50 = 0,
          CASE WHEN n > 3000 THEN 'closed' WHEN n BETWEEN 2001 AND 2900 THEN 'claimed' ELSE 'open' END,
          n % 700, '[]', now() + interval '1 minute' * (n % 5000), 1, now() - interval '1 day', now(), '{{spam}}', '{{user}}',
          false, CASE WHEN n > 3000 THEN now() END, CASE WHEN n > 3000 THEN now() END,
          CASE WHEN n BETWEEN 2001 AND 2030 THEN {_person("19000")}
               WHEN n BETWEEN 2031 AND 2900 THEN {_person("19001 + n % 40")} END,
          CASE WHEN n BETWEEN 2001 AND 2900 THEN now() + interval '10 minutes' END
        FROM generate_series(1, 20000) n""",
    f"""INSERT INTO audit_report
          (id, case_id, subject_kind, subject_id, person_id, leads_only, category, source, reporter_id, organisation,
           organisation_reference, detector, words, good_faith, entered_by_id, status, decided_at)
        SELECT {_id(3, "n")}, {_id(2, "1 + n % 20000")}, 'person', {_person("1 + (1 + n % 20000) % 4000")},
          {_person("1 + (1 + n % 20000) % 4000")}, false, 'spam', 'user', {_person("5000 + n % 3000")}, '', '', '', 'Ads.',
          true, {_person("5000 + n % 3000")}, 'rejected', now()
        FROM generate_series(1, 30000) n""",
    f"""INSERT INTO audit_moderationpolicy (id, code, categories)
        SELECT {_id(4, "n")}, 'rows.p' || n, '{{}}' FROM generate_series(1, 400) n""",
    f"""INSERT INTO audit_policyversion
          (policy_id, number, title, text, ground, legal_reference, transparency_category, severity, strike_points,
           strike_days, status, effective_at)
        SELECT {_id(4, "n")}, k, 'Rows', 'Words.', 'terms', '', 'STATEMENT_CATEGORY_OTHER_VIOLATION_TC', 'low', 1, 30,
          'published', now() + interval '1 day' * (k - 8)
        FROM generate_series(1, 400) n, generate_series(1, 12) k""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES),
    f"ANALYZE {', '.join(TABLES)}, audit_queue",
)
