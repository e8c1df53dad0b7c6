"""Sealing: events that can no longer change their company are hashed, chained and signed.

What is sealed follows from transaction numbers, never from ids or times: an event may commit long after its id was
drawn. Below the horizon (the oldest transaction that still runs) everything has ended, so that what is read after the
horizon was taken is complete.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from audit.announcements import trail_rebased
from audit.errors import AnotherCluster, NotTheKey, SameCluster, SealingElsewhere
from audit.models import Event, Seal, SealLeaf
from audit.seals.copying import copied
from audit.seals.merkle import MerkleTree
from audit.seals.signing import Signer, signer
from core.db.partitions.catalog import find_partitions
from core.db.partitions.manager import ensure_partitions, required_table
from core.models.identity import uuid7, uuid7_instant

MOST_EVENTS = 500_000
"""A seal covers at most so many events, unless one transaction wrote more: a transaction is never divided."""

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('audit_seal', 0))"

# Each event is looked up by its key: the other joins would read every leaf there is.
JOIN_BY_KEY = "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
JOIN_FREELY = "SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)"

NOW = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric, "
    "pg_snapshot_xmax(pg_current_snapshot())::text::numeric, system_identifier FROM pg_control_system()"
)

COLUMNS = (
    "e.id, e.area, e.action, e.actor_id, e.acting_role, e.subject_type, e.subject_id, e.changed, e.detail, "
    "e.request_id, e.label_digest, e.xact"
)

PUT = """
WITH chosen AS MATERIALIZED ({chosen}), put AS (
  INSERT INTO audit_sealleaf (id, seal_id, place, digest)
  SELECT id, %s, row_number() OVER (ORDER BY id) - 1, digest FROM chosen
  RETURNING id
)
SELECT count(*), encode(min(uuid_send(id)), 'hex'), encode(max(uuid_send(id)), 'hex') FROM put
"""

BELOW = f"""
SELECT e.id, audit_event_digest({COLUMNS}) AS digest FROM audit_event e
WHERE e.xact >= %s AND e.xact < %s AND NOT EXISTS (SELECT FROM audit_sealleaf l WHERE l.id = e.id)
"""

VISIBLE = f"""
SELECT e.id, audit_event_digest({COLUMNS}) AS digest FROM audit_event e
WHERE NOT EXISTS (SELECT FROM audit_sealleaf l WHERE l.id = e.id) ORDER BY e.id LIMIT %s
"""

DIGESTS = (
    "SELECT digest FROM audit_sealleaf WHERE seal_id = {seal} AND id BETWEEN {first} AND {last} ORDER BY id"
)


@dataclass(frozen=True)
class Moment:
    """Where this cluster stands: the oldest running transaction, the one after the last, and which cluster it is."""

    horizon: int
    next_transaction: int
    cluster: int


def moment() -> Moment:
    """The present moment of the cluster."""
    horizon, next_transaction, cluster = _row(NOW)
    return Moment(int(horizon), int(next_transaction), int(cluster))


def events_seal(*, most_events: int = MOST_EVENTS) -> Iterator[Seal]:
    """Seal what is below the horizon; yields each seal when its transaction has ended, none when nothing is new.

    Runs as the owner. Locks: one process seals at a time. Raises SealingElsewhere, AnotherCluster (after a restore:
    `trail_rebase`), KeyMissing, KeyMalformed, NotTheKey; the seals made before stay.
    """
    _make_room()
    # Taken before the events are read: what has ended below it is seen by every later statement. What is written
    # meanwhile is for the next run, or this one might never end.
    end = moment().horizon
    while made := _seal_next(end, most_events):
        yield from made


@transaction.atomic
def trail_rebase(*, actor: Any = None, force: bool = False, most_events: int = MOST_EVENTS) -> list[Seal]:
    """Begin a new epoch after a restore into another cluster; returns its first seals, one at least.

    They cover every visible event that has no seal; the horizon is that of this cluster. Runs as the owner. Locks as
    `events_seal`. Raises SameCluster unless `force`, and what `events_seal` raises. Announces: `trail_rebased`.
    """
    _make_room()
    _lock()
    key = signer()
    latest = _latest()
    now = moment()
    if latest is not None and not force and is_at_home(latest, now):
        raise SameCluster(
            f"The trail lives in the cluster where seal {latest.number} was made: nothing has to be rebased. "
            "Seal by audit_seal; --force begins a new epoch all the same."
        )
    made = _open_epoch(latest, now, key, most_events, empty=True)
    trail_rebased.send(
        sender=Seal,
        actor=actor,
        subject=made[0],
        detail={"epoch": made[0].epoch, "events": sum(seal.event_count for seal in made)},
    )
    return made


def is_at_home(latest: Seal, now: Moment) -> bool:
    """Whether the cluster is the one in which `latest` was sealed, and its transactions have gone on since."""
    return latest.cluster == now.cluster and latest.horizon <= now.next_transaction


def seal_lag() -> float | None:
    """Seconds since the oldest event without a seal was written; None when every event has one."""
    (seconds,) = _row("SELECT audit_seal_lag()")
    return None if seconds is None else float(seconds)


@transaction.atomic
def _seal_next(end: int, most_events: int) -> list[Seal]:
    """The next seal below the horizon `end`, or the first ones of all; empty when nothing is new."""
    _lock()
    key = signer()
    latest = _latest()
    now = moment()
    if latest is None:
        return _open_epoch(None, now, key, most_events, empty=False)
    if not is_at_home(latest, now):
        raise AnotherCluster(
            f"Seal {latest.number} was made in another cluster than this one (a restore, or an upgrade): transaction "
            "numbers began anew, so it cannot be told which events came later. Check the trail by verify_audit and "
            "compare its head with the one kept elsewhere, then begin a new epoch by audit_rebase."
        )
    if latest.key_number == key.number and not key.made(bytes(latest.head), bytes(latest.signature)):
        raise NotTheKey(
            f"The private key {key.number} of this process did not sign seal {latest.number}, which says it did: a key "
            "was replaced instead of being given the next number. Restore it from its back-up."
        )
    start = latest.horizon
    while start < end:
        horizon = _bounded(start, end, most_events)
        if seal := _write(latest, latest.epoch, horizon, now.cluster, key, BELOW, [str(start), str(horizon)]):
            return [seal]
        start = horizon
    return []


def _open_epoch(
    latest: Seal | None, now: Moment, key: Signer, most_events: int, *, empty: bool
) -> list[Seal]:
    """Seal every visible event without a seal, in one transaction; `empty` makes a seal even if there is none."""
    epoch = latest.epoch + 1 if latest else 1
    made: list[Seal] = []
    while seal := _write(latest, epoch, now.horizon, now.cluster, key, VISIBLE, [most_events], empty=empty):
        made.append(seal)
        if seal.event_count < most_events:
            break
        latest, empty = seal, False
    return made


def _bounded(start: int, end: int, most_events: int) -> int:
    """The largest horizon up to `end` below which at most `most_events` wait, or one whole transaction."""
    ahead = "SELECT xact::text::numeric FROM audit_event WHERE xact >= %s AND xact < %s ORDER BY xact OFFSET %s LIMIT 1"
    beyond = _row(ahead, [str(start), str(end), most_events])
    if beyond is None:
        return end
    (first,) = _row(ahead, [str(start), str(end), 0])
    return int(beyond[0]) if beyond[0] > first else int(first) + 1


def _write(
    latest: Seal | None,
    epoch: int,
    horizon: int,
    cluster: int,
    key: Signer,
    chosen: str,
    bounds: list[Any],
    *,
    empty: bool = False,
) -> Seal | None:
    """Write the leaves of the chosen events and the seal over them; None, and nothing written, without events."""
    seal_id = uuid7()
    if chosen is BELOW:
        _row(JOIN_BY_KEY)
    count, first, last = _row(PUT.format(chosen=chosen), [*bounds, seal_id])
    _row(JOIN_FREELY)
    if not count and not empty:
        return None
    tree = MerkleTree()
    if count:
        ends = {"seal": seal_id, "first": UUID(hex=first), "last": UUID(hex=last)}
        for (digest,) in copied(DIGESTS, ends, ["bytea"]):
            tree.add(digest)
    (sealed_at,) = _row("SELECT clock_timestamp()")
    seal = Seal(
        id=seal_id,
        number=latest.number + 1 if latest else 1,
        previous=latest,
        epoch=epoch,
        cluster=cluster,
        horizon=horizon,
        event_count=count,
        first_id=UUID(hex=first) if count else None,
        last_id=UUID(hex=last) if count else None,
        root=tree.root,
        key_number=key.number,
        sealed_at=sealed_at,
    )
    seal.head = seal.computed_head(bytes(latest.head) if latest else None)
    seal.signature = key.sign(seal.head)
    seal.save(force_insert=True)
    return seal


def _make_room() -> None:
    """Make the partitions of leaves that are missing where events have one: imports and restores bring old months."""
    held = {there.lower for there in find_partitions(connection, required_table(connection, SealLeaf))}
    for there in find_partitions(connection, required_table(connection, Event)):
        if there.lower not in held and not there.detach_pending:
            ensure_partitions(SealLeaf, uuid7_instant(there.lower), uuid7_instant(there.upper))


def _lock() -> None:
    (mine,) = _row(LOCK)
    if not mine:
        raise SealingElsewhere(
            "Another process is sealing at this moment; nothing was done. Look again when it ends."
        )


def _latest() -> Seal | None:
    latest: Seal | None = Seal.objects.order_by("-number").first()
    return latest


def _row(statement: str, parameters: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()
