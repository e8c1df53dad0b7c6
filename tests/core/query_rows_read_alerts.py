"""Alerts on readings: 6000 by 300 readers about 2000 people, of which 60 wait and 20 of those are overdue."""

from tests.core.query_rows_compliance import _person

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE audit_readalert DISABLE TRIGGER USER",
    f"""INSERT INTO audit_readalert (id, created_at, updated_at, version, rule, reader_id, reader_role, threshold,
          measured, first_at, last_at, found_by, due_at, status, reviewed_by_id, reviewed_at, review_reason)
        SELECT uuidv7(), now(), now(), 1, CASE n % 2 WHEN 0 THEN 'many_in_an_hour' ELSE 'without_case' END,
          {_person("n % 300 + 1")}, 'vbl_support', 3, 3, now(), now(), 'recording',
          now() + CASE WHEN n % 3 = 0 THEN interval '-1 day' ELSE interval '2 days' END,
          CASE WHEN n <= 60 THEN 'open' ELSE 'explained' END,
          CASE WHEN n > 60 THEN {_person("1000")} END, CASE WHEN n > 60 THEN now() END,
          CASE WHEN n > 60 THEN 'It was about a ticket.' ELSE '' END
        FROM generate_series(1, 6000) n""",
    f"""INSERT INTO audit_readalertreading (id, alert_id, reading_id, read_at, person_id, subject_type)
        SELECT uuidv7(), a.id, uuidv7(), now(),
          {_person("(row_number() OVER (ORDER BY a.id)) % 2000 + 1")}, 'accounts.usercontact'
        FROM audit_readalert a CROSS JOIN generate_series(1, 3) n""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_readalert ENABLE TRIGGER USER",
    "ANALYZE audit_readalert, audit_readalertreading",
)
