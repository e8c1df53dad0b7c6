"""What a change of plan within a period costs: the rest of the new plan less the unused rest of the old one.

By the second, each side rounded half up once: a change from 10 to 20 half-way through is -5 + 10 = 5. Whole minor units
go in and come out.
"""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from billing.rounding import half_up


@dataclass(frozen=True, slots=True)
class Proration:
    """What the change takes: `charge` for the rest of the new plan, `credit` for the unused rest of the old one."""

    charge: int
    credit: int

    @property
    def due(self) -> int:
        """What is to pay; below zero: what is left over."""
        return self.charge - self.credit


def rest_of(amount: int, starts_at: dt.datetime, ends_at: dt.datetime, at: dt.datetime) -> int:
    """The part of `amount` that belongs to the time from `at` to `ends_at`, by whole seconds, rounded half up.

    Raises ValueError for an instant outside of [starts_at, ends_at): on the boundary it is the next period's.
    """
    if not starts_at <= at < ends_at:
        raise ValueError("The instant lies outside of the period.")
    whole = (ends_at - starts_at) // dt.timedelta(seconds=1)
    left = (ends_at - at) // dt.timedelta(seconds=1)
    return half_up(Fraction(amount * left, whole))


def proration(
    *,
    before: int,
    after: int,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    at: dt.datetime,
    whole_starts_at: dt.datetime | None = None,
) -> Proration:
    """A change of plan at `at`, from a period that costs `before` to a plan whose whole period costs `after`.

    `before` was paid for [starts_at, ends_at); where that is itself the rest of a period that changed before, the
    whole one began at `whole_starts_at`, and `after` is spread over it. Raises ValueError as `rest_of`.
    """
    return Proration(
        charge=rest_of(after, whole_starts_at or starts_at, ends_at, at),
        credit=rest_of(before, starts_at, ends_at, at),
    )
