"""What happened of which people are told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.db.constraints import is_object, length_between, matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Fact, Identified, Volume
from core.models.partitioned import Partitioned
from engagement.models.notification_trigger import NotificationTrigger
from engagement.notification_choices import NotificationEventStatus
from engagement.notification_policies import DELIVERY_STAFF, worker_rows
from engagement.notification_triggers import ClaimsEventKey

MOST_RECIPIENTS = 1_000
"""People whom one event names; more of them follow somebody."""

REPEATS = NotHeld("It repeats what stands in the rows of which it tells, and those are held.")
LINK = "^$|^/[A-Za-z0-9_~.-][A-Za-z0-9_~./?&=%#-]*$|^/$"
LINK_RULE = "A link is a path of the platform, as in /streams/018f."


class NotificationEvent(Partitioned):
    """One row per happening of which people are told, once for its key.

    Written by the function `engagement_notification_event_record`, in the transaction of what happened; spread to
    those concerned by `engagement.services.notification_spreading`, which keeps here how far it came.
    """

    volume, retention = Volume.FIREHOSE, "90 days"
    held_by = REPEATS

    trigger = models.ForeignKey(
        NotificationTrigger,
        models.PROTECT,
        db_index=False,
        related_name="+",
        db_comment="What kind of happening it is.",
    )
    idempotency_key = models.TextField(
        db_comment="By which whoever records it knows a repetition; one event has it."
    )
    variables = personal(
        models.JSONField(db_comment="Object: the value of each variable of the trigger, texts and numbers.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        # Erasure alone asks for it, by the index below.
        db_index=False,
        related_name="+",
        db_comment="Whose doing it was; is told nothing of it. Null: the platform's.",
    )
    recipients = personal(
        ArrayField(
            models.UUIDField(),
            default=list,
            blank=True,
            db_comment="Whom it concerns (accounts_user.id); empty: the followers of somebody.",
        )
    )
    followers_of = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        db_comment="Whose followers it concerns; null: it names whom.",
    )
    deep_link = models.TextField(
        blank=True, db_default="", db_comment="Path of the platform to which it leads; empty: none."
    )
    status = models.TextField(
        choices=NotificationEventStatus,
        db_default=NotificationEventStatus.RECORDED,
        db_comment="How far it has spread.",
    )
    reached_to = models.UUIDField(
        null=True,
        blank=True,
        db_comment="The last follow (engagement_follow.id) that was told, in the order of ids; null: none yet.",
    )
    notified = models.IntegerField(db_default=0, db_comment="How many people were notified so far.")
    spread_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it had spread to everybody (UTC); null: not yet."
    )

    partitions = PartitionPlan(every=Every.MONTH)
    status_machine = StateMachine(
        NotificationEventStatus,
        initial=(NotificationEventStatus.RECORDED,),
        moves={
            NotificationEventStatus.RECORDED: (
                NotificationEventStatus.SPREADING,
                NotificationEventStatus.SPREAD,
            ),
            NotificationEventStatus.SPREADING: (NotificationEventStatus.SPREAD,),
        },
    )

    class Meta:
        verbose_name = "event"
        db_table_comment = (
            "One row per happening of which people are told. Written by engagement_notification_event_record, spread "
            "by engagement.services.notification_spreading. Kept 90 days."
        )
        constraints = [
            length_between("idempotency_key", 1, 200),
            rule(is_object("variables"), "variables", "Variables are kept as a JSON object."),
            rule(
                Q(recipients__len__gte=1, recipients__len__lte=MOST_RECIPIENTS, followers_of__isnull=True)
                | Q(recipients__len=0, followers_of__isnull=False),
                "recipients",
                f"An event concerns one to {MOST_RECIPIENTS} people, or the followers of a performer.",
            ),
            matches("deep_link", LINK, LINK_RULE),
            length_between("deep_link", 0, 500),
            rule(Q(notified__gte=0), "notified", "Nobody is notified less than not at all."),
            rule(
                Q(status=NotificationEventStatus.SPREAD, spread_at__isnull=False)
                | ~Q(status=NotificationEventStatus.SPREAD) & Q(spread_at__isnull=True),
                "spread_at",
                "What has spread has its time, and nothing else.",
            ),
            *policies(*DELIVERY_STAFF, command="select", using=ALL),
            *worker_rows("select", "update"),
        ]
        indexes = [
            BTree(
                fields=["status", "id"],
                condition=~Q(status=NotificationEventStatus.SPREAD),
                serves="docs/queries/notification_events_unspread.sql: events that wait, the oldest first",
            ),
            BTree(
                fields=["trigger", "-id"],
                serves="The room of events: those of one trigger, newest first",
            ),
            BTree(
                fields=["followers_of"],
                condition=Q(followers_of__isnull=False),
                serves="engagement_notifications_erase: what followers of a performer were told",
            ),
            BTree(
                fields=["actor"],
                condition=Q(actor__isnull=False),
                serves="engagement_notifications_erase: the events that a person made",
            ),
        ]
        triggers = [
            ClaimsEventKey(),
            Immutable("trigger", "idempotency_key", "actor", "recipients", "followers_of", "deep_link"),
        ]

    def __str__(self) -> str:
        return f"{self.idempotency_key}"


class NotificationEventKey(Fact, Identified):
    """One row per trigger and key: that an event is there once.

    A unique rule of a partitioned table would have to contain the partition key. Written by a trigger of
    `engagement_notificationevent`; nobody else can.
    """

    volume, retention = Volume.LARGE, "90 days"
    over = Over()
    held_by = NotHeld("It says only that something was recorded.")

    trigger = models.ForeignKey(
        NotificationTrigger,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="+",
        db_comment="What kind of happening it is.",
    )
    idempotency_key = models.TextField(db_comment="The key that whoever recorded it gave.")
    happening = models.ForeignKey(
        NotificationEvent,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="The event; its partition may be gone.",
    )

    class Meta:
        db_table_comment = (
            "One row per trigger and key of an event, so that it is there once. Written by a trigger of "
            "engagement_notificationevent. Kept 90 days."
        )
        constraints = [
            unique("trigger", "idempotency_key", message="This was recorded already."),
            length_between("idempotency_key", 1, 200),
            *policies(*DELIVERY_STAFF, Role.WORKER, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.idempotency_key
