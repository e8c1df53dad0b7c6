"""Who watches at the first instant of each minute, counted from events by the rule and nothing else."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable

MINUTE = 60_000
LONGEST = 90_000


def ranges(instants: Iterable[int]) -> list[tuple[int, int]]:
    """What the instants of a play's events prove: each back to the one before, if that is at most 90 s earlier."""
    ordered = sorted(instants)
    found: list[list[int]] = []
    for before, after in itertools.pairwise(ordered):
        if after - before > LONGEST:
            continue
        if found and found[-1][1] == before:
            found[-1][1] = after
        else:
            found.append([before, after])
    return [(since, until) for since, until in found]


def watching(seen: Iterable[tuple[Hashable, list[tuple[int, int]]]]) -> dict[int, int]:
    """Minute (milliseconds since 1970) to the number of distinct viewers whose half-open ranges hold its first instant.

    Slow and plain on purpose: a set of viewers for each minute.
    """
    minutes: dict[int, set[Hashable]] = defaultdict(set)
    for viewer, parts in seen:
        for since, until in parts:
            first = -(-since // MINUTE) * MINUTE
            for minute in range(first, until, MINUTE):
                minutes[minute].add(viewer)
    return {minute: len(viewers) for minute, viewers in minutes.items()}
