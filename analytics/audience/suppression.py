"""Which breakdowns of a day may be published, so that nobody learns a number under ten, by subtraction neither.

All breakdowns of a day by one dimension are decided together: that of the platform and those of its performers. Each
person has one value on a day, the same in all of them, so the people of a performer are a part of those of the
platform, and whatever is withheld could be what is left of the platform without the published performers. Four rules:

1. A breakdown in which any cell has 1 to 9 people is withheld whole.
2. Where the platform's is published, a performer's is withheld too if the platform without her has a cell of 1 to 9.
3. What is left of the platform without all published performers has no cell of 1 to 9 either, neither counted (people
   who watched none of them) nor subtracted: else the published performers with the fewest people are withheld as well,
   until it has not.
4. If somebody with fewer than ten people is withheld, what is left has people of two values at least, or nobody: of one
   value alone, everybody behind a withheld number would have it. If the platform has only one value, its own breakdown
   is withheld.

Why that is enough: docs/decisions/0079. Numbers of different days are of different keys, and no number over several
days is published that is not the sum of published ones.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from uuid import UUID

from analytics.audience_choices import LEAST_PEOPLE

Cells = Mapping[str, int]
"""People by value; who has none is left out, or 0."""

Rest = Callable[[Set[UUID]], Cells]
"""The people who watched none of these performers, by value."""


@dataclass(frozen=True)
class Verdict:
    """What may be published by one dimension: the platform's own breakdown, and those of which performers."""

    platform: bool
    performers: frozenset[UUID]


def is_small(people: int) -> bool:
    """Whether a number of people may not be known."""
    return 0 < people < LEAST_PEOPLE


def _stands_alone(cells: Cells) -> bool:
    return not any(is_small(people) for people in cells.values())


def _values(cells: Cells) -> set[str]:
    return {value for value, people in cells.items() if people > 0}


def decide(platform: Cells, performers: Mapping[UUID, Cells], rest: Rest) -> Verdict:
    """What may be published. `performers` has everybody who was watched; `rest` is asked a few times."""
    sizes = {performer: sum(cells.values()) for performer, cells in performers.items()}
    whole = {
        performer for performer, cells in performers.items() if sizes[performer] and _stands_alone(cells)
    }
    has_small = any(is_small(size) for size in sizes.values())
    if not _stands_alone(platform) or (len(_values(platform)) == 1 and has_small):
        return Verdict(platform=False, performers=frozenset(whole))
    shown = {
        performer
        for performer in whole
        if _stands_alone(
            {value: people - performers[performer].get(value, 0) for value, people in platform.items()}
        )
    }
    step = 1
    while shown and (telling := _telling(platform, performers, shown, sizes, rest(shown))) is not None:
        having = {performer for performer in shown if telling & _values(performers[performer])} or shown
        behind = sorted(having, key=lambda performer: (sizes[performer], performer))
        # Twice as many each time: a few looks at the day, however many performers there are.
        shown -= set(behind[:step])
        step *= 2
    return Verdict(platform=True, performers=frozenset(shown))


def _telling(
    platform: Cells,
    performers: Mapping[UUID, Cells],
    shown: Set[UUID],
    sizes: Mapping[UUID, int],
    left: Cells,
) -> set[str] | None:
    """The values by which what is left would tell something; None: it tells nothing."""
    subtracted = {
        value: people - sum(performers[performer].get(value, 0) for performer in shown)
        for value, people in platform.items()
    }
    small = {value for value in platform if is_small(left.get(value, 0)) or is_small(subtracted[value])}
    if small:
        return small
    hides_few = any(is_small(size) for performer, size in sizes.items() if performer not in shown)
    if hides_few and len(_values(left)) == 1:
        # Whoever has people of other values adds a second one to what is left; failing that, anybody who has any.
        return (_values(platform) - _values(left)) or _values(platform)
    return None
