"""Sharing out: the examples that others published, and what holds for every amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.allocation import WHOLE, allocate, take_back

AMOUNTS = st.integers(-(10**15), 10**15)
WEIGHTS = st.lists(st.integers(0, 10**14), min_size=1, max_size=6).filter(lambda weights: sum(weights) > 0)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        # moneyphp/money, "Allocation": an amount in three equal parts, the first of equals takes the rest.
        (100, [1, 1, 1], [34, 33, 33]),
        # moneyphp/money, tests/MoneyTest.php: the larger remainder takes the rest, not the first part.
        (101, [3, 7], [30, 71]),
        # Rational shares of 10,000 by 30, 20 and 40: the largest remainder stands last.
        (10_000, [30, 20, 40], [3_333, 2_222, 4_445]),
        # A split in basis points that sum to the whole gives the whole.
        (100, [3_333, 3_333, 3_334], [33, 33, 34]),
        # moneyphp/money: +5 by [7, 3] gives [4, 1] there, and -5 gives [-3, -2]; here it is the mirror.
        (5, [7, 3], [4, 1]),
        (-5, [7, 3], [-4, -1]),
    ],
)
def test_published_examples(amount: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(amount, weights) == parts


def test_refunding_three_quarters_takes_three_quarters_of_the_fee() -> None:
    # 20.00 split 17.12 / 2.00 / 0.88; refunding 15.00 takes 1.50 from the 2.00 (tezgah#144 blended 12.5 % instead).
    parts = [1_712, 200, 88]
    first = take_back(1_500, parts, [0, 0, 0])
    assert first == [1_284, 150, 66]
    assert take_back(500, parts, first) == [428, 50, 22]


@given(amount=AMOUNTS, weights=WEIGHTS)
def test_parts_sum_to_the_amount_and_are_fair(amount: int, weights: list[int]) -> None:
    parts, total = allocate(amount, weights), sum(weights)
    assert sum(parts) == amount
    assert allocate(-amount, weights) == [-part for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        assert abs(abs(part) * total - abs(amount) * weight) < total
        assert part * amount >= 0


@given(base=st.integers(1, 10**12), weights=WEIGHTS, steps=st.lists(st.integers(1, 10**12), max_size=8))
def test_what_is_taken_back_never_exceeds_what_was_given(
    base: int, weights: list[int], steps: list[int]
) -> None:
    parts = allocate(base, weights)
    taken = [0] * len(parts)
    for step in steps:
        amount = min(step, base - sum(taken))
        back = take_back(amount, parts, taken)
        assert sum(back) == amount
        taken = [gone + more for gone, more in zip(taken, back, strict=True)]
        assert all(0 <= gone <= part for gone, part in zip(taken, parts, strict=True))
    rest = base - sum(taken)
    back = take_back(rest, parts, taken)
    assert [gone + more for gone, more in zip(taken, back, strict=True)] == parts
    with pytest.raises(ValueError, match="more than is left"):
        take_back(rest + 1, parts, taken)


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_weights_that_make_no_sense(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        allocate(100, weights)


def test_what_was_taken_cannot_exceed_what_there_was() -> None:
    with pytest.raises(ValueError, match="than there was"):
        take_back(1, [10, 10], [11, 0])
    with pytest.raises(ValueError, match="more than is left"):
        take_back(-1, [10, 10], [0, 0])


def test_basis_points_are_hundredths_of_a_percent() -> None:
    assert allocate(WHOLE, [7_000, 3_000]) == [7_000, 3_000]
