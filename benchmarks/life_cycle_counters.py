"""Counting by deltas that a job folds, beside a row of the counter that each writer updates.

Every transaction of pgbench writes a row of its own and counts one tip of one performer. `rest` is what else such a
transaction does after it counted, in milliseconds: a service's next statements, and a commit that waits for a disk or
for a replica.
"""

import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.life_cycle_place import Place, cost, table

WRITERS, RESTS, WARM_UP, PERFORMERS = (1, 8, 32), (0, 2), 2, 100
FOLDS_PER_SECOND = 2
RATE = re.compile(r"tps = ([\d.]+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")

STAR = "('018c00000000' || '70008000' || lpad(to_hex({n}), 12, '0'))::uuid"
SET_UP = (
    "INSERT INTO accounts_user (id, handle, locale, time_zone, sign_up_source, signed_up_at, status) "
    f"SELECT {STAR.format(n='n')}, 'bench_' || n, 'en', 'UTC', 'import', now(), 'active' "
    f"FROM generate_series(1, {PERFORMERS}) n",
    "INSERT INTO performers_performerprofile (id, user_id, stage_name, slug, headline, biography, pronouns, "
    "displayed_location, status, submitted_at, verified_at) "
    f"SELECT {STAR.format(n='n')}, {STAR.format(n='n')}, 'Bench ' || n, 'bench-' || n, '', '', '', '', 'verified', "
    f"now(), now() FROM generate_series(1, {PERFORMERS}) n",
    "CREATE TABLE bench_written (id uuid PRIMARY KEY DEFAULT uuidv7(), words text)",
    "CREATE TABLE bench_counter (id uuid PRIMARY KEY, value bigint NOT NULL)",
    f"INSERT INTO bench_counter VALUES ({STAR.format(n=1)}, 0)",
    "GRANT ALL ON bench_written, bench_counter TO vbl_owner",
)
WRITE = "INSERT INTO bench_written (words) VALUES ('A tip');"
APPEND = (
    f"SELECT engagement_counters_record(ARRAY['performer'], ARRAY[{STAR.format(n=1)}], ARRAY['tips'], ARRAY[1], "
    f"ARRAY[{STAR.format(n=1)}]);"
)
UPDATE = f"UPDATE bench_counter SET value = value + 1 WHERE id = {STAR.format(n=1)};"
FILL = (
    "INSERT INTO engagement_counterdelta (id, subject_type, subject, kind, performer_id, change, is_correction) "
    f"SELECT uuidv7(), 'performer', {STAR.format(n=f'1 + n % {PERFORMERS}')}, 'tips', "
    f"{STAR.format(n=f'1 + n % {PERFORMERS}')}, 1, false FROM generate_series(1, {{size}}) n"
)
FOLD = "SELECT engagement_counters_fold()"


@dataclass(frozen=True)
class Way:
    """How a transaction counts; `folded`: a fold runs twice a second beside it."""

    name: str
    count: str
    folded: bool = False


UPDATED = Way("the row is updated", UPDATE)
WAYS = (
    UPDATED,
    Way("a delta is appended", APPEND),
    Way("appended, and folded all the while", APPEND, folded=True),
    Way("nothing is counted", ""),
)


def measure(place: Place) -> None:
    """Writers of every kind in turn, then folds of two sizes."""
    with place.filling() as filling:
        for statement in SET_UP:
            filling.execute(statement)  # type: ignore[call-overload]
    for rest in RESTS:
        rates = {(way, count): _rate(place, way, count, rest) for count in WRITERS for way in WAYS}
        table(
            (
                f"Transactions a second, {rest} ms of rest",
                *(words for count in WRITERS for words in (f"{count} writers", "÷ updated")),
            ),
            [
                (
                    way.name,
                    *(
                        words
                        for count in WRITERS
                        for words in (
                            f"{rates[way, count]:,.0f}",
                            f"{rates[way, count] / rates[UPDATED, count]:.2f}",
                        )
                    ),
                )
                for way in WAYS
            ],
        )
    _proven(place)
    _folds(place)


def _rate(place: Place, way: Way, writers: int, rest: int) -> float:
    """Transactions a second. Raises RuntimeError when one of them failed."""
    pause = f"\\sleep {rest} ms\n" if rest else ""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "write.sql"
        script.write_text(f"BEGIN;\n{way.count}\n{WRITE}\n{pause}COMMIT;\n")
        with _folding(place) if way.folded else _nobody():
            for seconds in (WARM_UP, place.seconds):
                done = _pgbench(place, script, writers, seconds)
    return done


def _pgbench(place: Place, script: Path, writers: int, seconds: int) -> float:
    known = conninfo_to_dict(place.url)
    done = subprocess.run(
        [
            place.installation.program("pgbench"),
            *("--no-vacuum", "--protocol=prepared", f"--client={writers}", f"--jobs={min(writers, 2)}"),
            *(f"--time={seconds}", f"--file={script}"),
        ],
        env={
            **place.installation.environment(),
            "PGHOST": str(known["host"]),
            "PGPORT": str(known["port"]),
            "PGUSER": str(known["user"]),
            "PGPASSWORD": str(known["password"]),
            "PGDATABASE": str(known["dbname"]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    rate, failed = RATE.search(done.stdout), FAILED.search(done.stdout)
    if done.returncode or not rate or (failed and int(failed[1])) or "ERROR" in done.stderr:
        raise RuntimeError(f"{done.stdout}{done.stderr}"[-2000:])
    return float(rate[1])


@contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextmanager
def _folding(place: Place) -> Iterator[None]:
    """Folds beside what happens in the block."""
    over = threading.Event()

    def fold() -> None:
        with psycopg.connect(place.url, autocommit=True) as connection:
            while not over.wait(1 / FOLDS_PER_SECOND):
                connection.execute(FOLD)

    folder = threading.Thread(target=fold)
    folder.start()
    try:
        yield
    finally:
        over.set()
        folder.join()


def _settled(connection: psycopg.Connection) -> None:
    """Wait until all that ran when this was called is over."""
    row = connection.execute("SELECT pg_current_xact_id()::text::numeric").fetchone()
    while row and connection.execute(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric <= %s", row
    ).fetchone() == (True,):
        time.sleep(0.02)


def _proven(place: Place) -> None:
    """Raises RuntimeError unless the counter is the sum of what was appended."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        _settled(connection)
        connection.execute(FOLD)
        shown, appended = connection.execute(
            "SELECT (SELECT sum(value) FROM engagement_engagementcounter), "
            "(SELECT sum(change) FROM engagement_counterdelta)"
        ).fetchone() or (None, None)
    if shown != appended:
        raise RuntimeError(f"The counters show {shown} of {appended}.")
    print(f"{appended:,} changes were appended and folded, none twice.\n", flush=True)


def _folds(place: Place) -> None:
    """What one fold of so many deltas takes."""
    rows = []
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        for size in place.sizes:
            connection.execute(FILL.format(size=size))  # type: ignore[call-overload]
            connection.execute("ANALYZE engagement_counterdelta")
            _settled(connection)
            folded = cost(connection, partial(_fold, connection, size))
            rows.append((f"{size:,}", str(folded), f"{size / folded.seconds:,.0f}"))
    table(("Deltas of 100 counters", "one fold", "deltas a second"), rows)


def _fold(connection: psycopg.Connection, size: int) -> None:
    """One fold. Raises RuntimeError unless it took so many deltas."""
    taken = connection.execute(FOLD).fetchone()
    if taken != (size,):
        raise RuntimeError(f"A fold took {taken} of {size} deltas.")
