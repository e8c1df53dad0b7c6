"""What one person is told."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.db.constraints import length_between, matches, rule
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.privacy import personal
from core.db.triggers import Immutable
from core.models import Volume
from core.models.partitioned import Partitioned, PartitionedQuerySet
from engagement.models.notification_event import LINK, LINK_RULE, REPEATS, NotificationEvent
from engagement.notification_policies import own_rows, worker_rows
from engagement.notification_triggers import ReadOnce

UNREAD = Q(is_in_app=True, read_at__isnull=True, archived_at__isnull=True)


class NotificationQuerySet(PartitionedQuerySet):
    """Reads of what people are told."""

    def shown(self) -> Self:
        """What stands in somebody's list: not put away, still of use."""
        return self.filter(is_in_app=True, archived_at__isnull=True).filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
        )

    def unread(self) -> Self:
        """What the badge counts."""
        return self.filter(UNREAD).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))


class Notification(Partitioned):
    """One row per person and event, in the words that they read.

    The id is made of the event and the person (`engagement_derived_id`), so that spreading an event twice finds every
    row of the first time. Written by `engagement.services.notification_spreading`; what the person did with it, by
    `engagement.services.notifications`.
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = REPEATS

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Who is told; the distribution column.",
    )
    happening = models.ForeignKey(
        NotificationEvent,
        models.DO_NOTHING,
        db_constraint=False,
        # Nobody asks for the notifications of an event: their ids follow from it.
        db_index=False,
        related_name="+",
        db_comment="What happened.",
    )
    group_key = models.TextField(db_comment="What is shown together has the same: chat_reply:018f.")
    title = personal(models.TextField(db_comment="First line, in the language of the person."))
    body = personal(models.TextField(blank=True, db_default="", db_comment="What follows; may be empty."))
    deep_link = models.TextField(
        blank=True, db_default="", db_comment="Path of the platform to which it leads; empty: none."
    )
    is_in_app = models.BooleanField(
        db_default=True,
        db_comment="Whether it stands in the person's list; false: they muted it there and are told otherwise.",
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, db_comment="Until when it is of use (UTC); null: as long as it is kept."
    )
    seen_at = personal(
        models.DateTimeField(null=True, blank=True, db_comment="When it was first on their screen (UTC).")
    )
    read_at = personal(models.DateTimeField(null=True, blank=True, db_comment="When they opened it (UTC)."))
    archived_at = personal(
        models.DateTimeField(null=True, blank=True, db_comment="When they put it away (UTC).")
    )

    partitions = PartitionPlan(every=Every.MONTH)
    objects: ClassVar[Any] = NotificationQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per person and event of which they are told. Written by "
            "engagement.services.notification_spreading and, when read, by the person. Kept 90 days."
        )
        constraints = [
            length_between("group_key", 1, 250),
            length_between("title", 1, 400),
            length_between("body", 0, 1000),
            matches("deep_link", LINK, LINK_RULE),
            rule(Q(read_at__isnull=True) | Q(seen_at__isnull=False), "read_at", "What was read was seen."),
            *own_rows("recipient_id", "select", "update"),
            *worker_rows("select", "insert"),
        ]
        indexes = [
            BTree(
                fields=["recipient", "-id"],
                serves="docs/queries/notifications_of_person.sql: what somebody is told, newest first",
            ),
            BTree(
                fields=["recipient"],
                name="%(app_label)s_%(class)s_unread_idx",
                condition=UNREAD,
                serves="docs/queries/unread_notifications.sql: the badge of a person, counted up to a hundred",
            ),
        ]
        triggers = [
            Immutable(
                "recipient", "happening", "group_key", "title", "body", "deep_link", "is_in_app", "expires_at"
            ),
            ReadOnce(),
        ]

    def __str__(self) -> str:
        return str(self.title)
