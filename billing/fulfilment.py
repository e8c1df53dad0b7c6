"""What is done for an order once it is paid, and taken back once it is refunded: one entry per kind of product.

    register_fulfilment(ProductKind.TOKEN_PACK, Fulfilment(fulfil=..., reverse=..., recoverable=...))

Nothing here knows wallets and tickets; their services register themselves when the app is ready.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from billing.catalogue_choices import ProductKind
from billing.models import OrderLine, Payment
from billing.services.journal import Line


class Fulfil(Protocol):
    """Hands over what a line is for, and returns its postings, which join the entry of the payment.

    Cash and tax are posted by the payment. Of the net, whatever the postings do not give to an account goes to
    deferred revenue: in the currency of the line they sum to at most `line.net`, and to zero in every other unit.
    """

    def __call__(self, line: OrderLine, payment: Payment) -> Sequence[Line]: ...


class Reverse(Protocol):
    """Takes back `amount` of the net of a line, as far as it is still there, and returns the postings.

    What they do not take from an account is taken from deferred revenue: in the currency of the line they sum to at
    least `-amount`. Never refuses: the provider has given the money back. `line.net_reversed` is what was taken back
    before; `amount` and it are the whole net for the last refund, which takes the remainder.
    """

    def __call__(self, line: OrderLine, payment: Payment, amount: int) -> Sequence[Line]: ...


class Recoverable(Protocol):
    """How much of the total of a line could be refunded now without a loss, in minor units."""

    def __call__(self, line: OrderLine, payment: Payment) -> int: ...


class Recover(Protocol):
    """Before a lost dispute takes back `amount` of the net of a line: takes back what it was used for since.

    A refund is our choice and leaves what was used up; a bank does not ask. What cannot be taken back stays, and is a
    loss when `reverse` follows.
    """

    def __call__(self, line: OrderLine, payment: Payment, amount: int) -> None: ...


@dataclass(frozen=True)
class Fulfilment:
    """What belongs to one kind of product. Without `recoverable` everything can be taken back."""

    fulfil: Fulfil
    reverse: Reverse
    recoverable: Recoverable | None = None
    recover: Recover | None = None


_fulfilments: dict[ProductKind, Fulfilment] = {}


def register_fulfilment(
    kind: ProductKind,
    fulfil: Fulfil,
    reverse: Reverse,
    recoverable: Recoverable | None = None,
    recover: Recover | None = None,
) -> None:
    """Say what is done for this kind of product. Raises ValueError for a kind that is taken."""
    if kind in _fulfilments:
        raise ValueError(f"There is a fulfilment for {kind} already.")
    _fulfilments[kind] = Fulfilment(fulfil, reverse, recoverable, recover)


def remove_fulfilment(kind: ProductKind) -> Fulfilment | None:
    """Take a fulfilment away again, as tests do; returns it."""
    return _fulfilments.pop(kind, None)


def fulfilment_of(kind: str) -> Fulfilment | None:
    """What is done for this kind of product; None: nothing, so that it cannot be sold for money."""
    return _fulfilments.get(ProductKind(kind))
