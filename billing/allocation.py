"""Sharing an amount out so that nothing is lost and nothing is made: floor, then the largest remainders.

Amounts and parts are whole minor units, tokens included. Ties go to whoever stands first. A negative amount is the
mirror of the positive one, so that taking back what was shared gives exactly the opposite parts.
"""

from collections.abc import Sequence

WHOLE = 10_000
"""Basis points of everything."""


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """The parts of `amount` in proportion to `weights`; they sum to `amount`.

    Raises ValueError without a weight above zero, or for a negative one.
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("Weights are zero or more, and one of them is more.")
    size, sign = abs(amount), -1 if amount < 0 else 1
    parts = [size * weight // total for weight in weights]
    left = size - sum(parts)
    # The sort is stable: of equal remainders the first comes first.
    by_remainder = sorted(range(len(weights)), key=lambda place: -(size * weights[place] % total))
    for place in by_remainder[:left]:
        parts[place] += 1
    return [sign * part for part in parts]


def take_back(amount: int, parts: Sequence[int], taken: Sequence[int]) -> list[int]:
    """How much of `amount` is taken back from each part, of which `taken` was taken back before.

    In proportion to what is left of each, so that nobody gives more than they got and the last one takes the remainder.
    Parts, what was taken and the amount have one sign. Raises ValueError for more than is left.
    """
    left = [part - gone for part, gone in zip(parts, taken, strict=True)]
    if any(part * rest < 0 or abs(rest) > abs(part) for part, rest in zip(parts, left, strict=True)):
        raise ValueError("More was taken back than there was.")
    if abs(amount) > abs(sum(left)) or amount * sum(left) < 0:
        raise ValueError("This is more than is left.")
    if amount == 0:
        return [0] * len(left)
    return allocate(amount, [abs(rest) for rest in left])
