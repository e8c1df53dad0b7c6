"""Sealing in tests: events that are committed, tampering by a superuser, verification with the keys of the run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from audit.models import Event, Seal
from audit.seals.report import Report
from audit.seals.signing import RingKeys
from audit.seals.verification import trail_verify
from audit.services.seals import events_seal
from core.models.identity import uuid7
from tests.database import Databases
from tests.sql import run

RECORD = (
    "SELECT audit_record('restriction_placed', 'accounts.user', %s, '{status}', '{\"kind\": \"chat\"}', "
    "'ann', 'bob', '10.0.0.1', 'spam')"
)


PATIENCE = 120.0
"""Seconds to wait for the tests of other workers."""


def write(count: int = 1) -> list[UUID]:
    """Record events, each in a transaction of its own; returns their ids in order."""
    ids = []
    for _ in range(count):
        with transaction.atomic():
            ((event_id,),) = run(RECORD, [uuid7()])
        ids.append(event_id)
    return ids


def settle() -> None:
    """Wait until whatever ran when this was called has ended.

    Transaction numbers are the cluster's, so that a test of another worker, in another database, holds the horizon
    back.
    """
    ((now,),) = run("SELECT pg_current_xact_id()::text::numeric")
    deadline = time.monotonic() + PATIENCE
    while run("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric")[0][0] <= now:
        assert time.monotonic() < deadline, "a transaction of somebody else does not end"
        time.sleep(0.02)


def seal(**options: Any) -> list[Seal]:
    """Seal all that is committed."""
    settle()
    return list(events_seal(**options))


def verify(**options: Any) -> Report:
    """The report on the trail, with the public keys of the ring."""
    return trail_verify(**{"keys": RingKeys(), **options})


def faults(report: Report) -> list[tuple[str, int | None, UUID | None]]:
    """What was found, without the words."""
    return [(finding.fault.value, finding.seal, finding.event) for finding in report.findings]


@dataclass
class Trail:
    """A sealed trail, and a superuser who can do anything to it: no trigger, no policy, no constraint of a key."""

    superuser: str
    events: list[UUID] = field(default_factory=list)

    def tamper(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Execute a statement past every trigger; returns how many rows it hit."""
        with psycopg.connect(self.superuser, autocommit=True) as attacker:
            attacker.execute("SET session_replication_role = replica")
            attacker.execute("SET search_path = vbl, extensions")
            return attacker.execute(statement, parameters).rowcount  # type: ignore[arg-type]


def trail_of(databases: Databases, build: Callable[[], list[UUID]]) -> Trail:
    """The trail of this test's database after `build`."""
    conninfo = make_conninfo(databases.superuser, dbname=connection.settings_dict["NAME"])
    return Trail(conninfo, build())


def uncovered() -> int:
    """How many events have no leaf."""
    return Event.objects.extra(
        where=["NOT EXISTS (SELECT FROM audit_sealleaf l WHERE l.id = audit_event.id)"]
    ).count()


def four_seals() -> list[UUID]:
    """Four seals: of five, three, four and two events; one event is not sealed yet."""
    written = []
    for count in (5, 3, 4, 2):
        written += write(count)
        seal()
    return written + write()


def kinds(findings: list[tuple[str, int | None, UUID | None]]) -> set[str]:
    """Which faults were found, whatever they were found in."""
    return {fault for fault, _, _ in findings}
