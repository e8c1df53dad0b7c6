"""Gifts: things with a price in tokens that viewers send to performers."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.errors import SpendRefused, TokensRefused
from billing.models import GiftItem, TokenSpend
from billing.models.token_spend import MOST_GIFTS
from billing.services.spends import Wish, spend_tokens
from billing.services.wallets import as_worker
from billing.wallet_choices import SpendKind


@transaction.atomic
def gift_send(
    *,
    viewer_id: UUID,
    performer_id: UUID,
    gift_item_id: UUID,
    idempotency_key: str,
    actor: User | None,
    quantity: int = 1,
    stream_id: UUID | None = None,
) -> TokenSpend:
    """Send a performer gifts at what they cost now. The same key again is the same gift, whatever it costs by then.

    Locks: the viewer's wallet. Raises: as `tip_send`, SpendRefused also for a gift that is not offered.
    """
    if type(quantity) is not int or not 1 <= quantity <= MOST_GIFTS:
        raise TokensRefused(f"Send 1 to {MOST_GIFTS:,} gifts at once.")
    with as_worker(actor):
        item = GiftItem.objects.filter(pk=gift_item_id, product__is_offered=True).first()
        if item is None:
            raise SpendRefused("There is no such gift, or it is not offered at present.")
        wish = Wish(
            viewer_id=viewer_id,
            performer_id=performer_id,
            kind=SpendKind.GIFT,
            tokens=item.tokens * quantity,
            key=idempotency_key,
            stream_id=stream_id,
            gift_item_id=item.pk,
            quantity=quantity,
        )
        return spend_tokens(wish=wish, actor=actor)
