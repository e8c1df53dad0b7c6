"""Postings of one entry while it is put together: by account, each once, none of nothing."""

from collections.abc import Callable, Iterable
from uuid import UUID

from billing.chart import AccountSpec
from billing.services.journal import Line


class Lines:
    """What an entry will post. Credits are above zero, debits below."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self._by_spec: dict[AccountSpec, int] = {}
        self._by_id: dict[tuple[UUID, str], int] = {}

    def credit(self, account: AccountSpec, amount: int) -> None:
        """Add to an account of the chart; a debit is a negative amount."""
        self._by_spec[account] = self._by_spec.get(account, 0) + amount

    def add(self, lines: Iterable[Line]) -> None:
        """Add postings to accounts that are open already."""
        for line in lines:
            key = (line.account_id, line.currency)
            self._by_id[key] = self._by_id.get(key, 0) + line.amount

    def money(self, lines: Iterable[Line]) -> int:
        """The sum of the postings in the currency of the entry."""
        return sum(line.amount for line in lines if line.currency == self.currency)

    def posted(self, accounts_open: Callable[..., list[UUID]]) -> tuple[Line, ...]:
        """The postings, in the order of the keys of their accounts."""
        specs = [spec for spec, amount in self._by_spec.items() if amount]
        merged = dict(self._by_id)
        for spec, account_id in zip(specs, accounts_open(*specs), strict=True):
            key = (account_id, spec.currency)
            merged[key] = merged.get(key, 0) + self._by_spec[spec]
        return tuple(
            Line(account_id, amount, currency)
            for (account_id, currency), amount in sorted(merged.items(), key=lambda item: item[0][0])
            if amount
        )
