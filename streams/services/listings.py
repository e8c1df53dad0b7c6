"""Projections made whole again: the directory of what is on air, and what search reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Refreshed:
    """A new snapshot of the directory: its id, how many streams it lists, how many old snapshots went."""

    snapshot_id: UUID
    listed: int
    forgotten: int


def listings_refresh() -> Refreshed:
    """Make a new snapshot of the directory and forget those older than ten minutes. For workers.

    One statement's work, from the tables themselves; it may run at any time, and twice at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT snapshot, listed, forgotten FROM streams_listings_refresh()")
        return Refreshed(*cursor.fetchone())


def search_refresh(*, performer_ids: Sequence[UUID]) -> int:
    """Make the search documents of these performers whole again; returns how many changed.

    Who is renamed, comes back or leaves changes documents of all that is hers; whoever announces it is followed by this
    (`streams.receivers`).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT streams_search_refresh(%s::uuid[])", [list(performer_ids)])
        return int(cursor.fetchone()[0])
