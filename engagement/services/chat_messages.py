"""Messages of rooms: sent one by one or many at once, removed and restored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from core.announcements import Announcement
from core.db.locking import locked
from core.db.refusals import refused_as
from core.models.identity import uuid7_derived, uuid7_instant
from engagement.chat_announcements import message_removed, message_restored
from engagement.chat_choices import HoldReason, MessageKind, MessageStatus, TermAction
from engagement.chat_drafts import Draft, body_refusal
from engagement.errors import MessageRefused
from engagement.models import ChatMessage
from engagement.services.blocked_terms import Finding, findings_in
from engagement.services.notification_events import notification_event_record

LONGEST_BATCH = 1_000
JUDGED = (MessageKind.USER, MessageKind.TIP)
"""Kinds in which blocked terms are looked for; the others are written by performers, moderators and the system."""


@dataclass
class Sent:
    """What became of a batch: the messages that are there, held ones included, and refusals by place in the batch."""

    messages: list[ChatMessage] = field(default_factory=list)
    refused: dict[int, MessageRefused] = field(default_factory=dict)


@transaction.atomic
def chat_message_send(
    *,
    room_id: UUID,
    sender: User,
    body: str,
    reply_to_id: UUID | None = None,
    kind: MessageKind = MessageKind.USER,
) -> ChatMessage:
    """Write a message in a room, in the sender's own acting role; one with a blocked term is held (`status`).

    Three queries: what the room says, which terms are blocked, the insert; one more where the message is held. Whoever
    is answered is told, which takes three more.
    Locks: nothing, in a slow room the sender's turn there. Raises: MessageRefused, with the sentence for the sender.
    Announces: nothing.
    """
    sent = chat_messages_send(
        messages=[Draft(room_id=room_id, sender_id=sender.pk, body=body, reply_to_id=reply_to_id, kind=kind)]
    )
    if sent.refused:
        raise sent.refused[0]
    (message,) = sent.messages
    if reply_to_id is not None and message.status == MessageStatus.VISIBLE:
        _tell_answered(message, sender)
    return message


def _tell_answered(message: ChatMessage, sender: User) -> None:
    answered = (
        ChatMessage.objects.filter(pk=message.reply_to_id)
        .exclude(sender_id=sender.pk)
        .values_list("sender_id", "performer__stage_name", "room__stream_id")
        .first()
    )
    if answered is None or answered[0] is None:
        return
    person_id, stage_name, stream_id = answered
    notification_event_record(
        trigger="chat_reply",
        idempotency_key=str(message.pk),
        variables={"sender": str(sender), "performer": stage_name},
        recipient_ids=[person_id],
        actor=sender,
        deep_link=f"/streams/{stream_id}",
    )


@transaction.atomic
def chat_messages_send(*, messages: Sequence[Draft]) -> Sent:
    """Write many messages by one INSERT; those that their rooms refuse are left out and told by their place.

    Locks: as `chat_message_send`, in order. Raises: MessageRefused (too many at once; or a rule was broken between the
    question and the insert: nothing is written then, ask again). Announces: nothing.
    """
    if len(messages) > LONGEST_BATCH:
        raise MessageRefused(f"Send up to {LONGEST_BATCH} messages at once.")
    sent = Sent()
    texts = [draft.text for draft in messages]
    for place, text in enumerate(texts):
        if words := body_refusal(text):
            sent.refused[place] = MessageRefused(words)
    performers = _ask_rooms(messages, texts, sent)
    findings = _ask_terms(messages, texts, performers, sent)
    rows = {
        place: ChatMessage(
            id=draft.id,
            room_id=draft.room_id,
            performer_id=performers[place],
            sender_id=draft.sender_id,
            kind=draft.kind,
            body=texts[place],
            reply_to_id=draft.reply_to_id,
            status=MessageStatus.HELD if place in findings else MessageStatus.VISIBLE,
        )
        for place, draft in enumerate(messages)
        if place not in sent.refused
    }
    if rows:
        with refused_as(MessageRefused):
            sent.messages = ChatMessage.objects.bulk_create(rows.values())
            _hold({rows[place].pk: finding for place, finding in findings.items()})
    return sent


def _ask_rooms(messages: Sequence[Draft], texts: Sequence[str], sent: Sent) -> dict[int, UUID]:
    """The performer of each message that is not refused; the refusals of rooms are added to `sent`."""
    asked = [place for place in range(len(messages)) if place not in sent.refused]
    if not asked:
        return {}
    drafts = [messages[place] for place in asked]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM engagement_chat_refusals("
            "%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::uuid[])",
            [
                [draft.id for draft in drafts],
                [draft.room_id for draft in drafts],
                [None] * len(drafts),
                [draft.sender_id for draft in drafts],
                [draft.kind.value for draft in drafts],
                [texts[place] for place in asked],
                [draft.reply_to_id for draft in drafts],
            ],
        )
        answers = cursor.fetchall()
    performers = {}
    for number, performer_id, code, words in answers:
        place = asked[number - 1]
        if code is None:
            performers[place] = performer_id
        else:
            sent.refused[place] = MessageRefused(words)
    return performers


def _ask_terms(
    messages: Sequence[Draft], texts: Sequence[str], performers: dict[int, UUID], sent: Sent
) -> dict[int, Finding]:
    """What is held, by place; what a term refuses is added to `sent`."""
    judged = [place for place in performers if place not in sent.refused and messages[place].kind in JUDGED]
    if not judged:
        return {}
    findings = findings_in(
        bodies=[texts[place] for place in judged],
        performer_ids=[performers[place] for place in judged],
        room_ids=[messages[place].room_id for place in judged],
    )
    held = {}
    for place, found in zip(judged, findings, strict=True):
        if not found:
            continue
        finding = found[0]
        if finding.action == TermAction.REFUSE:
            sent.refused[place] = MessageRefused("This message contains words that are not written here.")
        elif messages[place].sender_id != performers[place]:
            # Nobody reviews what a performer says in her own room; what is refused is refused to her, too.
            held[place] = finding
    return held


def _hold(findings: dict[UUID, Finding]) -> None:
    if not findings:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT engagement_message_hold(%s::uuid[], %s::text[], %s::uuid[], %s::text[])",
            [
                list(findings),
                [
                    (HoldReason.DISGUISED_TERM if found.reading.is_disguised else HoldReason.TERM).value
                    for found in findings.values()
                ],
                [found.term_id for found in findings.values()],
                [found.reading.written for found in findings.values()],
            ],
        )


@transaction.atomic
def chat_tip_show(*, room_id: UUID, spend_id: UUID, body: str) -> UUID:
    """Write the line about a tip or gift (`billing.TokenSpend`) in a room of its performer; returns the message's id.

    The same spend has one line, however often this is called. The room's modes do not apply: it was paid. Locks:
    nothing. Raises: MessageRefused (no such tip to this performer, not one's own, barred, banned, nothing to read).
    Announces: nothing.
    """
    draft = Draft(room_id=room_id, sender_id=None, body=body)
    if words := body_refusal(draft.text):
        raise MessageRefused(words)
    message_id = uuid7_derived(uuid7_instant(spend_id), "chat_message", str(spend_id))
    with refused_as(MessageRefused), connection.cursor() as cursor:
        cursor.execute(
            "SELECT engagement_tip_show(%s, %s, %s, %s)", [message_id, room_id, spend_id, draft.text]
        )
    return message_id


@transaction.atomic
def message_remove(*, message_id: UUID, actor: User, reason: str = "") -> ChatMessage:
    """Take a message from the room: one's own, one in a room that one moderates, or as staff.

    Locks: the message. Raises: NotThere (or not one's to remove), IllegalTransition, MessageRefused. Announces:
    `chat_message_removed`.
    """
    return _move(message_id, MessageStatus.REMOVED, message_removed, actor, reason)


@transaction.atomic
def message_restore(*, message_id: UUID, actor: User, reason: str) -> ChatMessage:
    """Bring a removed message back, as staff. A held one is approved in the queue.

    Locks: the message. Raises: NotThere, IllegalTransition, MessageRefused (not staff, one's own, held, no reason).
    Announces: `chat_message_restored`.
    """
    if not reason.strip():
        raise MessageRefused("A decision says why. Write a reason.")
    return _move(message_id, MessageStatus.VISIBLE, message_restored, actor, reason)


def _move(
    message_id: UUID, status: MessageStatus, announcement: Announcement, actor: User, reason: str
) -> ChatMessage:
    message = locked(ChatMessage, message_id)
    ChatMessage.status_machine.check(message.status, status)
    if message.status == MessageStatus.HELD and message.sender_id != actor.pk:
        raise MessageRefused("This message is held: approve or refuse it in the queue.")
    message.status = status
    with refused_as(MessageRefused):
        message.save(update_fields=["status"])
    message.refresh_from_db(fields=["moderated_by", "moderated_at"])
    announcement.send(
        sender=ChatMessage,
        actor=actor,
        subject=message,
        reason=reason,
        changed=("status",),
        detail={"room": str(message.room_id)},
    )
    return message
