"""Background work: what it is, and how it is put into the queue.

    @job()
    def welcome_send(user_id: UUID) -> None: ...

    welcome_send.enqueue(user_id=user.pk)

The work is enqueued in the transaction that causes it: rolled back with it, seen by a worker only after its commit.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.module_loading import autodiscover_modules

from core.db.names import PATTERN
from core.db.roles import Role
from core.jobs.arguments import written
from core.jobs.errors import JobUnknown
from core.jobs.retries import Backoff

DEFAULT = "default"
MAINTENANCE = "maintenance"
"""The queue whose work runs with the rights of the owner; only the owner can give work to it."""

IDEMPOTENCY_KEY = "idempotency_key"

_jobs: dict[str, "Job"] = {}


@dataclass(frozen=True)
class Job:
    """One kind of background work; made by the decorator `job`.

    An `atomic` job runs as its role in one transaction, together with its receipt: its effect happens once. One that
    is not atomic makes its own transactions, or calls something outside of the database; it may happen twice when
    its worker is killed, so it bears that, or hands the parameter `idempotency_key` on to whom it calls.
    """

    name: str
    function: Callable[..., Any]
    queue: str = DEFAULT
    retry: Backoff = field(default_factory=Backoff)
    atomic: bool = True

    @property
    def role(self) -> Role:
        """In which role it runs."""
        return Role.OWNER if self.queue == MAINTENANCE else Role.WORKER

    @property
    def wants_key(self) -> bool:
        """Whether the function takes the idempotency key."""
        code = getattr(self.function, "__code__", None)
        return (
            code is not None
            and IDEMPOTENCY_KEY in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        )

    def enqueue(self, *, run_at: datetime | None = None, key: str | None = None, **arguments: Any) -> int:
        """Put the work into the queue, in the present transaction; returns the number of the job.

        `run_at`: not before (UTC). With a `key`, the same work waits only once: where a job of this name and key
        waits already, its number is returned and nothing is added; it runs after this transaction has ended. The
        acting person and the request are carried along. Raises BadArguments.
        """
        supplied = (IDEMPOTENCY_KEY,) if self.wants_key else ()
        values = written(self.function, arguments, supplied=supplied)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT job_enqueue(%s, %s, %s::jsonb, %s, %s)",
                [self.queue, self.name, json.dumps(values), key, run_at],
            )
            (number,) = cursor.fetchone()
        return int(number)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work here and now, as any function."""
        return self.function(*args, **kwargs)


def job(
    *, name: str = "", queue: str = DEFAULT, retry: Backoff | None = None, atomic: bool = True
) -> Callable[[Callable[..., Any]], Job]:
    """Make background work of a function of an app's `jobs` module; its name by default is that of the function.

    The arguments are ids and other small values, never personal data. Raises ValueError for a name that is taken or
    not in lower case.
    """

    def declare(function: Callable[..., Any]) -> Job:
        return register(
            Job(
                name=name or function.__name__,
                function=function,
                queue=queue,
                retry=retry or Backoff(),
                atomic=atomic,
            )
        )

    return declare


def register(declared: Job) -> Job:
    """Add a job to those that workers know. Raises ValueError for a name that is taken or not in lower case."""
    if not PATTERN.fullmatch(declared.name):
        raise ValueError(f"{declared.name!r} is no name for a job: write it in lower case, as welcome_send.")
    if declared.name in _jobs:
        raise ValueError(f"There are two jobs called {declared.name}.")
    _jobs[declared.name] = declared
    return declared


def known_jobs() -> dict[str, Job]:
    """Every job of this release by name: those of the apps' `jobs` modules, and those of the schedule."""
    from core.jobs.schedule import scheduled_jobs

    autodiscover_modules("jobs")
    return {**_jobs, **scheduled_jobs()}


def job_named(name: str) -> Job:
    """The job of this name. Raises JobUnknown, saying what to do."""
    try:
        return known_jobs()[name]
    except KeyError:
        raise JobUnknown(unknown_words(name)) from None


def unknown_words(name: str) -> str:
    """The sentence about a job whose code is gone."""
    return (
        f"This release has no job called {name}: it was renamed or removed while work of it waited. Deploy a release "
        f"that has it and run this again, or give it up."
    )
