"""A month of the trail that goes to the archive and comes back: events, and their words, which are encrypted.

Measured as it runs: written, read back and compared, the questions about legal holds, the drop; and the way back with
the comparison, the keys of the table and its attachment. The baseline is what PostgreSQL needs at least for the same
rows: COPY into a file, and COPY from it into an empty table with the same indexes and no foreign keys.
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.life_cycle_place import Place, cost, table

PEOPLE = 500
START, END = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)

EVENTS = """
INSERT INTO audit_event (id, area, action, actor_id, acting_role, subject_type, subject_id, changed, detail, request_id,
  label_digest, xact)
SELECT uuidv7(%(start)s::timestamptz + (n * 28.0 * 86400 / %(size)s) * interval '1 second' - clock_timestamp()),
  'people', 'restriction_placed', p.ids[1 + n %% %(people)s], 'vbl_moderator', 'accounts.user',
  p.ids[1 + n * 7919 %% %(people)s], '{status}', jsonb_build_object('kind', 'chat', 'hours', n %% 72),
  gen_random_uuid(), sha256(n::text::bytea), '1'
FROM generate_series(1::bigint, %(size)s) n, (SELECT array_agg(id) AS ids FROM accounts_user) p
"""
LABELS = """
INSERT INTO audit_label (id, area, actor_label, subject_label, address, reason, salt)
SELECT e.id, 'people', 'moderator_' || e.actor_id, 'viewer_' || e.subject_id, '192.0.2.7',
  'Insulted others in the chat of a stream, after a warning; ' || e.request_id, substr(e.label_digest, 1, 16)
FROM audit_event e WHERE e.id >= %(lower)s AND e.id < %(upper)s
"""


def measure(place: Place) -> None:
    """Both tables at each size: rows a second both ways, and how many times COPY they take."""
    from django.conf import settings

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        settings.PARTITION_ARCHIVE_DIRECTORY = folder
        for size in place.sizes:
            rows += _month(place, size)
    heads = ("Table", "Rows", "in the database", "file", "to the archive", "÷ COPY", "back", "÷ COPY")
    table(heads, rows)


def _month(place: Place, size: int) -> list[tuple[str, ...]]:
    from audit.models import Event, Label
    from core.db.partitions.calendar import Every, Period
    from core.db.partitions.catalog import id_bounds
    from core.db.partitions.manager import ensure_partitions
    from tests.accounts.factories import UserFactory

    if not Event.objects.exists():
        UserFactory.create_batch(PEOPLE)
    for model in (Event, Label):
        ensure_partitions(model, START, END)
    lower, upper = id_bounds(Period.containing(Every.MONTH, START))
    with place.filling() as filling:
        filling.execute(EVENTS, {"start": START, "size": size, "people": PEOPLE})
        filling.execute(LABELS, {"lower": lower, "upper": upper})
        filling.execute("VACUUM (ANALYZE) audit_event, audit_label")
    # Labels leave before their events and come back after them.
    return [_both(place, model, size) for model in (Label, Event)]


def _both(place: Place, model: Any, size: int) -> tuple[str, ...]:
    from audit.services.partition_archives import archived_partition_destroy, partition_archive
    from audit.services.partition_restores import partition_restore
    from core.db.partitions.detach import detach_partition
    from core.db.partitions.detached import detached_partitions

    name = f"{model._meta.db_table}_p2024_03"
    with place.filling() as counting, tempfile.TemporaryDirectory() as folder:
        held = counting.execute(f"SELECT pg_total_relation_size('{name}')").fetchone()  # type: ignore[call-overload]
        lying = Path(folder) / "rows"
        out = cost(counting, lambda: _copy_out(counting, name, lying))
        into = cost(counting, lambda: _copy_in(counting, name, lying))
        detach_partition(model, name)
        (detached,) = detached_partitions(model)
        kept: list[Any] = []
        gone = cost(counting, lambda: kept.append(partition_archive(model=model, partition=detached)))
        (archived,) = kept
        until = datetime.now(UTC) + timedelta(days=1)
        loaded: list[Any] = []
        before = _without_those_before(partition_restore)
        back = cost(
            counting, lambda: loaded.append(before(archived=archived, until=until, reason="a measurement"))
        )
        if (archived.rows, loaded[0].rows) != (size, size):
            raise RuntimeError(f"{archived.rows} rows went and {loaded[0].rows} came back, of {size}.")
        counting.execute(f"ALTER TABLE {model._meta.db_table} DETACH PARTITION {name}")  # type: ignore[call-overload]
        counting.execute(f"DROP TABLE {name}")  # type: ignore[call-overload]
    file_bytes = archived.file_bytes
    archived.refresh_from_db()
    archived_partition_destroy(archived=archived, because="The measurement is over.")
    return (
        f"`{model._meta.db_table}`",
        f"{size:,}",
        f"{(held or (0,))[0] / 1e6:,.0f} MB",
        f"{file_bytes / 1e6:,.0f} MB",
        f"{gone.seconds:.1f} s, {size / gone.seconds:,.0f} a second",
        f"{gone.seconds / out.seconds:.1f}",
        f"{back.seconds:.1f} s, {size / back.seconds:,.0f} a second",
        f"{back.seconds / into.seconds:.1f}",
    )


def _without_those_before(restore: Any) -> Any:
    """One table is measured at a time: that others come back before it is left out."""
    from audit.services import partition_restores

    partition_restores._require_those_before = lambda *_: None  # type: ignore[assignment]
    return restore


def _copy_out(server: psycopg.Connection, name: str, path: Path) -> None:
    with path.open("wb") as file, server.cursor().copy(f"COPY (SELECT * FROM {name}) TO STDOUT") as copy:  # type: ignore[call-overload]
        for data in copy:
            file.write(data)


def _copy_in(server: psycopg.Connection, name: str, path: Path) -> None:
    """As many columns as `SELECT *` gave: the generated one is a plain one here."""
    server.execute(f"CREATE TABLE compared (LIKE {name} INCLUDING INDEXES INCLUDING DEFAULTS)")  # type: ignore[call-overload]
    with path.open("rb") as file, server.cursor().copy("COPY compared FROM STDIN") as copy:
        while data := file.read(1 << 20):
            copy.write(data)
    server.execute("DROP TABLE compared")
