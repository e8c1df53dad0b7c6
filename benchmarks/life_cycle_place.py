"""Where the parts of `benchmarks.life_cycle` measure, and how they count bytes and print."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from core.db.provisioning_sql import SEARCH_PATH
from core.embedded.binaries import Installation


@dataclass(frozen=True)
class Cost:
    """Seconds, and bytes of the write-ahead log."""

    seconds: float
    wal: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds + other.seconds, self.wal + other.wal)

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.wal / 1e6:,.1f} MB"


@dataclass(frozen=True)
class Place:
    """One throw-away database: `url` as the owner, `superuser` for what lies in the past."""

    url: str
    superuser: str
    installation: Installation
    sizes: tuple[int, ...]
    seconds: int

    def filling(self) -> psycopg.Connection:
        """A connection that fills in rows without their triggers, which only a superuser can leave out."""
        made = psycopg.connect(self.superuser, autocommit=True)
        made.execute(f"SET search_path = {SEARCH_PATH}")  # type: ignore[call-overload]
        made.execute("SET session_replication_role = replica")
        return made


def cost(counting: psycopg.Connection, act: Callable[[], object]) -> Cost:
    """What an act takes and writes. The log is the server's: nobody else may write meanwhile."""
    before, start = _position(counting), time.perf_counter()
    act()
    took = time.perf_counter() - start
    return Cost(took, _position(counting) - before)


def _position(counting: psycopg.Connection) -> int:
    row = counting.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    return int(row[0]) if row else 0


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table in Markdown."""
    print(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)
