"""What goes out to people, and what came of it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from core.db.constraints import length_between, one_of, rule
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, policies
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Volume
from core.models.partitioned import Partitioned, PartitionedQuerySet
from engagement.models.notification import Notification
from engagement.models.notification_event import REPEATS, NotificationEvent
from engagement.models.notification_template import TemplateVersion
from engagement.notification_choices import (
    DELIVERED_CHANNELS,
    OPEN_DELIVERIES,
    DeliveryStatus,
    NotificationChannel,
    NotificationFrequency,
)
from engagement.notification_policies import DELIVERY_KEEPERS, DELIVERY_STAFF, NOT_MINE, worker_rows

PROBLEMS = (DeliveryStatus.BOUNCED, DeliveryStatus.FAILED, DeliveryStatus.SUPPRESSED)


class DeliveryAttemptQuerySet(PartitionedQuerySet):
    """Reads of deliveries."""

    def due(self) -> Self:
        """What is to go out by now, one at a time; digests go together."""
        return self.filter(
            status__in=OPEN_DELIVERIES, frequency=NotificationFrequency.IMMEDIATE, next_try_at__lte=Now()
        )

    def digests_due(self) -> Self:
        """What is to go out by now together with others of the same person."""
        return self.filter(status__in=OPEN_DELIVERIES, next_try_at__lte=Now()).exclude(
            frequency=NotificationFrequency.IMMEDIATE
        )


class DeliveryAttempt(Partitioned):
    """One row per notification, channel and destination: what is sent, how often it was tried, what came of it.

    What the person did with it (seen, read) stands on the notification and never here. The id is made of the
    notification, the channel and the destination (`engagement_derived_id`): a second one of the same cannot be written.
    Written by `engagement.services.notification_spreading`, moved by `engagement.services.deliveries`.
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = REPEATS

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="To whom it goes; the distribution column.",
    )
    notice = models.ForeignKey(
        Notification,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="What it tells.",
    )
    happening = models.ForeignKey(
        NotificationEvent,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="What happened.",
    )
    channel = models.TextField(choices=NotificationChannel, db_comment="By which way it goes.")
    template_version = models.ForeignKey(
        TemplateVersion,
        models.PROTECT,
        # A published version is never deleted, and nobody asks which deliveries used one.
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="The wording, as it was when the event spread.",
    )
    push_subscription_id = models.UUIDField(
        null=True,
        blank=True,
        db_comment="The browser (engagement_pushsubscription.id) of a web push; null for e-mail.",
    )
    frequency = models.TextField(
        choices=NotificationFrequency,
        db_default=NotificationFrequency.IMMEDIATE,
        db_comment="Whether it goes alone, or in the digest of a day or week.",
    )
    status = models.TextField(
        choices=DeliveryStatus, db_default=DeliveryStatus.QUEUED, db_comment="Where it stands."
    )
    tries = models.IntegerField(db_default=0, db_comment="How often it was tried.")
    next_try_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="When to try next (UTC): after quiet hours, with the digest, after a failure; null: never again.",
    )
    provider_id = models.TextField(
        blank=True,
        db_default="",
        db_comment="By which the channel knows it: the Message-ID; empty: not sent.",
    )
    sent_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the channel took it (UTC); null: not yet."
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it arrived, came back or was given up (UTC); null: not known."
    )
    words = models.TextField(
        blank=True,
        db_default="",
        db_comment="Why it failed, in our words and the channel's code; no address.",
    )

    partitions = PartitionPlan(every=Every.MONTH)
    status_machine = StateMachine(
        DeliveryStatus,
        initial=(DeliveryStatus.QUEUED,),
        moves={
            DeliveryStatus.QUEUED: (DeliveryStatus.SENDING, DeliveryStatus.SUPPRESSED),
            DeliveryStatus.SENDING: (
                DeliveryStatus.QUEUED,
                DeliveryStatus.SENT,
                DeliveryStatus.DELIVERED,
                DeliveryStatus.BOUNCED,
                DeliveryStatus.FAILED,
                DeliveryStatus.SUPPRESSED,
            ),
            DeliveryStatus.SENT: (DeliveryStatus.DELIVERED, DeliveryStatus.BOUNCED),
            DeliveryStatus.DELIVERED: (DeliveryStatus.BOUNCED,),
            # By a member of staff, who has it tried again.
            DeliveryStatus.FAILED: (DeliveryStatus.QUEUED,),
            DeliveryStatus.BOUNCED: (DeliveryStatus.QUEUED,),
            DeliveryStatus.SUPPRESSED: (DeliveryStatus.QUEUED,),
        },
    )

    objects: ClassVar[Any] = DeliveryAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "deliveries"
        db_table_comment = (
            "One row per notification, channel and destination. Written by engagement.services.notification_spreading, "
            "moved by engagement.services.deliveries. Kept 90 days."
        )
        permissions = [("retry_deliveryattempt", "Can have a delivery tried again")]
        constraints = [
            one_of("channel", DELIVERED_CHANNELS),
            one_of(
                "frequency", [kind for kind in NotificationFrequency if kind != NotificationFrequency.OFF]
            ),
            rule(
                Q(channel="web_push", push_subscription_id__isnull=False, frequency="immediate")
                | Q(channel="email", push_subscription_id__isnull=True),
                "push_subscription",
                "A web push goes to one browser, at once; an e-mail to none.",
            ),
            rule(
                Q(status__in=OPEN_DELIVERIES, next_try_at__isnull=False)
                | ~Q(status__in=OPEN_DELIVERIES) & Q(next_try_at__isnull=True),
                "next_try_at",
                "What is open has a next time, and nothing else.",
            ),
            rule(
                ~Q(status__in=(DeliveryStatus.SENT, DeliveryStatus.DELIVERED)) | Q(sent_at__isnull=False),
                "sent_at",
                "What was sent has its time.",
            ),
            rule(Q(tries__gte=0, tries__lte=1000), "tries", "Tries are counted from 0."),
            length_between("provider_id", 0, 255),
            length_between("words", 0, 500),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *policies(*DELIVERY_KEEPERS, command="update", using=f"recipient_id {NOT_MINE}"),
            *worker_rows("select", "insert", "update"),
        ]
        indexes = [
            BTree(
                fields=["recipient", "-id"],
                serves="The delivery log: what went to a person, newest first",
            ),
            BTree(
                fields=["next_try_at"],
                condition=Q(status__in=OPEN_DELIVERIES),
                serves="docs/queries/deliveries_due.sql: what is to go out by now, the longest waiting first",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=PROBLEMS),
                serves="docs/queries/deliveries_failed.sql: what did not arrive, newest first",
            ),
            BTree(
                fields=["provider_id"],
                condition=~Q(provider_id=""),
                serves="engagement.services.bounces: the delivery that a bounce is about",
            ),
        ]
        triggers = [
            Immutable(
                "recipient",
                "notice",
                "happening",
                "channel",
                "template_version",
                "push_subscription_id",
                "frequency",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"
