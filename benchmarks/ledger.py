"""How many tips a second the ledger takes: `python -m benchmarks.ledger [--seconds N] [--pgledger FILE ...]`.

Tips of a thousand viewers go to one performer, over 1, 8 and 32 connections, and by one in batches of 1,000. Peers run
in turn with it on the same server, so that what else the machine does meets all of them; what counts are the ratios.
Prints tables in Markdown, and ends with 1 where the books do not prove afterwards.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from benchmarks.ledger_peers import BARE, BATCH, LEGS, LOCKING, OURS, WALLETS, Design, pgledger

CONNECTIONS = (1, 8, 32)
DONE = re.compile(r"number of transactions actually processed: (\d+)")
FAILED = re.compile(r"number of failed transactions: (\d+)")
WARM_UP = 4
"""Seconds at the beginning of each run that do not count: every connection plans its statements and fills its caches.
A site keeps its connections for hours."""


class Bench:
    """One throw-away database, and pgbench against it."""

    def __init__(self, url: str, program: str, environment: dict[str, str]) -> None:
        self.url, self.program = url, program
        known = conninfo_to_dict(url)
        self.environment = {
            **environment,
            "PGHOST": str(known["host"]),
            "PGPORT": str(known["port"]),
            "PGUSER": str(known["user"]),
            "PGPASSWORD": str(known["password"]),
            "PGDATABASE": str(known["dbname"]),
        }

    def run(self, statement: str) -> None:
        """As the owner, whatever it takes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute(statement)  # type: ignore[call-overload]

    def tips(self, design: Design, connections: int, seconds: int) -> tuple[float, float]:
        """Tips a second, and the latency in milliseconds that 99 of 100 do not exceed.

        Raises RuntimeError when one of them failed.
        """
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "tip.sql"
            tip = " ".join(design.tip.replace("{wallet}", ":wallet").split())
            script.write_text(f"\\set wallet random(1, {WALLETS})\n{tip}\n")
            done = subprocess.run(
                [
                    self.program,
                    *("--no-vacuum", f"--client={connections}", f"--jobs={min(connections, 2)}"),
                    *(
                        f"--time={WARM_UP + seconds}",
                        f"--file={script}",
                        "--log",
                        f"--log-prefix={folder}/log",
                    ),
                ],
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            count, failed = (pattern.search(done.stdout) for pattern in (DONE, FAILED))
            if done.returncode or not count or (failed and int(failed[1])) or done.stderr.count("ERROR"):
                raise RuntimeError(f"{design.name}: {done.stdout}{done.stderr}"[-2000:])
            ended = sorted(
                (int(second) + int(microsecond) / 1e6, int(wait))
                for log in Path(folder).glob("log.*")
                for _, _, wait, _, second, microsecond in map(str.split, log.read_text().splitlines())
            )
        first = ended[0][0] - ended[0][1] / 1e6 + WARM_UP
        waits = [wait for at, wait in ended if at >= first]
        return len(waits) / (ended[-1][0] - first), statistics.quantiles(waits, n=100)[98] / 1000

    def batches(self, design: Design, rounds: int) -> float:
        """Tips a second of the median batch of 1,000, one transaction each."""
        times = []
        with psycopg.connect(self.url, autocommit=True) as connection:
            for turn in range(rounds + 1):
                start = time.perf_counter()
                connection.execute(design.batch)  # type: ignore[call-overload]
                if turn:
                    times.append(time.perf_counter() - start)
        return BATCH / statistics.median(times)

    def copies(self, rounds: int) -> float:
        """The same four thousand rows, put in by COPY: tips a second of the median."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            rows = connection.execute(
                f"SELECT uuidv7(), uuidv7(), uuidv7(), 10, 'TOKEN' FROM generate_series(1, {4 * BATCH})"
            ).fetchall()
            times = []
            for _ in range(rounds):
                connection.execute("CREATE TABLE bench_copied (LIKE bench_bare INCLUDING ALL)")
                start = time.perf_counter()
                with (
                    connection.cursor() as cursor,
                    cursor.copy(
                        "COPY bench_copied (id, entry_id, account_id, amount, currency) FROM STDIN"
                    ) as copy,
                ):
                    for row in rows:
                        copy.write_row(row)
                times.append(time.perf_counter() - start)
                connection.execute("DROP TABLE bench_copied")
        return BATCH / statistics.median(times)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table in Markdown."""
    print(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def measure(bench: Bench, designs: list[Design], seconds: int, rounds: int) -> None:
    """Run all of them in turn, and print what each did beside this ledger."""
    rates: dict[tuple[str, int], tuple[float, float]] = {}
    for connections in CONNECTIONS:
        for design in designs:
            rates[design.name, connections] = bench.tips(design, connections, seconds)
    rows = []
    for design in designs:
        cells = []
        for connections in CONNECTIONS:
            rate, wait = rates[design.name, connections]
            ours = rates[OURS.name, connections][0]
            cells += [f"{rate:,.0f}", f"{wait:.1f} ms", f"{ours / rate:.2f}"]
        rows.append((design.name, *cells))
    heads = [
        words for count in CONNECTIONS for words in (f"tips/s at {count}", "99 of 100 within", "ours ÷ it")
    ]
    table(("Design", *heads), rows)
    alone = {design.name: bench.batches(design, rounds) for design in designs}
    copied = bench.copies(rounds)
    table(
        ("Design", "tips/s in batches of 1,000", "ours ÷ it"),
        [
            *((name, f"{rate:,.0f}", f"{alone[OURS.name] / rate:.2f}") for name, rate in alone.items()),
            ("COPY of the rows", f"{copied:,.0f}", f"{alone[OURS.name] / copied:.2f}"),
        ],
    )
    for design in designs:
        print(f"- {design.name}: {design.words}")


def proven(bench: Bench) -> bool:
    """Whether the books prove after all of it."""
    with psycopg.connect(bench.url) as connection:
        (wrong,) = connection.execute(
            "SELECT count(*) FROM billing_ledgerproof WHERE difference <> 0"
        ).fetchone() or (1,)
        uneven = connection.execute(
            "SELECT currency FROM billing_trialbalanceline GROUP BY 1 HAVING sum(debit) <> sum(credit)"
        ).fetchall()
        (tips,) = connection.execute("SELECT count(*) FROM billing_journalentry").fetchone() or (0,)
    print(
        f"\n{tips:,} entries; {wrong} balances differ from their postings, {len(uneven)} currencies are uneven"
    )
    return not wrong and not uneven


def main() -> None:
    """Make a database, set every design up, measure, prove."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--seconds", type=int, default=10, help="for each design and number of connections"
    )
    arguments.add_argument("--rounds", type=int, default=15, help="batches of each design")
    arguments.add_argument("--pgledger", type=Path, nargs="*", default=[], help="its SQL files, in order")
    chosen = arguments.parse_args()

    from core.embedded.binaries import find_installation
    from tests.database import databases

    designs = [OURS, BARE, LOCKING, LEGS]
    with tempfile.TemporaryDirectory() as room, databases() as made:
        name = f"{made.run}_bench"
        made.clone(name)
        installation = find_installation(Path(room))
        bench = Bench(made.url(name), installation.program("pgbench"), installation.environment())
        if chosen.pgledger:
            designs.append(pgledger(";\n".join(path.read_text() for path in chosen.pgledger)))
        for design in designs:
            bench.run(design.set_up)
        bench.run("ANALYZE")
        with psycopg.connect(bench.url) as connection:
            settings: Any = [
                (setting, (connection.execute(f"SHOW {setting}").fetchone() or ("",))[0])  # type: ignore[call-overload]
                for setting in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
            ]
        print(", ".join(f"{setting} {value}" for setting, value in settings))
        print(f"processors {os.cpu_count()}, load before {os.getloadavg()[0]:.1f}\n")
        measure(bench, designs, chosen.seconds, chosen.rounds)
        if not proven(bench):
            sys.exit(1)


if __name__ == "__main__":
    main()
