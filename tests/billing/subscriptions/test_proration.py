"""Proration: the published example, and what holds for every change of plan."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.proration import proration, rest_of

START = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
END = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
HALF = START + (END - START) / 2


def test_from_10_to_20_half_way_through_is_5() -> None:
    """Stripe, "Prorations": -5 for the unused half of the old price, +10 for the rest of the new one, 5 in all."""
    change = proration(before=1000, after=2000, starts_at=START, ends_at=END, at=HALF)
    assert (-change.credit, change.charge, change.due) == (-500, 1000, 500)


def test_from_20_to_10_half_way_through_leaves_5() -> None:
    change = proration(before=2000, after=1000, starts_at=START, ends_at=END, at=HALF)
    assert change.due == -500


def test_a_second_change_credits_what_the_rest_cost() -> None:
    """10 to 20 half-way, then 30 half-way through the rest: the rest cost 10, so 5 comes back and 7.50 is charged."""
    later = HALF + (END - HALF) / 2
    change = proration(before=1000, after=3000, starts_at=HALF, ends_at=END, at=later, whole_starts_at=START)
    assert (change.credit, change.charge) == (500, 750)


def test_on_the_last_second_next_to_nothing_is_left() -> None:
    last = END - dt.timedelta(seconds=1)
    change = proration(before=1000, after=2000, starts_at=START, ends_at=END, at=last)
    assert (change.credit, change.charge) == (0, 0)


def test_half_a_cent_is_rounded_up_once() -> None:
    assert rest_of(1, START, END, HALF) == 1
    assert rest_of(3, START, END, HALF) == 2


@pytest.mark.parametrize("at", [START - dt.timedelta(seconds=1), END, END + dt.timedelta(days=1)])
def test_outside_of_the_period_is_another_period(at: dt.datetime) -> None:
    with pytest.raises(ValueError, match="outside"):
        proration(before=1000, after=2000, starts_at=START, ends_at=END, at=at)


AMOUNTS = st.integers(0, 10**15)
SECONDS = st.integers(0, int((END - START).total_seconds()) - 1)


@given(before=AMOUNTS, after=AMOUNTS, second=SECONDS)
def test_nobody_gains_by_changing_to_and_fro(before: int, after: int, second: int) -> None:
    """To another plan and back at the same second costs nothing, but for the cent by which each side is rounded."""
    at = START + dt.timedelta(seconds=second)
    there = proration(before=before, after=after, starts_at=START, ends_at=END, at=at)
    back = proration(before=after, after=before, starts_at=START, ends_at=END, at=at)
    assert there.due + back.due == 0
    assert 0 <= there.credit <= before
    assert 0 <= there.charge <= after


@given(amount=AMOUNTS, first=SECONDS, second=SECONDS)
def test_the_later_the_less(amount: int, first: int, second: int) -> None:
    early, late = sorted((first, second))
    assert rest_of(amount, START, END, START + dt.timedelta(seconds=early)) >= rest_of(
        amount, START, END, START + dt.timedelta(seconds=late)
    )


@given(amount=AMOUNTS)
def test_at_the_beginning_it_is_all(amount: int) -> None:
    assert rest_of(amount, START, END, START) == amount
