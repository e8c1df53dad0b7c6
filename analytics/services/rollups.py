"""Roll-ups run: touches that are final are taken, their buckets computed whole, and what depends on them touched.

All of it in one transaction under the lock of the roll-up's state: killed anywhere, nothing happened, and the next run
does it. A touch is final when no transaction runs that is older than its own (`analytics_horizon`): "up to the latest
touch" would pass by those that commit later. What is touched meanwhile waits for the next run.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from analytics.announcements import rollup_rebuilt
from analytics.errors import RebuildRefused
from analytics.models import RollupState
from analytics.rollups.engine import Bucket, Rollup, Touch, rollup_of, rollups
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role

MOST_BUCKETS = 2_000
"""Buckets that one transaction computes."""

MOST_TOUCHES = 20_000
"""Touches that one transaction takes: many may be of one bucket."""

LONGEST_REBUILD = 400
"""Days that one rebuild covers."""

AT_ONCE = 5_000
"""Touches that one statement writes."""

TAKE = """
SELECT t.moment, t.id, t.subject, t.start FROM analytics_rolluptouch t
WHERE t.rollup = %s AND (t.moment, t.id) > (%s, %s) AND t.moment < %s
ORDER BY t.moment, t.id LIMIT %s
"""
WRITE = """
INSERT INTO analytics_rolluptouch (id, rollup, subject, start)
SELECT uuidv7(), u.rollup, u.subject, u.start
FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[]) u (rollup, subject, start)
"""
WAITING = """
SELECT count(DISTINCT (t.subject, t.start)), min(t.created_at) FROM analytics_rolluptouch t
WHERE t.rollup = %s AND (t.moment, t.id) > (%s, %s)
"""


@dataclass(frozen=True, kw_only=True)
class RollupRun:
    """What one transaction of a roll-up did. `is_caught_up`: nothing that was final is left.

    `buckets` were computed, `closed` were not, because their sources are gone by retention.
    """

    name: str
    touches: int
    buckets: int
    closed: int
    touched: int
    is_caught_up: bool


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What waits for a roll-up: distinct buckets, and since when the oldest touch does."""

    name: str
    buckets: int
    since: dt.datetime | None


def touches_record(*, touches: Iterable[Touch]) -> int:
    """Have buckets computed anew, in the transaction of what changed; how many distinct ones. As the worker.

    Locks: nothing; nobody waits.
    """
    distinct, count = iter(sorted(set(touches))), 0
    while batch := list(islice(distinct, AT_ONCE)):
        with connection.cursor() as cursor:
            cursor.execute(
                WRITE, [[t.rollup for t in batch], [t.subject for t in batch], [t.start for t in batch]]
            )
        count += len(batch)
    return count


@transaction.atomic
def rollup_run(*, name: str, most: int = MOST_BUCKETS) -> RollupRun:
    """Compute what touched a roll-up since its last run, at most `most` buckets. Runs as the worker.

    Locks: the state of the roll-up; another run waits, nobody who writes does. Raises: ValueError (no such roll-up).
    """
    rollup = _known(name)
    with acting(Role.WORKER):
        state = _state_locked(name)
        # After the lock: a horizon from before it could lie behind what the run before has done.
        horizon = max(_horizon(), state.until)
        taken, buckets, is_all = _take(state, horizon, most)
        now = database_now()
        earliest = rollup.earliest(now)
        open_buckets = sorted(each for each in buckets if earliest is None or each.start >= earliest)
        touched = touches_record(touches=rollup.compute(open_buckets)) if open_buckets else 0
        state.until, state.after = (horizon, UUID(int=0)) if is_all else taken[-1]
        state.touches += len(taken)
        state.buckets += len(open_buckets)
        state.runs += bool(open_buckets)
        state.ran_at = now
        state.caught_up_at = state.ran_at if is_all else state.caught_up_at
        state.save(
            update_fields=[
                "until",
                "after",
                "touches",
                "buckets",
                "runs",
                "ran_at",
                "caught_up_at",
                "updated_at",
            ]
        )
    return RollupRun(
        name=name,
        touches=len(taken),
        buckets=len(open_buckets),
        closed=len(buckets) - len(open_buckets),
        touched=touched,
        is_caught_up=is_all,
    )


def rollups_run(*, most: int = MOST_BUCKETS, rounds: int = 1_000) -> list[RollupRun]:
    """Run every roll-up until it has caught up, each after those that it reads; at most `rounds` transactions of each.

    One transaction each time, so that what is done stays done. Locks: as `rollup_run`.
    """
    done = []
    for rollup in rollups():
        for _ in range(rounds):
            run = rollup_run(name=rollup.name, most=most)
            done.append(run)
            if run.is_caught_up:
                break
    return done


def rollups_waiting() -> list[Waiting]:
    """What waits for each roll-up, what is not final yet included; changes nothing. Runs as the worker."""
    found = []
    with acting(Role.WORKER), connection.cursor() as cursor:
        states = {state.name: state for state in RollupState.objects.all()}
        for rollup in rollups():
            state = states.get(rollup.name, RollupState(name=rollup.name))
            cursor.execute(WAITING, [rollup.name, state.until, state.after])
            buckets, since = cursor.fetchone()
            found.append(Waiting(name=rollup.name, buckets=buckets, since=since))
    return found


@transaction.atomic
def rollup_rebuild(
    *,
    name: str,
    since: dt.date,
    until: dt.date,
    subject_id: UUID | None = None,
    actor: User | None,
    reason: str,
) -> int:
    """Have every bucket of `[since, until)` (days in UTC) computed anew by the next runs; how many. As the worker.

    It touches and computes nothing itself: events may come in meanwhile, and nothing is counted twice. Locks: nothing.
    Raises: RebuildRefused (no such roll-up, an empty range, one of more than 400 days or from before its sources, no
    reason). Announces: `rollup_rebuilt`.
    """
    rollup = rollup_of(name)
    if rollup is None:
        known = ", ".join(each.name for each in rollups()) or "none"
        raise RebuildRefused(f"There is no roll-up {name!r}; there are: {known}.")
    if until <= since:
        raise RebuildRefused(
            f"The range ends ({until}) before it begins ({since}): name the day after its last."
        )
    if (days := (until - since).days) > LONGEST_REBUILD:
        raise RebuildRefused(
            f"A rebuild covers {LONGEST_REBUILD} days at most, and this are {days}: rebuild a part at a time."
        )
    if not reason.strip():
        raise RebuildRefused("Say why the figures are computed anew.")
    first, last = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (since, until))
    with acting(Role.WORKER, user_id=actor.pk if actor else None):
        if (earliest := rollup.earliest(database_now())) is not None and first < earliest:
            raise RebuildRefused(
                f"What {name} is counted from is kept since {earliest:%Y-%m-%d}: begin no earlier, the figures before "
                "stay as they are."
            )
        state = _state(name)
        count = touches_record(
            touches=(
                Touch(name, bucket.subject, bucket.start)
                for bucket in rollup.standing(first, last, subject_id)
            )
        )
        rollup_rebuilt.send(
            sender=RollupState,
            actor=actor,
            subject=state,
            reason=reason,
            detail={"since": since.isoformat(), "until": until.isoformat(), "buckets": count},
        )
    return count


def _known(name: str) -> Rollup:
    rollup = rollup_of(name)
    if rollup is None:
        raise ValueError(f"There is no roll-up {name!r}.")
    return rollup


def _state(name: str) -> RollupState:
    RollupState.objects.bulk_create([RollupState(name=name)], ignore_conflicts=True)
    return RollupState.objects.get(name=name)


def _state_locked(name: str) -> RollupState:
    _state(name)
    return RollupState.objects.select_for_update().get(name=name)


def _horizon() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT analytics_horizon()")
        return int(cursor.fetchone()[0])


def _rows(state: RollupState, horizon: int) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [state.name, state.until, state.after, horizon, MOST_TOUCHES])
        yield from cursor.fetchall()


def _take(state: RollupState, horizon: int, most: int) -> tuple[list[tuple[int, UUID]], set[Bucket], bool]:
    """The touches to take, in order, their buckets, and whether that is all up to the horizon."""
    taken: list[tuple[int, UUID]] = []
    buckets: set[Bucket] = set()
    for moment, key, subject, start in _rows(state, horizon):
        bucket = Bucket(subject, start)
        if bucket not in buckets and len(buckets) == most:
            return taken, buckets, False
        buckets.add(bucket)
        taken.append((moment, key))
    return taken, buckets, len(taken) < MOST_TOUCHES
