"""Runs of jobs, told to whoever keeps a record of them. Nothing here knows who does."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.dispatch import Signal

run_begun = Signal()
"""Sent before a job does anything: `run`."""

run_ended = Signal()
"""Sent after a job has ended, well or not: `run`, whose `failure` is then the exception."""


@dataclass
class Run:
    """One run of a job. The job adds up in `counts` what it does; `record` is the listener's, to find it again."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    failure: BaseException | None = None
    record: object = None


@contextmanager
def run_of(name: str) -> Iterator[Run]:
    """Run a job under a record: its beginning, its end, its counts, and its failure if it fails.

    `name` is that of the command: `partitions_maintain`. Open it outside of any transaction: each of the two
    signals is then recorded in one of its own, and the counts of a failed run are kept although its work is undone.
    The failure goes on to the caller, interruption by the keyboard included.
    """
    run = Run(name)
    run_begun.send(sender=Run, run=run)
    try:
        yield run
    except BaseException as failure:
        run.failure = failure
        run_ended.send(sender=Run, run=run)
        raise
    run_ended.send(sender=Run, run=run)
