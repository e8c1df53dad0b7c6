"""What accountants ask of the ledger: the trial balance as of a day, and the statement of an account."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from billing.models import AccountStatementLine, LedgerAccount

# Accounts of people and studios stand together, as one control account for each kind of them.
_CONTROL = (
    "CASE WHEN a.person_id IS NULL AND a.studio_id IS NULL THEN a.code ELSE split_part(a.code, ':', 1) END"
)
PRESENT = f"""
SELECT {_CONTROL} AS name, a.type, a.currency, count(*), sum(t.credit - t.debit)::text
FROM billing_trialbalanceline t JOIN billing_ledgeraccount a ON a.id = t.account_id
GROUP BY 1, 2, 3 ORDER BY 3, 2, 1
"""
AS_OF = f"""
SELECT {_CONTROL} AS name, a.type, a.currency, count(DISTINCT a.id), sum(p.amount)::text
FROM billing_posting p
JOIN billing_journalentry j ON j.id = p.entry_id
JOIN billing_ledgeraccount a ON a.id = p.account_id
WHERE j.booked_on <= %s
GROUP BY 1, 2, 3 HAVING sum(p.amount) <> 0 ORDER BY 3, 2, 1
"""


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """One account of the platform, or all accounts of one kind of people: minor units on the side where it stands."""

    name: str
    type: str
    currency: str
    accounts: int
    balance: int

    @property
    def debit(self) -> int:
        """By how much debits exceed credits; 0: they do not."""
        return max(-self.balance, 0)

    @property
    def credit(self) -> int:
        """By how much credits exceed debits; 0: they do not."""
        return max(self.balance, 0)


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The trial balance of one currency. `difference` is nil, or the ledger is wrong."""

    currency: str
    rows: tuple[TrialBalanceRow, ...]

    @property
    def debit(self) -> int:
        """Sum of the debit column."""
        return sum(row.debit for row in self.rows)

    @property
    def credit(self) -> int:
        """Sum of the credit column."""
        return sum(row.credit for row in self.rows)

    @property
    def difference(self) -> int:
        """Credits less debits."""
        return self.credit - self.debit


def trial_balance(as_of: dt.date | None = None) -> list[TrialBalance]:
    """The trial balance at present, or as of the end of a day (UTC); one for each currency, in order of their codes.

    At present it reads balances and what came since they were settled; as of a day it adds up every posting until then.
    """
    with connection.cursor() as cursor:
        if as_of is None:
            cursor.execute(PRESENT)
        else:
            cursor.execute(AS_OF, [as_of])
        rows = [
            TrialBalanceRow(name, type_, currency, accounts, int(balance))
            for name, type_, currency, accounts, balance in cursor.fetchall()
        ]
    currencies = dict.fromkeys(row.currency for row in rows)
    return [
        TrialBalance(currency, tuple(row for row in rows if row.currency == currency))
        for currency in currencies
    ]


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """A statement: balance before the first day, lines with the balance after each, balance after the last day.

    `is_cut`: there are more lines than were asked for; totals and closing balance count them all.
    """

    account: LedgerAccount
    since: dt.date | None
    until: dt.date
    opening: int
    lines: tuple[AccountStatementLine, ...]
    debit: int
    credit: int
    is_cut: bool

    @property
    def closing(self) -> int:
        """Balance after the last day."""
        return self.opening + self.credit - self.debit


def account_statement(
    account_id: UUID, *, since: dt.date | None, until: dt.date, limit: int
) -> AccountStatement:
    """The statement of an account from one day until the end of another (UTC); at most `limit` lines, oldest first.

    Raises LedgerAccount.DoesNotExist.
    """
    account = LedgerAccount.objects.get(pk=account_id)
    every = AccountStatementLine.objects.filter(account_id=account_id)
    opening = {"debit": None, "credit": None}
    chosen = every.filter(booked_on__lte=until)
    if since is not None:
        opening = every.filter(booked_on__lt=since).aggregate(debit=Sum("debit"), credit=Sum("credit"))
        chosen = chosen.filter(booked_on__gte=since)
    totals = chosen.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    lines = list(chosen.order_by("booked_on", "moment", "entry_id", "position")[: limit + 1])
    return AccountStatement(
        account=account,
        since=since,
        until=until,
        opening=int(opening["credit"] or 0) - int(opening["debit"] or 0),
        lines=tuple(lines[:limit]),
        debit=int(totals["debit"] or 0),
        credit=int(totals["credit"] or 0),
        is_cut=len(lines) > limit,
    )
