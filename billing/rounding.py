"""The one way in which amounts of money are rounded: half up, away from zero.

Council Regulation (EC) No 1103/97, article 5: what lies exactly half-way is rounded up. A negative amount is rounded
like the positive one, so that a reversal is the mirror of what it reverses.
"""

from fractions import Fraction


def half_up(value: Fraction) -> int:
    """The nearest whole number; exactly half-way, the one farther from zero."""
    whole, rest = divmod(abs(value), 1)
    rounded = int(whole) + (rest >= Fraction(1, 2))
    return -rounded if value < 0 else rounded
