"""Decisions and what belongs to them, in a number at which the planner chooses as it would in earnest.

1,000 people with 20 decisions each; person 42 is asked about. Written with the triggers off: rows of the past, which
nobody can write otherwise.
"""


def _id(kind: int, number: str) -> str:
    """SQL for the id of row `number` of a kind: a UUIDv7 whose instants are a second apart."""
    number = f"({number})"
    stamp = f"lpad(to_hex(1770000000000 + {number} * 1000), 12, '0')"
    return f"({stamp} || '7000800{kind}' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


PEOPLE, CASES, DECISIONS = 1_000, 5_000, 20_000
PERSON = _id(1, f"n % {PEOPLE} + 1")
TABLES = (
    "audit_case",
    "audit_decision",
    "audit_strike",
    "audit_statementofreasons",
    "audit_appeal",
)

STATEMENTS: tuple[str, ...] = (
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in TABLES),
    f"""INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status)
        SELECT {_id(1, "n")}, 'decided_' || lpad(n::text, 5, '0'), 'en', 'UTC', 'import', now(), 'pending'
        FROM generate_series(1, {PEOPLE} + 1) n""",
    f"""INSERT INTO audit_case (
          id, subject_kind, subject_id, person_id, queue_id, leads_only, status, priority, priority_explanation, due_at,
          report_count, first_reported_at, last_reported_at, categories, sources, queue_is_chosen, decided_at,
          closed_at)
        SELECT {_id(2, "n")}, 'archive', {_id(9, "n")}, {PERSON},
          (SELECT q.id FROM audit_queue q WHERE q.is_default), false, 'closed', 0, '[]', now(), 1, now(), now(), '{{}}',
          '{{}}', false, now(), now()
        FROM generate_series(1, {CASES}) n""",
    f"""INSERT INTO audit_decision (
          id, case_id, person_id, kind, outcome, policy_version_id, reasons, acting_role, decided_at, territories,
          automated_detection, automated_decision, appeal_until, decided_by_id)
        SELECT {_id(3, "n")}, {_id(2, f"n % {CASES} + 1")}, {PERSON}, 'original', 'violation',
          (SELECT v.id FROM audit_policyversion v ORDER BY v.id LIMIT 1), 'Insults, again and again.', 'vbl_moderator',
          now() - n * interval '1 minute', '{{}}', false, 'none', now() + interval '5 months',
          {_id(1, f"{PEOPLE} + 1")}
        FROM generate_series(1, {DECISIONS}) n""",
    # Every tenth is in force; those of person 42 are among them.
    f"""INSERT INTO audit_strike (id, decision_id, person_id, points, issued_at, expires_at)
        SELECT {_id(4, "n")}, {_id(3, "n")}, {PERSON}, 2, now() - interval '60 days',
          CASE WHEN n % 10 = 1 THEN now() + interval '30 days' ELSE now() - interval '1 day' END
        FROM generate_series(1, {DECISIONS}) n""",
    f"""INSERT INTO audit_statementofreasons (
          id, decision_id, person_id, platform_identifier, language, restrictions, restriction_words, territories,
          starts_at, facts, automated_detection, automated_decision, ground, ground_reference, ground_explanation,
          category, content_kind, redress, issued_at, submitted_at)
        SELECT {_id(5, "n")}, {_id(3, "n")}, {PERSON}, 'VBL-ROW-' || n, 'en', '{{service}}', 'You may not chat.',
          '{{}}', now(), 'Insults, again and again.', false, 'none', 'terms', 'Terms', 'Insults are not allowed.',
          'STATEMENT_CATEGORY_VIOLENCE', 'archive', 'You can complain to us, free of charge.', now(),
          CASE WHEN n > 300 THEN now() END
        FROM generate_series(1, {DECISIONS}) n""",
    f"""INSERT INTO audit_appeal (
          id, decision_id, person_id, decided_by_id, appellant_id, side, words, status, filed_at, due_at, reviewer_id,
          outcome_reasons, reviewed_at)
        SELECT {_id(6, "n")}, {_id(3, "n")}, {PERSON}, NULL, {PERSON}, 'author', 'It was not me.',
          CASE WHEN n > 200 THEN 'upheld' ELSE 'filed' END, now() - n * interval '1 minute',
          now() + interval '14 days' - n * interval '1 minute', CASE WHEN n > 200 THEN {_id(1, f"{PEOPLE} + 1")} END,
          CASE WHEN n > 200 THEN 'The recording is clear.' ELSE '' END, CASE WHEN n > 200 THEN now() END
        FROM generate_series(1, 12000) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in TABLES),
    "SET CONSTRAINTS ALL DEFERRED",
    f"ANALYZE {', '.join(TABLES)}",
)
