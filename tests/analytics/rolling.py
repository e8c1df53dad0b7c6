"""Roll-ups run in tests until nothing is left, whatever other workers have open."""

from typing import Any

from analytics.services.rollups import RollupRun, rollups_run
from tests.audit.sealing import settle


def run_all(**options: Any) -> list[RollupRun]:
    """Compute everything that is committed, and what follows from it; what was done, by roll-up in order.

    A touch that one roll-up commits is not final for the next while a transaction of another worker is older: so it is
    run again until nothing waits.
    """
    done: dict[str, RollupRun] = {}
    while True:
        settle()
        runs = rollups_run(**options)
        for each in runs:
            so_far = done.get(each.name)
            done[each.name] = each if so_far is None else _together(so_far, each)
        if not any(each.touches for each in runs):
            return list(done.values())


def _together(one: RollupRun, other: RollupRun) -> RollupRun:
    return RollupRun(
        name=one.name,
        touches=one.touches + other.touches,
        buckets=one.buckets + other.buckets,
        closed=one.closed + other.closed,
        touched=one.touched + other.touched,
        is_caught_up=other.is_caught_up,
    )
