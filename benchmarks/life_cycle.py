"""What the life cycle of rows costs: `python -m benchmarks.life_cycle [NAME ...] [--sizes N ...] [--seconds N]`.

Each part stands in a module of its own, and measures beside a baseline on the same server, so that what else the
machine does meets both; what counts are the ratios. Prints tables in Markdown.

- `months`: a month that is dropped, and the same month deleted row by row (`benchmarks.life_cycle_months`)
- `counters`: deltas that are appended and folded, and a row that everybody updates (`benchmarks.life_cycle_counters`)
- `archive`: a month of the trail that goes to the archive and comes back (`benchmarks.life_cycle_archive`)
"""

import argparse
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from benchmarks import life_cycle_archive, life_cycle_counters, life_cycle_months
from benchmarks.life_cycle_place import Place

PARTS: dict[str, Callable[[Place], None]] = {
    "months": life_cycle_months.measure,
    "counters": life_cycle_counters.measure,
    "archive": life_cycle_archive.measure,
}
"""A part more is a module beside these and a line here."""

SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")


def main() -> None:
    """Make a database for each part, and measure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all without")
    arguments.add_argument("--sizes", type=int, nargs=2, default=[100_000, 1_000_000], help="numbers of rows")
    arguments.add_argument("--seconds", type=int, default=8, help="of each measurement of writers")
    chosen = arguments.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        arguments.error(f"there is no part {', '.join(sorted(unknown))}")

    from core.embedded.binaries import find_installation
    from tests.database import databases

    with tempfile.TemporaryDirectory() as room, databases() as made:
        name = f"{made.run}_bench"
        made.clone(name)
        os.environ["TEST_DATABASE_URL"] = os.environ["DATABASE_URL"] = made.url(name)
        import django

        django.setup()
        from django.db import connection

        place = Place(
            url=made.url(name),
            superuser=make_conninfo(made.superuser, dbname=name),
            installation=find_installation(Path(room)),
            sizes=tuple(sorted(chosen.sizes)),
            seconds=chosen.seconds,
        )
        with psycopg.connect(place.url) as asking:
            known = [
                f"{setting} {(asking.execute('SELECT current_setting(%s)', [setting]).fetchone() or ('',))[0]}"
                for setting in SETTINGS
            ]
        print(f"{', '.join(known)}; processors {os.cpu_count()}, load before {os.getloadavg()[0]:.1f}")
        print(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}\n", flush=True)
        for part in chosen.parts or PARTS:
            PARTS[part](place)
        connection.close()


if __name__ == "__main__":
    main()
