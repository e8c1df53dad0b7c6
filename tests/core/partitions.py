"""Partitions in tests: which there are, those that stand in the archive, and people at work on their tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import connection, transaction
from psycopg import errors, sql

from core.db.partitions.catalog import find_partitions, find_table
from core.db.provisioning_sql import LOGIN_SETTINGS
from core.db.roles import Role
from core.models.partitioned import Partitioned
from tests.sql import run

TIMEOUTS = ("lock_timeout", "statement_timeout")


def month(number: int, year: int = 2020) -> datetime:
    """The first instant of a month."""
    return datetime(year, number, 1, tzinfo=UTC)


def present(model: type[Partitioned]) -> list[str]:
    """Names of the attached partitions, in order."""
    table = find_table(connection, model)
    assert table is not None
    return [there.name for there in find_partitions(connection, table)]


def archived() -> list[str]:
    """Names of the tables in the archive."""
    return [
        name
        for (name,) in run(
            "SELECT relname FROM pg_class WHERE relnamespace = 'archive'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
    ]


def pending() -> list[str]:
    """Names of the partitions whose detachment was begun."""
    return [
        name
        for (name,) in run(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhdetachpending"
        )
    ]


class Apart(Thread):
    """Does something once, on a connection of its own whose process is known; keeps what came of it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.act = act
        self.process = 0
        self.outcome: Any = None
        self.began = Event()
        self.start()
        self.began.wait(timeout=30)

    def run(self) -> None:
        """Act. An exception is the outcome too."""
        try:
            ((self.process,),) = run("SELECT pg_backend_pid()")
            self.began.set()
            self.outcome = self.act()
        except Exception as error:
            self.outcome = error
        finally:
            connection.close()

    def waits(self) -> bool:
        """Whether the process waits for a lock; goes on looking until it does, or has ended."""
        asked = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
        while self.is_alive():
            if run(asked, [self.process])[0][0]:
                return True
            self.join(0.02)
        return False

    def end(self) -> Any:
        """What came of it, once it is over."""
        self.join()
        return self.outcome

    def terminate(self) -> Any:
        """Let the server end its connection, and return what came of it."""
        with transaction.atomic():
            # Only the login itself may end its other connections.
            run("SET LOCAL ROLE NONE")
            run("SELECT pg_terminate_backend(%s, 10000)", [self.process])
        return self.end()


@dataclass
class AtWork(Thread):
    """Somebody who does the same short transaction again and again, with the time-outs of the site's login.

    `may_fail` names the one refusal that is no failure.
    """

    url: str
    role: Role
    act: Callable[[psycopg.Connection], Any]
    stop: Event
    may_fail: type[psycopg.Error] | None = None
    done: list[Any] = field(default_factory=list)
    refused: int = 0
    failure: Exception | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Work until told to stop, or until something fails."""
        try:
            with psycopg.connect(self.url, autocommit=True) as own:
                for name in TIMEOUTS:
                    own.execute("SELECT set_config(%s, %s, false)", [name, LOGIN_SETTINGS[Role.APP][name]])
                while not self.stop.is_set():
                    self._once(own)
        except Exception as failure:
            self.failure = failure

    def _once(self, own: psycopg.Connection) -> None:
        try:
            with own.transaction():
                own.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(self.role.value)))
                result = self.act(own)
        except errors.Error as refusal:
            if self.may_fail is None or not isinstance(refusal, self.may_fail):
                raise
            self.refused += 1
        else:
            # Only what the database said is committed counts.
            self.done.append(result)


class Crew:
    """Several who are at work at the same time, until the block ends."""

    def __init__(self, url: str) -> None:
        self.url, self.stop = url, Event()
        self.people: list[AtWork] = []

    def add(self, role: Role, act: Callable[[psycopg.Connection], Any], **options: Any) -> AtWork:
        """Somebody more."""
        self.people.append(AtWork(self.url, role, act, self.stop, **options))
        return self.people[-1]

    def __enter__(self) -> Self:
        for person in self.people:
            person.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        for person in self.people:
            person.join()

    def go_on(self, times: int = 3) -> None:
        """Wait until everybody has done so much more; who failed is not waited for."""
        wanted = {person: len(person.done) + person.refused + times for person in self.people}
        while any(
            person.is_alive() and len(person.done) + person.refused < count
            for person, count in wanted.items()
        ):
            self.stop.wait(0.01)

    @property
    def failures(self) -> list[Exception]:
        """What went wrong, of everybody."""
        return [person.failure for person in self.people if person.failure is not None]
