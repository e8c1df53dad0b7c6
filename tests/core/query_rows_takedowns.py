"""Copyright notices in a number at which the planner chooses as it would in earnest.

15,000 notices about the archives of `query_rows_archives`, of which a hundred wait; 4,000 counter-notices.
"""

from tests.core.query_rows_archives import PERFORMERS, _id

NOTICES, WAITING, COUNTERS = 15_000, 100, 4_000

STATEMENTS: tuple[str, ...] = (
    f"""INSERT INTO audit_takedownnotice
          (id, reference, source, received_at, claimant_name, due_at, status, performer_ids)
        SELECT {_id(6, "n")}, 'TD-2601-' || lpad(n::text, 8, '0'), 'form', now() - interval '30 days', 'Ada Quill',
          now() + (n % 100 - 50) * interval '1 hour', 'received', '{{}}'
        FROM generate_series(1, {NOTICES}) n""",
    f"""INSERT INTO audit_takedowntarget (notice_id, subject_kind, subject_id)
        SELECT {_id(6, "n")}, 'archive', {_id(4, "CASE WHEN n % 300 = 0 THEN 440 ELSE n END")}
        FROM generate_series(1, {NOTICES}) n""",
    f"""UPDATE audit_takedownnotice SET status = 'rejected', rejected_for = 'licensed', due_at = NULL
        WHERE id <= {_id(6, str(NOTICES - WAITING))} AND id >= {_id(6, "1")}""",
    f"""INSERT INTO audit_counternotice (id, notice_id, performer_id, source, received_at, due_at, status)
        SELECT {_id(7, "n")}, {_id(6, "n")}, {_id(1, f"n % {PERFORMERS} + 1")}, 'email', now() - interval '9 days',
          now() + (n % 100 - 50) * interval '1 hour', 'received'
        FROM generate_series(1, {COUNTERS}) n""",
    f"""UPDATE audit_counternotice SET status = 'rejected', due_at = NULL
        WHERE id <= {_id(7, str(COUNTERS - WAITING))} AND id >= {_id(7, "1")}""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ANALYZE audit_takedownnotice, audit_takedowntarget, audit_counternotice",
)
