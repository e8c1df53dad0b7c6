"""The schedule: which command runs when. `config.schedule` is the list; here is what an entry means."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import structlog
from croniter import croniter
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import import_string

from core.jobs.job import DEFAULT, MAINTENANCE, Job
from core.jobs.retries import Backoff

QUEUES = (DEFAULT, MAINTENANCE)
RETRY = Backoff(attempts=4, first=20, longest=15 * 60)
"""A scheduled job that failed is tried three times more, within about a quarter of an hour."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Scheduled:
    """One line of the schedule: a command of manage.py, when it runs, and what for.

    `cron` has five fields (minute, hour, day, month, weekday) in UTC, or a sixth of seconds. `queue` is MAINTENANCE
    for a command that connects as the owner of the tables. `options` are the command's.
    """

    command: str
    cron: str
    what_for: str
    queue: str = DEFAULT
    options: tuple[str, ...] = ()

    def next_run(self, after: datetime) -> datetime:
        """The first time after an instant at which it runs (UTC). Raises ValueError when `cron` makes no sense."""
        moment: datetime = croniter(self.cron, after.astimezone(UTC)).get_next(datetime)
        return moment

    @property
    def job(self) -> Job:
        """The entry as a job: it makes its own transactions and can be repeated, as every command of the schedule."""
        return Job(
            name=self.command,
            function=partial(run_command, self.command, *self.options),
            queue=self.queue,
            retry=RETRY,
            atomic=False,
        )


def run_command(command: str, *options: str) -> None:
    """Run a command in this process; what it says goes into the log."""
    said = io.StringIO()
    call_command(command, *options, stdout=said, stderr=said, no_color=True)
    logger.info("command ended", command=command, said=said.getvalue().strip()[-500:])


@cache
def schedule() -> tuple[Scheduled, ...]:
    """The entries of the list that settings.JOB_SCHEDULE names."""
    return tuple(import_string(settings.JOB_SCHEDULE))


def scheduled_jobs() -> dict[str, Job]:
    """The jobs of the schedule by name."""
    return {entry.command: entry.job for entry in schedule()}


def problems(entries: tuple[Scheduled, ...], commands: Any, owner_commands: Any) -> Iterator[str]:
    """What is wrong with a schedule, a sentence each."""
    seen: set[str] = set()
    for entry in entries:
        if entry.command in seen:
            yield f"{entry.command} stands there twice: give it one cron, such as 0 3,15 * * *."
        seen.add(entry.command)
        if entry.command not in commands:
            yield f"{entry.command} is no command of manage.py."
        if not croniter.is_valid(entry.cron):
            yield f"{entry.command}: the cron {entry.cron!r} makes no sense; write it as 15 2 * * *, in UTC."
        if entry.queue not in QUEUES:
            yield f"{entry.command}: no worker serves the queue {entry.queue}; choose one of {', '.join(QUEUES)}."
        elif (entry.queue == MAINTENANCE) != (entry.command in owner_commands):
            right, wrong = (
                (MAINTENANCE, DEFAULT) if entry.command in owner_commands else (DEFAULT, MAINTENANCE)
            )
            yield (
                f"{entry.command}: config.logins says how it connects, so its queue is {right}, not {wrong}."
            )
        if not entry.what_for.strip():
            yield f"{entry.command}: nobody can see what it is for."
