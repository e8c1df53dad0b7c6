"""The queue of held messages: approved, refused, or expired."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import OwnAccount
from accounts.models import User
from core.announcements import Announcement
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.chat_announcements import held_message_approved, held_message_refused
from engagement.chat_choices import HeldStatus, MessageStatus
from engagement.errors import HeldMessageRefused
from engagement.models import ChatMessage, HeldMessage


@transaction.atomic
def held_message_approve(
    *, held_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> HeldMessage:
    """Let everybody in the room read a held message.

    Locks: the row of the queue, the message. Raises: OwnAccount, IllegalTransition (decided by somebody else),
    NotThere, StaleVersion. Announces: `held_message_approved`.
    """
    return _decide(
        held_id,
        HeldStatus.APPROVED,
        MessageStatus.VISIBLE,
        held_message_approved,
        actor,
        reason,
        expected_version,
    )


@transaction.atomic
def held_message_refuse(
    *, held_id: UUID, actor: User, reason: str = "", expected_version: int | None = None
) -> HeldMessage:
    """Remove a held message for good.

    Locks: the row of the queue, the message. Raises: OwnAccount, IllegalTransition (decided by somebody else),
    NotThere, StaleVersion. Announces: `held_message_refused`.
    """
    return _decide(
        held_id,
        HeldStatus.REFUSED,
        MessageStatus.REMOVED,
        held_message_refused,
        actor,
        reason,
        expected_version,
    )


def _decide(
    held_id: UUID,
    status: HeldStatus,
    message_status: MessageStatus,
    announcement: Announcement,
    actor: User,
    reason: str,
    expected_version: int | None,
) -> HeldMessage:
    if HeldMessage.objects.filter(pk=held_id, sender_id=actor.pk).exists():
        raise OwnAccount("Nobody decides about their own message. Leave it to a colleague.")
    held = locked(HeldMessage, held_id, expected_version=expected_version)
    HeldMessage.status_machine.check(held.status, status)
    held.status, held.decided_by, held.decided_at = status, actor, database_now()
    with refused_as(HeldMessageRefused):
        held.save(update_fields=["status", "decided_by", "decided_at"])
        # Gone with its partition, or deleted by the sender meanwhile: then the decision stands and moves nothing.
        ChatMessage.objects.filter(pk=held.message_id, status=MessageStatus.HELD).update(
            status=message_status
        )
    announcement.send(
        sender=HeldMessage,
        actor=actor,
        subject=held,
        reason=reason,
        changed=("status",),
        detail={"message": str(held.message_id), "room": str(held.room_id)},
    )
    return held


@transaction.atomic
def held_messages_expire(*, batch: int = 500) -> int:
    """Remove held messages about which nobody decided in time; returns how many. Runs as the worker.

    Locks: the rows of the queue, without waiting for those that somebody decides about. Announces: nothing.
    """
    due = list(
        HeldMessage.objects.select_for_update(skip_locked=True)
        .filter(status=HeldStatus.PENDING, expires_at__lte=Now())
        .order_by("expires_at")
        .values_list("pk", "message_id")[:batch]
    )
    HeldMessage.objects.filter(pk__in=[key for key, _ in due]).update(
        status=HeldStatus.EXPIRED, decided_at=database_now()
    )
    ChatMessage.objects.filter(pk__in=[message for _, message in due], status=MessageStatus.HELD).update(
        status=MessageStatus.REMOVED
    )
    return len(due)
