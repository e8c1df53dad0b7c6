"""How many a list of the most watched has, and by what it may be ordered."""

from collections.abc import Collection

MOST_LISTED = 100


def listing_check(things: str, *, by: str, orders: Collection[str], limit: int) -> None:
    """Raises ValueError for an order that is not one of `orders`, and a limit that is not from 1 to 100."""
    if by not in orders:
        raise ValueError(f"{things.capitalize()} are listed by one of {', '.join(orders)}, not by {by!r}.")
    if not 1 <= limit <= MOST_LISTED:
        raise ValueError(f"A list has 1 to {MOST_LISTED} {things}, not {limit}.")
