"""Which tables a transaction has changed so far, as PostgreSQL itself counts, and whether it told of it.

The counters of `pg_stat_xact_user_tables` are kept in the memory of the connection: asking costs no scan. They count
what was attempted; where part of the work was rolled back to a savepoint, the rows themselves are asked.
"""

from dataclasses import dataclass, field
from typing import Any

from psycopg import sql
from psycopg.pq import TransactionStatus

TRAIL = (
    "audit_event",
    "audit_label",
    "audit_securityevent",
    "audit_sensitiveread",
    "audit_jobrun",
    "audit_deployment",
)
"""The trail itself: writing it is no change that has to be told."""

QUEUE = "procrastinate_"
"""Beginning of the names of the tables of the queue: an intent to do something, told when it is done."""

SUBMISSIONS = ("core_submission", "django_session")
"""One-time tokens of forms and sessions of browsers: machinery of the page, not what somebody did."""

COUNTS = """
SELECT coalesce(p.relname, c.relname)::text, c.oid::bigint,
  pg_stat_get_xact_tuples_inserted(c.oid), pg_stat_get_xact_tuples_updated(c.oid),
  pg_stat_get_xact_tuples_deleted(c.oid)
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'vbl'::regnamespace
  AND pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
    + pg_stat_get_xact_tuples_deleted(c.oid) > 0
"""
READ_ONLY = "SELECT current_setting('transaction_read_only')"
MARK = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
AS_OWNER = "SET LOCAL ROLE vbl_owner"
TOUCH = "SELECT FROM vbl.django_migrations LIMIT 1 FOR KEY SHARE"
"""Gives its savepoint a number; once that is rolled back, a snapshot lies beyond every number given before."""

FORGET = "SELECT pg_stat_force_next_flush()"
STANDS = """
SELECT EXISTS (
  SELECT FROM ONLY {table} r
  WHERE r.xmin::text::bigint >= {mark} AND pg_xact_status(r.xmin::text::xid8) = 'in progress'
)
"""


def is_trail(table: str) -> bool:
    """Whether writing this table is telling, or machinery, and so nothing to be told."""
    return table in TRAIL or table in SUBMISSIONS or table.startswith(QUEUE)


Counts = dict[int, tuple[str, int, int, int]]


@dataclass
class Counter:
    """What one connection has counted. `raw` is its psycopg connection, past Django's log of queries."""

    raw: Any
    mark: int = 0
    before: Counts = field(default_factory=dict)

    def usable(self) -> bool:
        """Whether a question can be asked: not where the transaction has failed or the connection is gone."""
        return not self.raw.closed and self.raw.info.transaction_status != TransactionStatus.INERROR

    def can_change(self) -> bool:
        """Whether the transaction may change rows: in one that only reads there is nothing to count."""
        return self.raw.execute(READ_ONLY).fetchone()[0] == "off"

    def begin_inside(self) -> None:
        """Begin counting within a transaction, in a savepoint: rows of before have other numbers than rows of after."""
        self.raw.execute("SAVEPOINT completeness_look")
        self.raw.execute(AS_OWNER)
        self.raw.execute(TOUCH)
        self._let_go()
        self.raw.execute("SAVEPOINT completeness")
        self.mark = self.raw.execute(MARK).fetchone()[0]
        self.before = self._counts()

    def end_inside(self) -> None:
        """Let go of the savepoint, whatever was done in it."""
        self.raw.execute("RELEASE SAVEPOINT completeness")

    def begin_outside(self) -> None:
        """Begin counting before a transaction does: its counters start at nothing."""
        self.raw.execute(FORGET)
        self.mark = self.raw.execute(MARK).fetchone()[0]
        self.before = {}

    def changed(self, *, partly_undone: bool) -> tuple[set[str], bool]:
        """The tables that were changed, and whether an event was written."""
        tables, told = set(), False
        for oid, (name, inserted, updated, deleted) in self._counts().items():
            earlier = self.before.get(oid, (name, 0, 0, 0))
            fresh = inserted + updated > earlier[1] + earlier[2]
            gone = deleted > earlier[3]
            if name == "audit_event":
                told = told or (fresh and (not partly_undone or self._stands(oid)))
            elif not is_trail(name) and (gone or (fresh and (not partly_undone or self._stands(oid)))):
                tables.add(name)
        return tables, told

    def _counts(self) -> Counts:
        return {oid: (name, *numbers) for name, oid, *numbers in self.raw.execute(COUNTS).fetchall()}

    def _stands(self, oid: int) -> bool:
        """Whether a row of the table was written since and not taken back; asked as the owner, who sees every row."""
        (table,) = self.raw.execute("SELECT %s::bigint::oid::regclass::text", [oid]).fetchone()
        self.raw.execute("SAVEPOINT completeness_look")
        self.raw.execute(AS_OWNER)
        question = sql.SQL(STANDS).format(table=sql.SQL(table), mark=sql.Literal(self.mark))
        (stands,) = self.raw.execute(question).fetchone()
        self._let_go()
        return bool(stands)

    def _let_go(self) -> None:
        """Take back the role and whatever else was set for a question."""
        self.raw.execute("ROLLBACK TO SAVEPOINT completeness_look")
        self.raw.execute("RELEASE SAVEPOINT completeness_look")
