"""Gifts, as viewers send them: a spend of billing, refused between two of whom one has blocked the other."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.services.gifts import gift_send
from engagement.blocking import blocked_between
from engagement.interaction_announcements import gift_presented
from engagement.interaction_errors import GiftRefused
from engagement.models import GiftSent


@transaction.atomic
def gift_present(
    *,
    viewer_id: UUID,
    performer_id: UUID,
    gift_item_id: UUID,
    idempotency_key: str,
    actor: User | None,
    quantity: int = 1,
    stream_id: UUID | None = None,
) -> GiftSent:
    """Send a performer gifts and show them. The same key is the same gift.

    Whoever is told of it by `gift_presented` is told again when the same key is sent again, and has to bear it.
    Locks: the viewer's wallet. Raises: GiftRefused (one has blocked the other), and what `gift_send` raises.
    Signals: `gift_presented`.
    """
    if blocked_between(person_id=viewer_id, other_id=performer_id):
        raise GiftRefused("This is not possible between the two of you.")
    spend = gift_send(
        viewer_id=viewer_id,
        performer_id=performer_id,
        gift_item_id=gift_item_id,
        idempotency_key=idempotency_key,
        actor=actor,
        quantity=quantity,
        stream_id=stream_id,
    )
    shown = GiftSent.objects.select_related("gift_item__product", "sender").get(entry_id=spend.entry_id)
    gift_presented.send(sender=GiftSent, subject=shown, actor=actor)
    return shown
