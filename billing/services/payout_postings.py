"""What payouts post: from earnings to the reserve, from the reserve to cash, and all the way back."""

import datetime as dt
from uuid import UUID

from billing import chart
from billing.chart import TOKEN
from billing.ledger_choices import JournalKind
from billing.models import Debt, Payout
from billing.payout_choices import DebtCause
from billing.payout_selectors import Payee
from billing.services.journal import Entry, Line, balance_of
from billing.services.ledger_accounts import ledger_accounts_open
from core.models.identity import uuid7_derived, uuid7_instant

TABLE = "billing_payout"


def payee_of(payout: Payout) -> Payee:
    """Who is paid."""
    return Payee(payout.performer_id, payout.studio_id)


def _id(payout: Payout, what: str) -> UUID:
    """The key of an entry about a payout: what is posted twice is posted once."""
    return uuid7_derived(uuid7_instant(payout.pk), what, str(payout.pk))


class Accounts:
    """The accounts that a payout touches, opened by one statement."""

    def __init__(self, payout: Payout) -> None:
        payee, currency = payee_of(payout), payout.currency_id
        (
            self.earnings,
            self.owed,
            self.token_earnings,
            self.token_owed,
            self.token_clearing,
            self.clearing,
            self.reserve,
            self.cash,
        ) = ledger_accounts_open(
            payee.earnings(currency),
            payee.owed(currency),
            payee.earnings(TOKEN),
            payee.owed(TOKEN),
            chart.exchange_clearing(TOKEN),
            chart.exchange_clearing(currency),
            payee.reserve(currency),
            chart.cash(payout.provider_account.code, currency),
        )


def _exchange(payout: Payout, accounts: Accounts) -> tuple[Line, ...]:
    currency = payout.currency_id
    lines = [
        Line(accounts.token_earnings, -payout.tokens, TOKEN),
        Line(accounts.token_clearing, payout.tokens, TOKEN),
    ]
    if payout.exchanged:
        lines += [
            Line(accounts.clearing, -payout.exchanged, currency),
            Line(accounts.earnings, payout.exchanged, currency),
        ]
    return tuple(lines)


def _set_offs(payout: Payout, accounts: Accounts) -> tuple[Line, ...]:
    lines: list[Line] = []
    if payout.set_off_tokens:
        lines += [
            Line(accounts.token_earnings, -payout.set_off_tokens, TOKEN),
            Line(accounts.token_owed, payout.set_off_tokens, TOKEN),
        ]
    if payout.set_off:
        lines += [
            Line(accounts.earnings, -payout.set_off, payout.currency_id),
            Line(accounts.owed, payout.set_off, payout.currency_id),
        ]
    return tuple(lines)


def entries_prepared(payout: Payout) -> list[Entry]:
    """A payout is prepared: debts are set off, tokens exchanged at their value, the amount put into the reserve."""
    accounts, source = Accounts(payout), (TABLE, payout.pk)
    entries = []
    if set_offs := _set_offs(payout, accounts):
        entries.append(
            Entry(_id(payout, "payout set off"), JournalKind.DEBT_SET_OFF, set_offs, source=source)
        )
    if payout.tokens and payout.token_value is not None:
        entries.append(
            Entry(
                _id(payout, "payout exchange"),
                JournalKind.EXCHANGE,
                _exchange(payout, accounts),
                source=source,
                rate=payout.token_value.per_token,
            )
        )
    reserved = (
        Line(accounts.earnings, -payout.amount, payout.currency_id),
        Line(accounts.reserve, payout.amount, payout.currency_id),
    )
    return [*entries, Entry(_id(payout, "payout reserve"), JournalKind.PAYOUT, reserved, source=source)]


def entry_paid(payout: Payout, at: dt.datetime) -> Entry:
    """The money has left."""
    accounts = Accounts(payout)
    return Entry(
        _id(payout, "payout paid"),
        JournalKind.PAYOUT,
        (
            Line(accounts.reserve, -payout.amount, payout.currency_id),
            Line(accounts.cash, payout.amount, payout.currency_id),
        ),
        source=(TABLE, payout.pk),
        occurred_at=at,
    )


def entry_returned(payout: Payout, *, was_paid: bool, at: dt.datetime | None) -> tuple[Entry, int]:
    """Everything back as it was before the payout was prepared; and what of the exchange had been paid out since.

    Tokens come back at the value at which they were exchanged, so that whoever earned them bears no difference. What
    was held back of the exchange and paid out by a later payout is owed from then on. `balance_of` looks without a
    lock: the caller tries again where the ledger refuses.
    """
    accounts, currency = Accounts(payout), payout.currency_id
    came_from = accounts.cash if was_paid else accounts.reserve
    lines = [
        Line(came_from, -payout.amount, currency),
        Line(accounts.earnings, payout.amount, currency),
        *(Line(line.account_id, -line.amount, line.currency) for line in _set_offs(payout, accounts)),
        *(
            Line(line.account_id, -line.amount, line.currency)
            for line in (_exchange(payout, accounts) if payout.tokens else ())
        ),
    ]
    taken = -sum(line.amount for line in lines if line.account_id == accounts.earnings)
    shortfall = max(0, taken - max(0, balance_of(accounts.earnings)))
    if shortfall:
        lines += [
            Line(accounts.owed, -shortfall, currency),
            Line(accounts.earnings, shortfall, currency),
        ]
    entry = Entry(
        _id(payout, "payout returned" if was_paid else "payout failed"),
        JournalKind.PAYOUT_RETURN,
        tuple(line for line in lines if line.amount),
        source=(TABLE, payout.pk),
        occurred_at=at,
    )
    return entry, shortfall


def entry_paid_after_all(payout: Payout, at: dt.datetime) -> Entry:
    """The money left although its earnings are open again: whoever got it owes it."""
    accounts = Accounts(payout)
    return Entry(
        _id(payout, f"payout paid after all {at.isoformat()}"),
        JournalKind.DEBT,
        (
            Line(accounts.owed, -payout.amount, payout.currency_id),
            Line(accounts.cash, payout.amount, payout.currency_id),
        ),
        source=(TABLE, payout.pk),
        occurred_at=at,
    )


def entry_given_back(payout: Payout, at: dt.datetime) -> tuple[Entry, int]:
    """What was paid after all came back: less is owed, and what was set off meanwhile is earned again."""
    accounts = Accounts(payout)
    less = min(payout.amount, max(0, -balance_of(accounts.owed)))
    lines = [Line(accounts.cash, -payout.amount, payout.currency_id)]
    if less:
        lines.append(Line(accounts.owed, less, payout.currency_id))
    if payout.amount - less:
        lines.append(Line(accounts.earnings, payout.amount - less, payout.currency_id))
    entry = Entry(
        _id(payout, f"payout given back {at.isoformat()}"),
        JournalKind.PAYOUT_RETURN,
        tuple(lines),
        source=(TABLE, payout.pk),
        occurred_at=at,
    )
    return entry, less


def debts_of(payout: Payout, cause: DebtCause, amounts: dict[str, int]) -> list[Debt]:
    """The rows that say how a payout changed what is owed, by unit; nothing where it changed nothing."""
    return [
        Debt(
            performer_id=payout.performer_id,
            studio_id=payout.studio_id,
            cause=cause,
            amount=amount,
            currency_id=unit,
            payout=payout,
        )
        for unit, amount in amounts.items()
        if amount
    ]
