"""Messages of rooms, by the million."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.db.constraints import one_of, rule
from core.db.figures import Told, tells_figures
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models.partitioned import Partitioned, PartitionedQuerySet
from core.models.storage import Volume
from engagement.chat_choices import MessageKind, MessageStatus
from engagement.chat_policies import CHAT_DECIDERS, CHAT_READERS, MODERATES_HERE, PEOPLE, SHOWN_ROOM
from engagement.chat_text import body_rules
from engagement.chat_triggers import AdmitsMessages, ModeratedByWhom
from engagement.counter_triggers import Counted, CountsNew

BACKLOG = 50
"""Messages that somebody sees who enters a room."""


class ChatMessageQuerySet(PartitionedQuerySet):
    """Reads of messages."""

    def visible(self) -> Self:
        """What everybody in the room sees."""
        return self.filter(status=MessageStatus.VISIBLE)

    def in_room(self, room_id: UUID, before: UUID | None = None) -> Self:
        """The messages of a room, newest first; the page after one that ended at `before`."""
        rows = self.filter(room_id=room_id).order_by("-id")
        return rows.filter(id__lt=before) if before is not None else rows

    def of_sender(self, sender_id: UUID, before: UUID | None = None) -> Self:
        """What somebody wrote in all rooms, newest first."""
        rows = self.filter(sender_id=sender_id).order_by("-id")
        return rows.filter(id__lt=before) if before is not None else rows


class ChatMessage(Partitioned):
    """One row per line of a room.

    Written by `engagement.services.chat_messages`. Room, performer and sender are checked by a trigger and not by
    foreign keys: each of those would lock the row of the room for every message (docs/decisions/0047).
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = HeldBy(
        person=("sender",),
        stream=("(SELECT r.stream_id FROM engagement_chatroom r WHERE r.id = {row}.room_id)",),
    )

    room = models.ForeignKey(
        "engagement.ChatRoom",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="messages",
        db_comment="The room; a trigger checks that it is there.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="Whose room it is; a trigger checks it.",
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Who wrote it; null: the system did.",
    )
    kind = models.TextField(
        choices=MessageKind,
        default=MessageKind.USER,
        db_comment="What the line is: a message, or what happened.",
    )
    body = personal(models.TextField(db_comment="The words, one line of up to 500 characters, in NFC."))
    reply_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="replies",
        db_comment="The message of the same room that it answers; null: none. That one may be gone already.",
    )
    status = models.TextField(
        choices=MessageStatus, default=MessageStatus.VISIBLE, db_comment="Who sees it; moves are enforced."
    )
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # The partial index below serves it: few messages are ever moderated.
        db_index=False,
        related_name="+",
        db_comment="Who removed, approved or restored it last; null: nobody, or the system.",
    )
    moderated_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When its status moved last (UTC), by the database; null: it never did.",
    )

    # The months of the public chat lie behind, as those of every import do.
    partitions = PartitionPlan(every=Every.MONTH, behind=3)
    status_machine = StateMachine(
        MessageStatus,
        initial=[MessageStatus.VISIBLE, MessageStatus.HELD],
        moves={
            MessageStatus.VISIBLE: [MessageStatus.REMOVED],
            MessageStatus.HELD: [MessageStatus.VISIBLE, MessageStatus.REMOVED],
            MessageStatus.REMOVED: [MessageStatus.VISIBLE],
        },
    )

    objects: ClassVar[Any] = ChatMessageQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per line of a room. Written by engagement.services.chat_messages. Kept 90 days."
        )
        permissions = [("moderate_chatmessage", "Can remove and restore messages")]
        constraints = [
            one_of("kind", MessageKind),
            *body_rules(),
            rule(
                Q(kind=MessageKind.SYSTEM, sender__isnull=True)
                | ~Q(kind=MessageKind.SYSTEM) & Q(sender__isnull=False),
                "sender",
                "A line of the system has no sender, every other one has.",
            ),
            rule(
                Q(moderated_at__isnull=False)
                | Q(moderated_by__isnull=True) & ~Q(status=MessageStatus.REMOVED),
                "moderated_at",
                "What was moderated says since when.",
            ),
            *policies(*CHAT_READERS, command="select", using=ALL),
            *policies(
                *PEOPLE,
                command="select",
                using=(
                    f"sender_id = {ME} OR (status NOT IN ('held', 'removed') OR {MODERATES_HERE}) AND {SHOWN_ROOM}"
                ),
            ),
            *policies(
                *PEOPLE,
                command="insert",
                check=f"sender_id = {ME} AND (kind = 'user' OR kind = 'announcement' AND {MODERATES_HERE})",
            ),
            Policy(role=Role.WORKER, command="insert", check="room_id IS NOT NULL"),
            *policies(*PEOPLE, command="update", using=f"sender_id = {ME} OR {MODERATES_HERE}"),
            *policies(*CHAT_DECIDERS, command="update", using=f"sender_id IS DISTINCT FROM {ME}"),
            Policy(
                role=Role.WORKER,
                command="update",
                using="status NOT IN ('visible', 'removed')",
                check="status = 'removed'",
            ),
        ]
        indexes = [
            BTree(
                fields=["room", "-id"], serves="docs/queries/room_backlog.sql: the last messages of a room"
            ),
            BTree(
                fields=["sender", "-id"],
                serves="docs/queries/messages_of_person.sql: slow mode, and what somebody wrote across rooms",
            ),
            BTree(
                fields=["moderated_by", "-id"],
                condition=Q(moderated_by__isnull=False),
                serves="What a moderator removed or approved, newest first",
            ),
        ]
        triggers = [
            Immutable("room", "performer", "sender", "kind", "body", "reply_to"),
            ModeratedByWhom(),
            AdmitsMessages(),
            CountsNew("messages", Counted("room", "room_id", "{row}.kind <> 'system'")),
            *tells_figures(
                Told(
                    "chat",
                    "(SELECT c.stream_id FROM engagement_chatroom c WHERE c.id = {row}.room_id)",
                    "uuid_extract_timestamp({row}.id)",
                    "{row}.kind <> 'system'",
                ),
                changes=("status",),
            ),
        ]

    def __str__(self) -> str:
        return self.body

    @property
    def trail_name(self) -> str:
        """The message without its words, which an erasure destroys."""
        return f"message {self.pk}"
