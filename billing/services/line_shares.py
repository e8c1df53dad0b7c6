"""What was paid with money for a line, shared out between performer, studio and platform, and taken back by refunds."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from billing import chart
from billing.allocation import take_back
from billing.models import OrderLine, Payment, RevenueSplit
from billing.provider_choices import ExceptionKind
from billing.services.journal import Line, balance_of
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.reconciliation_exceptions import reconciliation_exception_raise
from billing.services.revenue_share import share_of
from billing.services.revenue_splits import Rows, account_of, owed_by, parts_in_order
from billing.wallet_choices import SpendKind, SplitParty
from core.models.identity import uuid7


def line_share_out(
    line: OrderLine, *, performer_id: UUID, kind: SpendKind, at: dt.datetime
) -> Sequence[Line]:
    """Share the net of a line out by the share in force; rows of split and earnings, and the postings. As the worker.

    Raises RevenueShareRefused where no rule holds.
    """
    if not line.net:
        return []
    share = share_of(performer_id=performer_id, kind=kind, at=at)
    rows = Rows()
    parts = rows.add(
        share=share, base=line.net, currency=line.currency_id, at=at, key=uuid7(), order_line=line
    )
    rows.write()
    specs = [
        account_of(party, share.performer_id, share.studio_id, line.currency_id)
        for party, _ in parts_in_order(parts)
    ]
    return [
        Line(account, amount, line.currency_id)
        for account, (_, amount) in zip(ledger_accounts_open(*specs), parts_in_order(parts), strict=True)
    ]


def line_take_back(line: OrderLine, amount: int, *, at: dt.datetime, waiting: str) -> Sequence[Line]:
    """Take `amount` of the net back from performer, studio and platform in proportion; the last takes the remainder.

    What performer or studio no longer have is owed by them. A line that was never shared out stands in the suspense
    account `waiting`, from which it goes back. As the worker.
    """
    currency = line.currency_id
    split = RevenueSplit.objects.filter(order_line=line, reverses__isnull=True).first()
    if split is None:
        (account,) = ledger_accounts_open(chart.suspense(waiting, currency))
        return [Line(account, -amount, currency)]
    given = dict.fromkeys(SplitParty, 0)
    taken = dict(given)
    for row in split.lines.all():
        given[SplitParty(row.party)] = row.amount
    for back in split.reversed_by.prefetch_related("lines"):
        for row in back.lines.all():
            taken[SplitParty(row.party)] -= row.amount
    parts = dict(zip(SplitParty, take_back(amount, list(given.values()), list(taken.values())), strict=True))
    rows = Rows()
    rows.take_back(
        split=split,
        parts={party: -part for party, part in parts.items() if part},
        at=at,
        available_on=at.date(),
        key=uuid7(),
    )
    rows.write()
    lines = []
    for party, part in parts_in_order(parts):
        specs = [account_of(party, split.performer_id, split.studio_id, currency)]
        if party != SplitParty.PLATFORM:
            specs.append(owed_by(party, split.performer_id, split.studio_id, currency))
        accounts = ledger_accounts_open(*specs)
        short = max(0, part - balance_of(accounts[0])) if party != SplitParty.PLATFORM else 0
        if part > short:
            lines.append(Line(accounts[0], short - part, currency))
        if short:
            lines.append(Line(accounts[1], -short, currency))
    return lines


def line_suspend(line: OrderLine, payment: Payment, *, waiting: str, words: str) -> Sequence[Line]:
    """Put the net of a line that cannot be handed over into suspense, with an exception: finance refunds it."""
    reconciliation_exception_raise(
        kind=ExceptionKind.CONTRADICTS,
        subject=payment,
        words=f"{words} The money waits in suspense; refund it.",
        currency=line.currency_id,
        expected_amount=0,
        reported_amount=line.net,
    )
    (account,) = ledger_accounts_open(chart.suspense(waiting, line.currency_id))
    return [Line(account, line.net, line.currency_id)] if line.net else []
