"""Filings to authorities and access reviews in a number at which the planner chooses as it would in earnest.

12,000 filings about as many people, of which a hundred wait; 40 reviews of 300 grants each, of which the newest waits.
"""

from tests.core.query_rows_compliance import _person

FILINGS, WAITING, REVIEWS, GRANTS = 12_000, 100, 40, 300

STATEMENTS: tuple[str, ...] = (
    # Filed long ago, by two people, which nobody could write today.
    "ALTER TABLE audit_compliancefiling DISABLE TRIGGER USER",
    f"""INSERT INTO audit_compliancefiling (kind, authority, legal_basis, aware_at, due_at, person_id, number, words,
          prepared_by_id, writer_ids, submitted_at, approved_by_id, approved_at, filed_by_id, filed_at,
          authority_reference, status)
        SELECT 'child_safety', 'NCMEC CyberTipline', '18 U.S.C. 2258A(a)', now() - interval '30 days',
          now() - interval '29 days' + (n % 7) * interval '1 hour', {_person("n")}, 1, '\\x01'::bytea,
          {_person("15001")}, ARRAY[{_person("15001")}], now() - interval '30 days', {_person("15002")},
          now() - interval '30 days', {_person("15001")}, now() - interval '29 days', 'CT-' || n, 'filed'
        FROM generate_series(1, {FILINGS}) n""",
    f"""INSERT INTO audit_compliancefiling (kind, authority, legal_basis, aware_at, due_at, person_id, number,
          prepared_by_id, writer_ids, status)
        SELECT 'suspicious_transaction', 'FinCEN', '31 CFR 1022.320', now() - interval '30 days',
          now() + (n % 100 - 50) * interval '1 hour', {_person("n")}, 1, {_person("15001")},
          ARRAY[{_person("15001")}], 'draft'
        FROM generate_series(1, {WAITING}) n""",
    "ALTER TABLE audit_compliancefiling ENABLE TRIGGER USER",
    "ALTER TABLE audit_accessreview DISABLE TRIGGER USER",
    "ALTER TABLE audit_accessreviewitem DISABLE TRIGGER USER",
    f"""INSERT INTO audit_accessreview (name, quarter, cut_off, due_at, item_count, status, closed_by_id, closed_at)
        SELECT to_char(q, 'YYYY"-Q"Q'), q, q, q + interval '30 days', {GRANTS}, 'closed', {_person("15001")}, now()
        FROM generate_series(1, {REVIEWS}) n,
          LATERAL (SELECT ('2005-01-01'::date + n * interval '3 months')::date AS q) quarters""",
    f"""INSERT INTO audit_accessreviewitem (review_id, grant_id, holder_id, role, granted_at, verdict, decided_by_id,
          decided_at, reason)
        SELECT r.id, g.id, g.user_id, g.role, now(), 'keep', {_person("15001")}, now(), 'still needed'
        FROM audit_accessreview r
        CROSS JOIN (SELECT * FROM accounts_rolegrant ORDER BY id LIMIT {GRANTS}) g
        WHERE g.user_id <> {_person("15001")}""",
    """UPDATE audit_accessreview SET status = 'open', closed_by_id = NULL, closed_at = NULL
        WHERE quarter = (SELECT max(quarter) FROM audit_accessreview)""",
    """UPDATE audit_accessreviewitem SET verdict = NULL, decided_by_id = NULL, decided_at = NULL, reason = ''
        WHERE review_id = (SELECT id FROM audit_accessreview WHERE status = 'open')""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_accessreview ENABLE TRIGGER USER",
    "ALTER TABLE audit_accessreviewitem ENABLE TRIGGER USER",
    "ANALYZE audit_compliancefiling, audit_accessreview, audit_accessreviewitem",
)
