"""Tips with words, and for items of the menu: the tip and what is said with it are one transaction."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.services.tips import tip_send
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.interaction_announcements import tip_message_hidden, tip_message_sent, tip_message_shown
from engagement.interaction_errors import TipMessageRefused
from engagement.models import TipMenuItem, TipMessage
from engagement.services.goals import goals_reach


@transaction.atomic
def tip_message_send(
    *,
    viewer_id: UUID,
    performer_id: UUID,
    idempotency_key: str,
    actor: User | None,
    tokens: int | None = None,
    body: str = "",
    menu_item_id: UUID | None = None,
    stream_id: UUID | None = None,
) -> TipMessage:
    """Tip a performer and say something with it; for an item of her menu, at its price. The same key is the same tip.

    A goal that the tip reaches is closed. Locks: the viewer's wallet, nothing of the performer. Raises:
    TipMessageRefused (no words, no such item, blocked, barred from chatting, a key used with other words), and what
    `tip_send` raises. Signals: `tip_message_sent`.
    """
    body = body.strip()
    if menu_item_id is not None:
        item = TipMenuItem.objects.offered().filter(pk=menu_item_id, performer_id=performer_id).first()
        if item is None:
            raise TipMessageRefused("This is not on her menu.")
        if tokens not in (None, item.tokens):
            raise TipMessageRefused(f"{item.label} is {item.tokens:,} tokens on her menu.")
        tokens, body = item.tokens, body or item.label
    if not body:
        raise TipMessageRefused("Say something with the tip, or tip without words.")
    spend = tip_send(
        viewer_id=viewer_id,
        performer_id=performer_id,
        tokens=tokens,  # type: ignore[arg-type]  # what is no number is refused there
        idempotency_key=idempotency_key,
        actor=actor,
        stream_id=stream_id,
    )
    before = TipMessage.objects.filter(entry_id=spend.entry_id).first()
    if before is not None:
        if before.body != body or before.menu_item_id != menu_item_id:
            raise TipMessageRefused("This key was used before, with other words. Make a new one.")
        return before
    message = TipMessage(
        entry_id=spend.entry_id,
        performer_id=performer_id,
        sender_id=viewer_id,
        stream_id=stream_id,
        tokens=spend.tokens,
        menu_item_id=menu_item_id,
        body=body,
    )
    with refused_as(TipMessageRefused):
        message.save(force_insert=True)
    tip_message_sent.send(sender=TipMessage, subject=message, spend=spend, actor=actor)
    goals_reach(performer_id=performer_id)
    return message


@transaction.atomic
def tip_message_hide(
    *, tip_message_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TipMessage:
    """Take the words out of sight; the tip stays. For moderators.

    Locks: the message. Raises: TipMessageRefused (hidden already), NotThere, StaleVersion.
    Announces: `tip_message_hidden`.
    """
    message = locked(TipMessage, tip_message_id, expected_version=expected_version)
    if message.hidden_at is not None:
        raise TipMessageRefused("These words are hidden already.")
    message.hidden_at, message.hidden_by = database_now(), actor
    with refused_as(TipMessageRefused):
        message.save(update_fields=["hidden_at", "hidden_by"])
    tip_message_hidden.send(
        sender=TipMessage, actor=actor, subject=message, reason=reason, changed=("hidden_at",)
    )
    return message


@transaction.atomic
def tip_message_show(
    *, tip_message_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> TipMessage:
    """Show hidden words again. For moderators.

    Locks: the message. Raises: TipMessageRefused (not hidden), NotThere, StaleVersion. Announces: `tip_message_shown`.
    """
    message = locked(TipMessage, tip_message_id, expected_version=expected_version)
    if message.hidden_at is None:
        raise TipMessageRefused("These words are not hidden.")
    message.hidden_at, message.hidden_by = None, None
    with refused_as(TipMessageRefused):
        message.save(update_fields=["hidden_at", "hidden_by"])
    tip_message_shown.send(
        sender=TipMessage, actor=actor, subject=message, reason=reason, changed=("hidden_at",)
    )
    return message
