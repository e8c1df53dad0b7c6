"""Conversations of two people: opened, accepted, declined, read."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from engagement.errors import ConversationRefused
from engagement.message_choices import MemberState
from engagement.models import Conversation, ConversationMember

ONESELF = "Nobody writes to themselves."


@transaction.atomic
def conversation_open(*, with_id: UUID, actor: User) -> Conversation:
    """The conversation of the actor with somebody; opened if there is none yet, and then the other one is asked.

    Runs as viewer or performer. Locks: what the actor opened lately, where a new one is opened. Raises:
    ConversationRefused (oneself, somebody who cannot be written to, barred, too many within a day). Announces nothing:
    who writes to whom is nobody else's business.
    """
    if with_id == actor.pk:
        raise ConversationRefused(ONESELF)
    first, second = sorted((actor.pk, with_id))
    existing = Conversation.objects.between(first, second)
    if (found := existing.first()) is not None:
        return found  # type: ignore[no-any-return]
    conversation = Conversation(first_person_id=first, second_person_id=second, started_by=actor)
    try:
        with refused_as(ConversationRefused):
            conversation.save(force_insert=True)
    except ConversationRefused:
        # The other one opened it at the same moment.
        if (found := existing.first()) is not None:
            return found  # type: ignore[no-any-return]
        raise
    return conversation


@transaction.atomic
def conversation_accept(*, conversation_id: UUID, actor: User) -> ConversationMember:
    """Say yes to a conversation, also to one that was declined: it stands in the inbox from now on.

    Locks: the actor's place in it. Raises: NotThere.
    """
    return _answer(conversation_id, actor, MemberState.ACCEPTED)


@transaction.atomic
def conversation_decline(*, conversation_id: UUID, actor: User) -> ConversationMember:
    """Say no to a conversation: nothing more can be written to the actor there until they write or accept.

    The other one is told that the person cannot be written to, as after a block. Locks: the actor's place in it.
    Raises: NotThere.
    """
    return _answer(conversation_id, actor, MemberState.DECLINED)


@transaction.atomic
def conversation_read(*, conversation_id: UUID, up_to_id: UUID, actor: User) -> ConversationMember:
    """Remember that the actor has read up to a message; an older one than before changes nothing.

    Locks: the actor's place in it. Raises: ConversationRefused (beyond the newest message), NotThere. Nobody else
    learns of it.
    """
    member = _place(conversation_id, actor)
    if member.last_read_id is None or member.last_read_id < up_to_id:
        member.last_read_id = up_to_id
        with refused_as(ConversationRefused):
            member.save(update_fields=["last_read"])
    return member


def _answer(conversation_id: UUID, actor: User, state: MemberState) -> ConversationMember:
    member = _place(conversation_id, actor)
    if member.state != state:
        ConversationMember.status_machine.check(member.state, state)
        member.state = state
        member.save(update_fields=["state"])
        member.refresh_from_db(fields=["answered_at"])
    return member


def _place(conversation_id: UUID, actor: User) -> ConversationMember:
    member: ConversationMember | None = (
        ConversationMember.objects.select_for_update()
        .filter(conversation=conversation_id, person=actor)
        .first()
    )
    if member is None:
        raise NotThere("There is no such conversation.")
    return member
