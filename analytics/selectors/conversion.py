"""How far those who signed up came: funnels by week of sign-up."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.db.models import Sum

from accounts.choices import SignUpSource
from analytics.audience_choices import ConversionWindow
from analytics.models import ConversionFunnel
from analytics.rollups.engine import Grain

STAGES = ("signed_up", "here", "bought", "bought_again")
"""Columns of a funnel, each of those counted by the one before."""


@dataclass(frozen=True)
class Funnel:
    """People who signed up in some time, and how many of them came how far. `week` is None for a sum of weeks."""

    week: dt.date | None = None
    signed_up: int = 0
    here: int = 0
    bought: int = 0
    bought_again: int = 0

    def share(self, stage: str) -> float | None:
        """The part of those who signed up that came so far; None where nobody signed up."""
        return getattr(self, stage) / self.signed_up if self.signed_up else None

    @classmethod
    def total(cls, funnels: Iterable[Self]) -> Self:
        """The sum of funnels: nobody signs up in two weeks."""
        given = list(funnels)
        return cls(None, *(sum(getattr(funnel, stage) for funnel in given) for stage in STAGES))


def conversion_funnels(
    *, window: ConversionWindow, since: dt.date, until: dt.date, source: SignUpSource | None = None
) -> list[Funnel]:
    """The counted weeks that share a day with `[since, until]`, in order; of one source of accounts, or of all.

    Weeks are those of UTC, from Monday. A week is counted two days after the last of its people had the whole window.
    One query.
    """
    first = Grain.WEEK.floor(dt.datetime.combine(since, dt.time(), dt.UTC)).date()
    rows = ConversionFunnel.objects.within(window).filter(week__gte=first, week__lte=until)
    if source is not None:
        rows = rows.filter(source=source)
    summed = rows.order_by("week").values("week").annotate(*(Sum(stage) for stage in STAGES))
    return [Funnel(*row) for row in summed.values_list("week", *(f"{stage}__sum" for stage in STAGES))]
