"""Rows that are copied out for legal holds before their partition leaves."""

from django.db import connections, transaction

from audit.models import HeldRow
from core.db.holds import HeldBy, held_by_of, holds_nothing
from core.models.partitioned import Partitioned

LOCK = "SELECT pg_advisory_xact_lock_shared(hashtextextended('legal holds', 0))"


def held_rows_copy(
    model: type[Partitioned], *, schema: str, name: str, using: str = "default"
) -> tuple[int, int]:
    """Copy every row of a partition that a legal hold in force covers; returns how many were to be kept, and are.

    Runs as the owner, who alone writes copies. A second call copies what came since. Until the transaction ends, no
    hold is placed. Each row counts once per hold.
    """
    held = held_by_of(model)
    if not isinstance(held, HeldBy) or holds_nothing(held):
        return 0, 0
    connection = connections[using]
    quote = connection.ops.quote_name
    partition = f"{quote(schema)}.{quote(name)}"
    covered = " UNION ".join(
        f"SELECT r.hold_id, t.id FROM {partition} t JOIN reach r ON r.kind = '{kind}' AND r.id = {identity}"
        for kind, identity in held.scopes(model, "t")
    )
    rows = (
        f"WITH reach AS MATERIALIZED (SELECT * FROM audit_hold_reach()), covered AS MATERIALIZED ({covered}) "
        f"SELECT c.hold_id, c.id, to_jsonb(t) AS content FROM covered c JOIN {partition} t ON t.id = c.id"
    )
    copies = quote(HeldRow._meta.db_table)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(
            f"INSERT INTO {copies} (id, hold_id, source_table, source_id, content, sha256, copied_at) "
            f"SELECT uuidv7(), k.hold_id, %s, k.id, k.content, ''::bytea, now() FROM ({rows}) k "
            "ON CONFLICT (hold_id, source_table, source_id) DO NOTHING",
            [model._meta.db_table],
        )
        cursor.execute(
            f"SELECT count(*), count(h.id) FROM ({rows}) k LEFT JOIN {copies} h ON h.hold_id = k.hold_id "
            "AND h.source_table = %s AND h.source_id = k.id "
            "AND h.sha256 = sha256(convert_to(k.content::text, 'UTF8'))",
            [model._meta.db_table],
        )
        wanted, kept = cursor.fetchone()
    return wanted, kept
