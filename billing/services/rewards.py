"""Rewards that cost tokens: what performers offer for them is known to a higher floor, what is paid is booked here."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.models import TokenSpend
from billing.services.spends import Wish, spend_tokens
from billing.services.wallets import as_worker
from billing.wallet_choices import SpendKind


@transaction.atomic
def reward_pay(
    *,
    viewer_id: UUID,
    performer_id: UUID,
    tokens: int,
    idempotency_key: str,
    actor: User | None,
    stream_id: UUID | None = None,
) -> TokenSpend:
    """Pay a performer what a reward of hers costs now. The same key again is the same spend, whatever it costs by then.

    What it was paid for is written by the caller, in the same transaction; `spend_reverse` gives the tokens back.
    Locks: the viewer's wallet. Raises: as `tip_send`.
    """
    wish = Wish(
        viewer_id=viewer_id,
        performer_id=performer_id,
        kind=SpendKind.REWARD,
        tokens=tokens,
        key=idempotency_key,
        stream_id=stream_id,
    )
    with as_worker(actor):
        return spend_tokens(wish=wish, actor=actor)
