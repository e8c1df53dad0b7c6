"""Jobs of the tests. Their effect is a row in `effect`, a table that the tests make."""

from uuid import UUID

from django.db import connection

from core.errors import Refused
from core.jobs.job import job
from core.jobs.retries import Backoff

GATE = 4711
"""The advisory lock behind which a job waits while a test holds it."""

SOON = Backoff(attempts=3, first=0.01, longest=0.02)


def write(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (what) VALUES (%s)", [what])


@job(name="test_effect", retry=SOON)
def effect(what: str) -> None:
    write(what)


@job(name="test_gated_effect", retry=SOON)
def gated_effect(what: str) -> None:
    """Writes, and then waits for the test before it ends."""
    write(what)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])


@job(name="test_refused", retry=SOON)
def refused() -> None:
    write("refused")
    raise Refused("The moon is in the wrong quarter.")


@job(name="test_broken", retry=SOON)
def broken() -> None:
    write("broken")
    raise ValueError("bob@example.org is no number")


@job(name="test_outside", retry=SOON, atomic=False)
def outside(what: str, idempotency_key: UUID) -> None:
    """Stands for a call to a provider, which would be given the key."""
    write(f"{what} {idempotency_key}")


@job(name="test_gated_failure", retry=SOON)
def gated_failure() -> None:
    """Waits for the test, and then fails."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [GATE])
    raise ValueError("no luck")
