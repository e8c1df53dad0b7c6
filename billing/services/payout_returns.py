"""Giving the money of a payout back to whoever earned it: it failed, came back, or was cancelled with its batch."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.chart import TOKEN
from billing.errors import NotCovered, PayoutRefused
from billing.models import Debt, Payout, PayoutReturn
from billing.payout_choices import DebtCause
from billing.services.journal import entries_post
from billing.services.payout_postings import debts_of, entry_returned
from core.db.refusals import refused_as

ATTEMPTS = 5
"""So often is looked anew at what a payee has while others take from it, before it is given up."""


def payout_undo(payout: Payout, *, was_paid: bool, at: dt.datetime, actor: User | None) -> tuple[UUID, int]:
    """Post everything back; the key of the entry, and what is owed from now on. Runs as the worker, payout locked.

    Its items are let go of by a trigger when its status moves. Raises: PayoutRefused where others keep moving the same
    earnings.
    """
    for _ in range(ATTEMPTS):
        entry, shortfall = entry_returned(payout, was_paid=was_paid, at=at)
        try:
            with transaction.atomic():
                undone = {TOKEN: payout.set_off_tokens, payout.currency_id: payout.set_off}
                Debt.objects.bulk_create(
                    [
                        *debts_of(payout, DebtCause.SET_OFF_UNDONE, undone),
                        *debts_of(payout, DebtCause.EXCHANGE, {payout.currency_id: shortfall}),
                    ]
                )
                entries_post(entries=[entry], actor=actor)
            return entry.id, shortfall
        except NotCovered:
            continue
    raise PayoutRefused("The earnings are being moved right now. Try again in a moment.")


def payout_return_record(
    payout: Payout,
    *,
    was_paid: bool,
    at: dt.datetime,
    code: str,
    entry_id: UUID,
    shortfall: int,
) -> PayoutReturn:
    """Write down that a payout failed or came back. Runs as the worker. Raises: PayoutRefused."""
    with refused_as(PayoutRefused):
        return PayoutReturn.objects.create(
            payout=payout,
            performer_id=payout.performer_id,
            was_paid=was_paid,
            code=code[:100],
            amount=payout.amount,
            currency_id=payout.currency_id,
            shortfall=shortfall,
            entry_id=entry_id,
            occurred_at=at,
        )
