"""Which tokens are burned first, and what those had cost."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.errors import TokensRefused, TooFewTokens
from billing.models import TokenLot
from billing.models.token_lot import MOST_TOKENS
from billing.wallet_choices import LotKind

FOR_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)
ORDER = list(LotKind.values)


@dataclass(frozen=True, slots=True)
class Taken:
    """So many tokens of a lot, and their part of its cost in minor units of its currency."""

    lot: TokenLot
    tokens: int
    cost: int


def whole_tokens(tokens: int) -> int:
    """The number, if it is one that can be spent. Raises TokensRefused with a sentence."""
    if type(tokens) is not int:
        raise TokensRefused("Tokens are counted in whole numbers.")
    if tokens < 1:
        raise TokensRefused("Spend at least one token.")
    if tokens > MOST_TOKENS:
        raise TokensRefused(f"Spend at most {MOST_TOKENS:,} tokens at once.")
    return tokens


def burn_order(lot: TokenLot) -> tuple[dt.datetime, int, object]:
    """What expires first; then promotional, bonus, paid; then the oldest."""
    return (lot.expires_at or FOR_EVER, ORDER.index(lot.kind), lot.pk)


def cost_of(tokens: int, of: int, cost: int) -> int:
    """The cost of `tokens` out of so many that cost so much: rounded down, and the last take the remainder."""
    return cost * tokens // of


def burn(lots: Iterable[TokenLot], tokens: int, at: dt.datetime) -> list[Taken]:
    """Take tokens from lots that are good at `at`, in order; the lots change in memory, the caller saves them.

    Raises TooFewTokens, and then changes nothing.
    """
    good = sorted((lot for lot in lots if lot.remaining and lot.is_good(at)), key=burn_order)
    there = sum(lot.remaining for lot in good)
    if there < tokens:
        raise TooFewTokens(f"This costs {tokens:,} tokens, and there are {there:,}.")
    taken = []
    for lot in good:
        count = min(tokens, lot.remaining)
        if not count:
            break
        cost = cost_of(count, lot.remaining, lot.cost_remaining)
        lot.remaining -= count
        lot.cost_remaining -= cost
        tokens -= count
        taken.append(Taken(lot, count, cost))
    return taken


def put_back(taken: Sequence[Taken]) -> list[TokenLot]:
    """Give tokens and their cost back to their lots, in memory; returns these."""
    for part in taken:
        part.lot.remaining += part.tokens
        part.lot.cost_remaining += part.cost
    return [part.lot for part in taken]


def costs(taken: Iterable[Taken]) -> dict[str, int]:
    """What was taken cost so much, by currency; none where it cost nothing."""
    found: dict[str, int] = {}
    for part in taken:
        if part.cost and part.lot.currency_id is not None:
            found[part.lot.currency_id] = found.get(part.lot.currency_id, 0) + part.cost
    return found
