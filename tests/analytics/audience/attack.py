"""Whoever has all published tables of a day, and subtracts them from one another as best they can.

What they have: the published breakdowns, and how many people each performer and the platform had in all, which other
pages show. What they are after: a number of 1 to 9 people with one value.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from uuid import UUID

from analytics.audience.suppression import Cells, Verdict, is_small


def published(
    platform: Cells, performers: Mapping[UUID, Cells], verdict: Verdict
) -> Iterator[tuple[str, str, int]]:
    """Every cell as it is read: whose, value, people."""
    if verdict.platform:
        yield from (("platform", value, people) for value, people in platform.items())
    for performer in verdict.performers:
        yield from ((f"{performer}", value, people) for value, people in performers[performer].items())


def differences(
    platform: Cells, performers: Mapping[UUID, Cells], verdict: Verdict
) -> Iterator[tuple[str, int]]:
    """The platform without each published performer, and without all of them: what was subtracted, and what is left."""
    if not verdict.platform:
        return
    alone = [frozenset([performer]) for performer in verdict.performers]
    for shown in [*alone, verdict.performers]:
        for value, people in platform.items():
            left = people - sum(performers[performer].get(value, 0) for performer in shown)
            yield f"{value} without {len(shown)}", left


def bounds(
    platform: Cells, performers: Mapping[UUID, Cells], verdict: Verdict
) -> Iterator[tuple[UUID, str, int, int]]:
    """Between which numbers each withheld cell lies, where nobody watched two performers, as totals then tell.

    Of a table of which sums of rows and columns are known (Fréchet): they are sharp, nobody can tell more from them.
    """
    if not verdict.platform:
        return
    hidden = {key: sum(cells.values()) for key, cells in performers.items() if key not in verdict.performers}
    left = {
        value: people - sum(performers[key].get(value, 0) for key in verdict.performers)
        for value, people in platform.items()
    }
    total = sum(left.values())
    for key, size in hidden.items():
        for value, people in left.items():
            yield key, value, max(0, size + people - total), min(size, people)


def learned(platform: Cells, performers: Mapping[UUID, Cells], verdict: Verdict) -> list[str]:
    """All that can be learned and must not be; empty, if all is well. For days on which nobody watched two."""
    found = [
        f"{whose}, {value}: {people}"
        for whose, value, people in published(platform, performers, verdict)
        if is_small(people)
    ]
    found += [
        f"{words}: {people}"
        for words, people in differences(platform, performers, verdict)
        if is_small(people)
    ]
    found += [
        f"{key}, {value}: {least} to {most}"
        for key, value, least, most in bounds(platform, performers, verdict)
        if least > 0 and is_small(most)
    ]
    return found


def every_difference(
    platform: Cells, performers: Mapping[UUID, Cells], verdict: Verdict
) -> Iterator[tuple[str, int]]:
    """The platform without any set of published performers, where nobody watched two: all of them are true numbers."""
    if not verdict.platform:
        return
    for size in range(len(verdict.performers) + 1):
        for shown in combinations(sorted(verdict.performers), size):
            for value, people in platform.items():
                yield f"{value} without {size}", people - sum(performers[key].get(value, 0) for key in shown)
