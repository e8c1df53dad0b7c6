"""Archives of people: 6000 that were destroyed, 60 of which the time is over and the files are there, 600 in time."""

_FIRST_MILLISECOND = 1_700_000_000_000


def _person(number: str) -> str:
    """SQL for the id of the person with this number, as tests.core.query_data makes them."""
    number = f"({number})"
    stamp = f"lpad(to_hex({_FIRST_MILLISECOND} + {number} * 1000), 12, '0')"
    return f"({stamp} || '70008000' || lpad(to_hex({number}::bigint), 12, '0'))::uuid"


WHOSE = "CASE WHEN n > 6060 THEN 4000 + n ELSE 1 + n % 3000 END"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE audit_subjectrequest DISABLE TRIGGER USER",
    "ALTER TABLE audit_personalarchive DISABLE TRIGGER USER",
    f"""INSERT INTO audit_subjectrequest (id, reference, person_id, kind, channel, received_at, due_at, status,
          status_since, identity_method, identity_confirmed_at, identity_confirmed_by_id, answer, answered_at)
        SELECT uuidv7(), 'SR-2001-' || lpad(n::text, 8, '0'), {_person(WHOSE)}, 'access', 'post',
          now() - interval '60 days', now() - interval '30 days', 'done', now() - interval '40 days', 'document',
          now() - interval '50 days', {_person("3500")}, 'sent', now() - interval '40 days'
        FROM generate_series(1, 6660) n""",
    """INSERT INTO audit_personalarchive (id, request_id, person_id, object_key, file_key, sha256, content_sha256,
          stored_bytes, content_bytes, rows, rows_by_table, made_at, expires_at, deleted_at)
        SELECT uuidv7(), r.id, r.person_id, r.id || '/' || r.id,
          CASE WHEN r.reference > 'SR-2001-00006000' THEN '\\x0102'::bytea END,
          sha256(''), sha256(''), 9, 9, 9, '{}', now() - interval '40 days',
          now() + CASE WHEN r.reference > 'SR-2001-00006060' THEN 10 ELSE -10 END * interval '1 day'
            + right(r.reference, 4)::integer * interval '1 second',
          CASE WHEN r.reference <= 'SR-2001-00006000' THEN now() END
        FROM audit_subjectrequest r WHERE r.reference LIKE 'SR-2001-%'""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_subjectrequest ENABLE TRIGGER USER",
    "ALTER TABLE audit_personalarchive ENABLE TRIGGER USER",
    "ANALYZE audit_subjectrequest, audit_personalarchive",
    # The archive of partitions: forty tables, each with sixty months.
    "ALTER TABLE audit_archivedpartition DISABLE TRIGGER USER",
    """INSERT INTO audit_archivedpartition (id, created_at, updated_at, table_name, partition_name, lower_id, upper_id,
          rows, rows_sha256, schema_version, place, file_bytes, file_sha256, manifest_sha256, file_key, status, cold_at)
        SELECT uuidv7(), now(), now(), 'archived_' || t, 'archived_' || t || '_p' || m,
          uuidv7(m * interval '1 month' - interval '9 years'), uuidv7(m * interval '1 month' - interval '8 years'),
          9, sha256(''), '0001', 'archived_' || t || '/archived_' || m || '.' || gen_random_uuid() || '.parquet', 9,
          sha256(''), sha256(''), '\\x0102'::bytea, 'cold', now()
        FROM generate_series(1, 40) t, generate_series(1, 60) m""",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "ALTER TABLE audit_archivedpartition ENABLE TRIGGER USER",
    "ANALYZE audit_archivedpartition",
)
