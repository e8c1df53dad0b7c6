"""Tips."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.models import TokenSpend
from billing.services.spends import Wish, spend_tokens
from billing.services.wallets import as_worker
from billing.wallet_choices import SpendKind


@transaction.atomic
def tip_send(
    *,
    viewer_id: UUID,
    performer_id: UUID,
    tokens: int,
    idempotency_key: str,
    actor: User | None,
    stream_id: UUID | None = None,
) -> TokenSpend:
    """Give a performer tokens, during a stream of hers or not. The same key again is the same tip.

    Locks: the viewer's wallet, nothing of the performer. Raises: TokensRefused (a number that makes no sense, a key used
    for something else), TooFewTokens, SpendRefused (no such performer or stream, oneself, a barred account),
    RevenueShareRefused.
    """
    wish = Wish(
        viewer_id=viewer_id,
        performer_id=performer_id,
        kind=SpendKind.TIP,
        tokens=tokens,
        key=idempotency_key,
        stream_id=stream_id,
    )
    with as_worker(actor):
        return spend_tokens(wish=wish, actor=actor)
