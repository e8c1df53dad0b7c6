"""Private messages."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.db.constraints import rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import policies
from core.db.privacy import personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Volume
from core.models.partitioned import Partitioned, PartitionedQuerySet
from engagement.message_choices import MessageStatus
from engagement.message_policies import PEOPLE, SENT_BY_ME, SENT_TO_ME
from engagement.message_text import body_rules
from engagement.message_triggers import (
    AdmitsMessage,
    DeliversMessage,
    ForgetsFiles,
    MovesByItsPeople,
)

MOST_FILES = 10
"""Attachments of one message."""


class DirectMessageQuerySet(PartitionedQuerySet):
    """Reads of private messages, under the policies of their two people."""

    def page_of(self, conversation_id: UUID, *, before: UUID | None = None) -> Self:
        """The messages of a conversation from the newest on; `before` is the id of the last one seen."""
        rows = self.filter(conversation=conversation_id)
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return rows.order_by("-pk")


class DirectMessage(Partitioned):
    """One row per private message: who wrote what to whom.

    Written by `engagement.services.direct_messages`. Sender and recipient read it, nobody else, in no role and for no
    reason; staff read the copy that a report made. The future distribution column is `conversation_id`.
    """

    volume, retention = Volume.FIREHOSE, "24 months"
    held_by = HeldBy(person=("sender", "recipient"), keeps=("body",))

    conversation = models.ForeignKey(
        "engagement.Conversation",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="In which conversation.",
    )
    sender = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            # An index leads with it.
            db_index=False,
            related_name="+",
            db_comment="Who wrote it.",
        )
    )
    recipient = personal(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.PROTECT,
            # An index leads with it.
            db_index=False,
            related_name="+",
            db_comment="The other one of the two; set by trigger.",
        )
    )
    body = personal(
        models.TextField(blank=True, db_comment="The words, in normal form C; empty: files alone, or gone.")
    )
    files = ArrayField(
        models.UUIDField(),
        default=list,
        db_default=models.Value([], output_field=ArrayField(models.UUIDField())),
        blank=True,
        db_comment="Ids of its attachments, in order. Their rows go before the message or with it.",
    )
    status = models.TextField(
        choices=MessageStatus,
        db_default=MessageStatus.VISIBLE,
        default=MessageStatus.VISIBLE,
        db_comment="Who still sees it.",
    )
    moved_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when it is hidden, deleted or erased (UTC); null: visible. By trigger.",
    )

    partitions = PartitionPlan(every=Every.MONTH)
    status_machine = StateMachine(
        MessageStatus,
        initial=(MessageStatus.VISIBLE,),
        moves={
            MessageStatus.VISIBLE: (MessageStatus.HIDDEN, MessageStatus.DELETED, MessageStatus.ERASED),
            MessageStatus.HIDDEN: (MessageStatus.VISIBLE, MessageStatus.ERASED),
            MessageStatus.DELETED: (MessageStatus.ERASED,),
        },
    )

    objects: ClassVar[Any] = DirectMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "private message"
        db_table_comment = (
            "One row per private message. Written by engagement.services.direct_messages; read by its two people "
            "alone. Kept 24 months, the words of a deleted one 30 days."
        )
        constraints = [
            *body_rules(),
            rule(
                ~Q(body="") | ~Q(files=[]) | Q(status__in=[MessageStatus.DELETED, MessageStatus.ERASED]),
                "body",
                "A message has words or a file.",
            ),
            rule(
                Q(status=MessageStatus.VISIBLE, moved_at__isnull=True)
                | ~Q(status=MessageStatus.VISIBLE) & Q(moved_at__isnull=False),
                "moved_at",
                "What is not visible says since when.",
            ),
            rule(
                ~Q(status=MessageStatus.ERASED) | Q(body=""),
                "erased",
                "Nothing is left of an erased message.",
            ),
            rule(Q(files__len__lte=MOST_FILES), "files", f"A message has at most {MOST_FILES} attachments."),
            rule(~Q(sender=models.F("recipient")), "recipient", "Nobody writes to themselves."),
            *policies(*PEOPLE, command="select", using=f"{SENT_BY_ME} OR {SENT_TO_ME}"),
            *policies(*PEOPLE, command="insert", check=SENT_BY_ME),
            *policies(*PEOPLE, command="update", using=SENT_BY_ME),
        ]
        indexes = [
            BTree(
                fields=["conversation", "-id"],
                serves="docs/queries/messages_of_conversation.sql: a page of a conversation, the newest first",
            ),
            BTree(fields=["sender", "-id"], serves="Erasure of a person, and what somebody wrote lately"),
            BTree(fields=["recipient", "-id"], serves="What somebody was written, for a copy of their data"),
            BTree(
                fields=["moved_at"],
                condition=Q(status=MessageStatus.DELETED) & ~Q(body=""),
                name="engagement_directmessage_deleted_idx",
                serves="direct_messages_forget: words whose sender deleted them 30 days ago",
            ),
        ]
        triggers = [
            AdmitsMessage(),
            MovesByItsPeople(),
            DeliversMessage(),
            ForgetsFiles(),
            Immutable("conversation", "sender", "recipient", "files"),
        ]

    def __str__(self) -> str:
        return f"private message {self.pk}"
