"""Who carries out a request for access or portability: registered by whoever makes the archive, called by the run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from audit.request_choices import RequestKind


@dataclass(frozen=True)
class Provided:
    """One category of data that the person gets: the table, what it is in words, and how many rows."""

    category: str
    words: str
    rows: int


Carrier = Callable[[UUID, User], Iterable[Provided]]
"""Given the id of the running request and who has it carried out; outside of any transaction, may be called again."""

_carriers: dict[str, Carrier] = {}


def register_carrier(kind: RequestKind, carrier: Carrier) -> None:
    """Say who carries out requests of a kind, once. Raises ValueError when somebody does already."""
    if kind.value in _carriers:
        raise ValueError(f"Requests for {kind.value} are carried out already.")
    _carriers[kind.value] = carrier


def carrier_of(kind: str) -> Carrier | None:
    """Who carries out requests of a kind; None: nobody."""
    return _carriers.get(kind)
