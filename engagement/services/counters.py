"""Counters: changes are appended, a job folds them, another one proves them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

from core.db.context import acting
from core.db.refusals import DATABASE_REFUSALS, refused_as
from core.db.roles import Role
from engagement.errors import CounterRefused
from engagement.models import EngagementCounter
from engagement.tie_choices import KEPT_BY_TRIGGERS, CounterKind, CounterSubject

RECORD = "SELECT engagement_counters_record(%s::text[], %s::uuid[], %s::text[], %s::integer[], %s::uuid[])"
EXACT = """
SELECT a.subject, a.kind, sum(a.value)::bigint FROM (
  SELECT c.subject, c.kind, c.value FROM engagement_engagementcounter c
  WHERE c.subject = ANY (%(subjects)s::uuid[]) AND c.kind = ANY (%(kinds)s::text[])
  UNION ALL
  SELECT d.subject, d.kind, d.change FROM engagement_counterdelta d
  WHERE d.subject = ANY (%(subjects)s::uuid[]) AND d.kind = ANY (%(kinds)s::text[])
    AND d.moment >= (SELECT coalesce(max(f.until), 0) FROM engagement_counterfold f)
) a GROUP BY a.subject, a.kind
"""
DIFFERENCES = (
    "SELECT d.subject_type, d.subject, d.kind, d.performer_id, d.shown, d.counted "
    "FROM engagement_counters_differences() d LIMIT %s"
)
MOST_DIFFERENCES = 100
MOST_IN_ONE_CORRECTION = (
    "A figure is wrong by more than a thousand million: nothing was corrected, look at it by hand."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CounterDelta:
    """A change of one counter. `subject_id` is a performer, stream, archive or room, all of them of the performer."""

    subject_type: CounterSubject | str
    subject_id: UUID
    kind: CounterKind | str
    amount: int
    performer_id: UUID


@dataclass(frozen=True, slots=True)
class Difference:
    """A counter that is not the number of its rows."""

    subject_type: str
    subject_id: UUID
    kind: str
    performer_id: UUID
    shown: int
    counted: int

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_type} {self.subject_id}: shown {self.shown}, counted {self.counted}"


@transaction.atomic
def counters_record(*, deltas: Sequence[CounterDelta]) -> None:
    """Append changes of counters, in one statement and the transaction of what is counted; nobody waits for anybody.

    Changes of one counter are added up; a sum below nil stays, and is shown as nil. Followers, favourites, reactions
    and shares are counted by triggers of their tables. Raises: CounterRefused (those kinds, an unknown kind or kind of
    subject, a performer who is not there or is not the subject, more than a thousand million at once).
    """
    if not deltas:
        return
    if kept := {str(delta.kind) for delta in deltas} & {str(kind) for kind in KEPT_BY_TRIGGERS}:
        raise CounterRefused(f"These count themselves: {', '.join(sorted(kept))}.")
    if any(_is_of_another(delta) for delta in deltas):
        raise CounterRefused("A counter of a performer is her own.")
    columns = (
        [str(delta.subject_type) for delta in deltas],
        [delta.subject_id for delta in deltas],
        [str(delta.kind) for delta in deltas],
        [delta.amount for delta in deltas],
        [delta.performer_id for delta in deltas],
    )
    with refused_as(CounterRefused), connection.cursor() as cursor:
        cursor.execute(RECORD, columns)


def _is_of_another(delta: CounterDelta) -> bool:
    return delta.subject_type == CounterSubject.PERFORMER and delta.subject_id != delta.performer_id


def counters_of(
    *, subject_ids: Iterable[UUID], kinds: Iterable[CounterKind | str], exact: bool = False
) -> Mapping[tuple[UUID, str], int]:
    """Counters by subject and kind; those that are not there are nil and left out. One query.

    As folded, which is a minute old at most; with `exact` and what was appended since, for a few subjects.
    """
    subjects, names = list(subject_ids), [str(kind) for kind in kinds]
    if not exact:
        rows = EngagementCounter.objects.filter(subject__in=subjects, kind__in=names)
        found = rows.values_list("subject", "kind", "value")
    else:
        with connection.cursor() as cursor:
            # In one statement: a fold between two would count what it folded twice, or not at all.
            cursor.execute(EXACT, {"subjects": subjects, "kinds": names})
            found = cursor.fetchall()
    return {(subject, kind): max(int(value), 0) for subject, kind, value in found}


def counters_fold() -> int:
    """Add to the counters what was appended and is final; returns how many deltas. Runs as the worker, every minute.

    Locks: other folds; nobody who appends.
    """
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute("SELECT engagement_counters_fold()")
        return int(cursor.fetchone()[0])


def counters_differences(*, limit: int = MOST_DIFFERENCES) -> list[Difference]:
    """Counters that have drifted from the rows that they count; none, if all is well. Runs as the worker."""
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, [limit])
        return [Difference(*row) for row in cursor.fetchall()]


def counters_drifted() -> int:
    """How many counters `counters_differences` would name without a limit. Runs as the worker."""
    with acting(Role.WORKER), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM engagement_counters_differences()")
        return int(cursor.fetchone()[0])


def counters_correct() -> int:
    """Append the corrections of every counter that has drifted, which the next fold adds; how many. As the worker.

    Locks: other folds and corrections. Raises: CounterRefused (one is wrong by more than a delta may say).
    """
    try:
        with acting(Role.WORKER), connection.cursor() as cursor:
            cursor.execute("SELECT engagement_counters_correct()")
            return int(cursor.fetchone()[0])
    except DATABASE_REFUSALS as error:
        raise CounterRefused(MOST_IN_ONE_CORRECTION) from error
