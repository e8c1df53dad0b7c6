"""How long an archive of a million rows takes, and how much memory: `python -m benchmarks.personal_archive [--rows N]`.

Makes a throw-away database, gives one person that many attempts to sign in, makes the archive of their data and reads
it again as it is handed out. Prints rows, bytes, seconds, and the largest memory of
the process (resident, as the kernel counts it) above what it needed before.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

MEGABYTE = 2**20

FILL = (
    "INSERT INTO accounts_loginevent (id, user_id, succeeded, failure, address, user_agent) "
    "SELECT uuidv7(), %s, true, NULL, '198.51.100.7', 'Firefox ' || n FROM generate_series(1, %s) AS n"
)


def peak() -> float:
    """The largest resident memory of this process until now, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(person: Any, rows: int) -> None:
    """That many attempts to sign in, written as the owner."""
    from core.db.context import acting
    from core.db.roles import Role
    from tests.sql import affected

    with acting(Role.OWNER):
        affected("SET LOCAL statement_timeout = 0")
        affected(FILL, [person.pk, rows])


def measure(rows: int) -> Iterator[str]:
    """One line for each step."""
    from tests.accounts.factories import UserFactory
    from tests.audit.personal_data.archives import made, opened, running

    person = UserFactory()
    request = running(person)
    yield f"small archive: {made(request).rows} rows"
    bulky = UserFactory()
    fill(bulky, rows)
    request = running(bulky)
    before, start = peak(), time.perf_counter()
    archive = made(request)
    took = time.perf_counter() - start
    yield (
        f"made: {archive.rows:,} rows, ZIP {archive.content_bytes / MEGABYTE:.1f} MB, {took:.1f} s, "
        f"{archive.rows / took:,.0f} rows a second, {peak() - before:.1f} MB more memory"
    )
    before, start = peak(), time.perf_counter()
    handed_out = sum(len(chunk) for chunk in opened(archive).content)
    yield (
        f"handed out: {handed_out / MEGABYTE:.1f} MB, {time.perf_counter() - start:.1f} s, "
        f"{peak() - before:.1f} MB more memory"
    )


def main() -> None:
    """Make the database, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    from tests.database import databases

    with databases() as made_databases, tempfile.TemporaryDirectory() as directory:
        name = f"{made_databases.run}_bench"
        made_databases.clone(name)
        os.environ["TEST_DATABASE_URL"] = made_databases.url(name)
        import django

        django.setup()
        from django.conf import settings

        settings.STORAGES = {
            **settings.STORAGES,
            "personal_archives": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": directory},
            },
        }
        for line in measure(options.rows):
            print(line, flush=True)


if __name__ == "__main__":
    main()
