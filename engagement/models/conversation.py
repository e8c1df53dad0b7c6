"""Conversations of two people, and what each of them said to it."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ME, policies
from core.db.privacy import personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.message_choices import MemberState
from engagement.message_policies import ONE_OF_TWO, PEOPLE
from engagement.message_triggers import (
    AdmitsConversation,
    AnswersByItself,
    BringsMembers,
    ReadsForward,
)

PERSON = settings.AUTH_USER_MODEL


class ConversationQuerySet(models.QuerySet):
    """Reads of conversations."""

    def between(self, one: UUID, other: UUID) -> Self:
        """The conversation of two people, if there is one."""
        first, second = sorted((one, other))
        return self.filter(first_person=first, second_person=second)


class Conversation(Entity):
    """One row per pair of people who wrote to one another; it is opened once and for all.

    Written by `engagement.services.conversations`. Read by its two people alone: no member of staff sees who writes to
    whom. Kept while one of them has an account.
    """

    volume, retention = Volume.LARGE, "while one of its two people has an account"
    held_by = HeldBy(person=("first_person", "second_person"))

    first_person = personal(
        models.ForeignKey(
            PERSON,
            models.PROTECT,
            # The unique rule leads with it.
            db_index=False,
            related_name="conversations_as_first",
            db_comment="The one of the two whose id is the smaller one.",
        )
    )
    second_person = personal(
        models.ForeignKey(
            PERSON,
            models.PROTECT,
            # An index leads with it.
            db_index=False,
            related_name="conversations_as_second",
            db_comment="The one of the two whose id is the larger one.",
        )
    )
    started_by = models.ForeignKey(
        PERSON,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="conversations_started",
        db_comment="Which of the two opened it; the other one is asked.",
    )

    objects: ClassVar[Any] = ConversationQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per pair of people who wrote to one another. Written by engagement.services.conversations; read "
            "by the two alone. Kept while one of them has an account."
        )
        constraints = [
            unique("first_person", "second_person", message="These two have a conversation already."),
            rule(
                Q(first_person__lt=F("second_person")),
                "order",
                "A conversation is between two people, in order.",
            ),
            rule(
                Q(started_by=F("first_person")) | Q(started_by=F("second_person")),
                "started_by",
                "One of the two opens a conversation.",
            ),
            *policies(*PEOPLE, command="select", using=ONE_OF_TWO),
            *policies(*PEOPLE, command="insert", check=f"{ONE_OF_TWO} AND started_by_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["second_person"], serves="The conversations of a person: whose id is the larger one"
            ),
            BTree(
                fields=["started_by", "-id"],
                serves="The trigger of this table: how many somebody opened within a day",
            ),
        ]
        triggers = [
            AdmitsConversation(),
            BringsMembers(),
            Immutable("first_person", "second_person", "started_by"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    def other_than(self, person_id: UUID) -> UUID:
        """The id of the other one of the two. Raises ValueError for somebody who is none of them."""
        if person_id == self.first_person_id:
            return self.second_person_id
        if person_id == self.second_person_id:
            return self.first_person_id
        raise ValueError(f"{person_id} is no member of {self.pk}.")


class ConversationMemberQuerySet(models.QuerySet):
    """Reads of what somebody has in the inbox."""

    def inbox_of(self, person_id: UUID) -> Self:
        """Conversations that a person accepted and in which something was written, the newest first."""
        return self.filter(person=person_id, state=MemberState.ACCEPTED, last_message__isnull=False).order_by(
            "-last_message"
        )

    def requests_of(self, person_id: UUID) -> Self:
        """Conversations about which the person was asked and said nothing yet, the newest first."""
        return self.filter(
            person=person_id, state=MemberState.REQUESTED, last_message__isnull=False
        ).order_by("-last_message")

    def unread_of(self, person_id: UUID) -> Self:
        """Accepted conversations with something that the person has not read."""
        return self.filter(UNREAD, person=person_id)


UNREAD = Q(state=MemberState.ACCEPTED) & (
    Q(last_read__isnull=True, last_message__isnull=False) | Q(last_message__gt=F("last_read"))
)
"""There is a message that is newer than what was read, in a conversation that was accepted."""


class ConversationMember(Entity):
    """One row per person and conversation: what they said to it, and how far they read.

    Made with the conversation by a trigger; the pointer to the newest message is kept by a trigger of
    `engagement_directmessage`. Written by `engagement.services.conversations`, each person their own row. Nobody sees
    how far the other one has read.
    """

    volume, retention = Volume.LARGE, "with its conversation; deleted when the person is erased"
    held_by = HeldBy(person=("person", "other"))

    conversation = models.ForeignKey(
        Conversation,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="members",
        db_comment="The conversation.",
    )
    person = models.ForeignKey(
        PERSON,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="conversation_memberships",
        db_comment="The member whose row this is.",
    )
    other = personal(
        models.ForeignKey(
            PERSON,
            models.PROTECT,
            related_name="conversation_partnerships",
            db_comment="The other one of the two.",
        )
    )
    state = models.TextField(choices=MemberState, db_comment="What the person said to the conversation.")
    answered_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was accepted or declined (UTC); null: not answered."
    )
    request_messages = models.SmallIntegerField(
        db_default=0, db_comment="How many messages came before the person answered; kept by trigger."
    )
    last_message = models.ForeignKey(
        "engagement.DirectMessage",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="The newest message of the conversation; null: none yet. Its partition may be gone.",
    )
    last_read = personal(
        models.ForeignKey(
            "engagement.DirectMessage",
            models.DO_NOTHING,
            null=True,
            blank=True,
            db_constraint=False,
            db_index=False,
            related_name="+",
            db_comment="The newest message that the person has read; null: none. It only ever goes forward.",
        )
    )

    status_machine = StateMachine(
        MemberState,
        field="state",
        initial=(MemberState.REQUESTED, MemberState.ACCEPTED),
        moves={
            MemberState.REQUESTED: (MemberState.ACCEPTED, MemberState.DECLINED),
            MemberState.ACCEPTED: (MemberState.DECLINED,),
            MemberState.DECLINED: (MemberState.ACCEPTED,),
        },
    )
    quiet_columns = ("last_message", "last_read")

    objects: ClassVar[Any] = ConversationMemberQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per person and conversation: accepted or declined, and how far they read. Made by a trigger of "
            "engagement_conversation, written by engagement.services.conversations. Kept with its conversation."
        )
        constraints = [
            unique("conversation", "person", message="Somebody is a member of a conversation once."),
            rule(~Q(person=F("other")), "other", "Nobody writes to themselves."),
            rule(
                Q(state=MemberState.REQUESTED, answered_at__isnull=True)
                | ~Q(state=MemberState.REQUESTED) & Q(answered_at__isnull=False),
                "answered_at",
                "An answer has its time, and nothing else.",
            ),
            rule(Q(request_messages__gte=0), "request_messages", "A number of messages is not negative."),
            *policies(*PEOPLE, command="select", using=f"person_id = {ME}"),
            *policies(*PEOPLE, command="update", using=f"person_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["person", "state", "-last_message"],
                serves="docs/queries/inbox_of_person.sql: the inbox and the requests, the newest first",
            ),
            BTree(
                fields=["person"],
                condition=UNREAD,
                name="engagement_conversationmember_unread_idx",
                serves="docs/queries/unread_conversations.sql: the badge of unread conversations",
            ),
        ]
        triggers = [
            AnswersByItself(),
            ReadsForward(),
            Immutable("conversation", "person", "other"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.conversation_id}"

    @property
    def has_unread(self) -> bool:
        """Whether something was written that the person has not read."""
        return self.last_message_id is not None and (
            self.last_read_id is None or self.last_message_id > self.last_read_id
        )
