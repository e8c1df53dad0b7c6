"""Private messages: sent, deleted, hidden by moderation, forgotten."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.errors import NotPermitted
from core.jobs.job import job_named
from engagement.errors import PrivateMessageRefused
from engagement.message_announcements import direct_message_hidden, direct_message_restored
from engagement.message_choices import MessageStatus
from engagement.message_text import body_of
from engagement.models import Conversation, DirectMessage
from engagement.models.direct_message import MOST_FILES


@transaction.atomic
def direct_message_send(
    *, conversation_id: UUID, sender: User, body: str, attachment_ids: Sequence[UUID] = ()
) -> DirectMessage:
    """Write into a conversation; whoever writes accepts it. Three statements, its savepoint aside.

    The recipient is notified when nothing earlier of the sender is unread, unless they muted the sender; without a word
    of it and without who wrote.
    Runs as viewer or performer. Locks: the two places in the conversation, the files. Raises: PrivateMessageRefused
    (nothing to be seen, too long, signs that deceive, a file that is not one's own or not clean, barred, declined,
    blocked, not yet accepted, no such conversation). Announces nothing: who writes to whom is nobody else's business.
    """
    files = list(attachment_ids)
    if len(files) > MOST_FILES:
        raise PrivateMessageRefused(f"A message has at most {MOST_FILES} attachments.")
    if len(set(files)) < len(files):
        raise PrivateMessageRefused("A file is attached once.")
    body = body_of(body, may_be_empty=bool(files))
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        raise PrivateMessageRefused("There is no such conversation.")
    message = DirectMessage(
        conversation=conversation,
        sender=sender,
        # The database takes the other one from the conversation too.
        recipient_id=conversation.other_than(sender.pk),
        body=body,
        files=files,
    )
    with refused_as(PrivateMessageRefused):
        message.save(force_insert=True)
    _tell(message)
    return message


def _tell(message: DirectMessage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT engagement_direct_message_tell(%s)", [message.pk])
        (event_id,) = cursor.fetchone()
    if event_id is not None:
        job_named("notification_event_spread").enqueue(event_id=event_id, key=str(event_id))


@transaction.atomic
def direct_message_delete(*, message_id: UUID, actor: User) -> DirectMessage:
    """Take back what the actor wrote: the other one no longer sees it. Its words stay 30 days for a report.

    Locks: the message. Raises: NotThere, PrivateMessageRefused (hidden by moderation, a hold keeps it),
    IllegalTransition (deleted before).
    """
    message = DirectMessage.objects.select_for_update().filter(pk=message_id, sender=actor).first()
    if message is None:
        raise NotThere("There is no such message of yours.")
    if message.status == MessageStatus.HIDDEN:
        raise PrivateMessageRefused("This message was hidden by moderation and cannot be deleted at present.")
    DirectMessage.status_machine.check(message.status, MessageStatus.DELETED)
    message.status = MessageStatus.DELETED
    with refused_as(PrivateMessageRefused):
        message.save(update_fields=["status"])
    return message  # type: ignore[no-any-return]


@transaction.atomic
def direct_message_hide(*, message_id: UUID, actor: User, reason: str) -> UUID:
    """Hide a message from its recipient, for a decision of moderation; returns its sender. No words are read.

    Runs as moderator. Locks: the message. Raises: PrivateMessageRefused (hidden, deleted or erased already, no such
    message), NotPermitted (one's own). Announces: `direct_message_hidden`.
    """
    return _set_hidden(message_id, actor, reason, hidden=True)


@transaction.atomic
def direct_message_restore(*, message_id: UUID, actor: User, reason: str) -> UUID:
    """Show a hidden message to its recipient again; returns its sender.

    Runs as moderator. Locks: the message. Raises: PrivateMessageRefused (not hidden), NotPermitted (one's own).
    Announces: `direct_message_restored`.
    """
    return _set_hidden(message_id, actor, reason, hidden=False)


def _set_hidden(message_id: UUID, actor: User, reason: str, *, hidden: bool) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT engagement_direct_message_hide(%s, %s)", [message_id, hidden])
        (sender_id,) = cursor.fetchone()
    if sender_id is None:
        raise PrivateMessageRefused(
            "There is nothing to hide: it was hidden, deleted or erased before."
            if hidden
            else "There is nothing to restore: it is visible, deleted or erased."
        )
    if sender_id == actor.pk:
        raise NotPermitted("Nobody decides about their own messages. Leave it to a colleague.")
    told = direct_message_hidden if hidden else direct_message_restored
    told.send(
        sender=DirectMessage,
        actor=actor,
        # Known by its key alone: the row itself is not read.
        subject=DirectMessage(pk=message_id),
        reason=reason,
        changed=("status",),
    )
    return UUID(str(sender_id))


def direct_messages_forget(*, batch: int = 1000) -> int:
    """Empty a batch of messages that their senders deleted 30 days ago; returns how many. Run as the worker.

    What a legal hold covers keeps its words. A batch is a transaction; rows that somebody else holds wait.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT engagement_direct_messages_forget(%s)", [batch])
        (gone,) = cursor.fetchone()
    return int(gone)
