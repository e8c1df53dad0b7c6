"""What payment providers tell us: the inbox."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Func, Q
from django.db.models.lookups import LessThanOrEqual

from billing.models.provider_account import PROVIDER_READERS
from billing.provider_choices import FactKind, ProviderEventStatus, SignatureVerdict
from billing.provider_triggers import ClaimsItsKey, IsNeverDeleted
from core.db.constraints import has_bytes, is_object, length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Fact, Identified, Volume
from core.models.partitioned import Partitioned, PartitionedQuerySet

LARGEST_BODY = 1024 * 1024
"""Bytes of a message; a longer one is refused unread."""

DIGEST_BYTES = 32
UNSETTLED = (
    ProviderEventStatus.RECEIVED,
    ProviderEventStatus.FAILED,
    ProviderEventStatus.QUARANTINED,
)
"""What somebody or some job has yet to deal with."""


class ProviderEventQuerySet(PartitionedQuerySet):
    """Reads of the inbox."""

    def unsettled(self) -> Self:
        """Messages that nobody has dealt with."""
        return self.filter(status__in=UNSETTLED)


class ProviderEvent(Partitioned):
    """One row per message of a provider: its bytes as they came, what its signature said, what became of it.

    Written by `billing.services.provider_events`. A message with a valid signature is there once for an account and an
    event id, whoever writes it (`ProviderEventKey`); a forged one claims nothing.
    """

    volume, retention = Volume.FIREHOSE, "13 months"
    held_by = NotHeld("What it reported stands on the payment, which is kept 10 years by tax law.")

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="events",
        db_comment="To whose address it came.",
    )
    event_id = models.TextField(
        blank=True, db_default="", db_comment="The provider's id of the event; empty: it could not be read."
    )
    event_type = models.TextField(
        blank=True, db_default="", db_comment="The provider's word for what happened: charge.refunded."
    )
    body = personal(
        models.BinaryField(
            db_default=b"",
            db_comment="The message as it came, byte by byte; empty when it was too large to be read.",
        )
    )
    body_bytes = models.BigIntegerField(
        db_comment="How many bytes it had, or said that it had when it was not read."
    )
    body_sha256 = models.BinaryField(db_comment="SHA-256 of `body`; 32 bytes.")
    headers = models.JSONField(
        default=dict, db_comment="The headers that are needed to check it again: names in small letters."
    )
    verdict = models.TextField(choices=SignatureVerdict, db_comment="What its signature said.")
    status = models.TextField(
        choices=ProviderEventStatus,
        db_default=ProviderEventStatus.RECEIVED,
        db_comment="What became of it.",
    )
    received_at = models.DateTimeField(db_comment="When it came (UTC).")
    deliveries = models.IntegerField(db_default=1, db_comment="How often the provider sent it.")
    attempts = models.IntegerField(
        db_default=0, db_comment="How often it was processed, with or without success."
    )
    processed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was processed or ignored (UTC); null: not yet."
    )
    words = models.TextField(
        blank=True,
        db_default="",
        db_comment="Why it failed, was ignored or quarantined; quotes nothing of it.",
    )
    fact = models.TextField(
        choices=FactKind,
        null=True,
        blank=True,
        db_comment="What it reports, in neutral words; null: not read.",
    )
    occurred_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it happened, by the provider's clock (UTC); null: not read."
    )
    reference = models.TextField(
        blank=True, db_default="", db_comment="The provider's name of the payment; empty: none is named."
    )

    partitions = PartitionPlan(every=Every.MONTH)
    status_machine = StateMachine(
        ProviderEventStatus,
        initial=tuple(
            status for status in ProviderEventStatus if status is not ProviderEventStatus.PROCESSED
        ),
        moves={
            ProviderEventStatus.RECEIVED: (
                ProviderEventStatus.PROCESSED,
                ProviderEventStatus.IGNORED,
                ProviderEventStatus.FAILED,
                ProviderEventStatus.QUARANTINED,
            ),
            ProviderEventStatus.FAILED: (
                ProviderEventStatus.RECEIVED,
                ProviderEventStatus.PROCESSED,
                ProviderEventStatus.IGNORED,
            ),
            ProviderEventStatus.IGNORED: (ProviderEventStatus.RECEIVED,),
            ProviderEventStatus.QUARANTINED: (ProviderEventStatus.RECEIVED,),
        },
    )

    objects: ClassVar[Any] = ProviderEventQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per message of a payment provider, byte by byte as it came. Written by "
            "billing.services.provider_events. Kept 13 months."
        )
        permissions = [("replay_providerevent", "Can have a message of a provider processed again")]
        constraints = [
            one_of("verdict", SignatureVerdict),
            one_of("fact", FactKind),
            length_between("event_id", 0, 255),
            length_between("event_type", 0, 255),
            length_between("reference", 0, 255),
            length_between("words", 0, 2000),
            rule(is_object("headers"), "headers", "Headers are kept as a JSON object."),
            rule(
                LessThanOrEqual(
                    Func("body", function="octet_length", output_field=models.IntegerField()), LARGEST_BODY
                ),
                "body_size",
                "A message has at most 1 MB.",
            ),
            rule(
                has_bytes("body_sha256", DIGEST_BYTES), "body_sha256", f"A digest has {DIGEST_BYTES} bytes."
            ),
            rule(
                Q(body_bytes__gte=0, deliveries__gte=1, attempts__gte=0),
                "counts",
                "Sizes and counts are not negative.",
            ),
            rule(
                Q(verdict=SignatureVerdict.VALID) | Q(status=ProviderEventStatus.QUARANTINED),
                "status_verdict",
                "Only what the provider signed leaves quarantine.",
            ),
            rule(
                Q(status__in=(ProviderEventStatus.FAILED, ProviderEventStatus.QUARANTINED)) | ~Q(event_id=""),
                "event_id",
                "What is processed has the provider's id.",
            ),
            rule(
                Q(
                    status__in=(ProviderEventStatus.PROCESSED, ProviderEventStatus.IGNORED),
                    processed_at__isnull=False,
                )
                | Q(
                    status__in=UNSETTLED,
                    processed_at__isnull=True,
                ),
                "processed_at",
                "What is processed or ignored has its time, and nothing else.",
            ),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["provider_account", "event_id"],
                serves="The inbox and the search box: a message by the provider's id",
            ),
            BTree(
                fields=["reference", "-id"],
                condition=~Q(reference=""),
                serves="docs/queries/provider_events_of_payment.sql: what was reported about a payment, newest first",
            ),
            BTree(
                fields=["status", "-id"],
                condition=Q(status__in=UNSETTLED),
                serves="docs/queries/provider_events_unsettled.sql: what waits, failed or is in quarantine",
            ),
        ]
        triggers = [
            IsNeverDeleted(),
            Immutable("provider_account", "body", "body_bytes", "body_sha256", "headers", "received_at"),
            ClaimsItsKey(),
        ]

    def __str__(self) -> str:
        return self.event_id or f"message of {self.received_at:%Y-%m-%d %H:%M:%S}"


class ProviderEventKey(Fact, Identified):
    """One row per event id of an account whose signature was valid: that an event is there once.

    A unique rule of a partitioned table would have to contain the partition key. Written by a trigger of
    `billing_providerevent`, whoever inserts there; nobody else can.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = NotHeld("It says only that a message was received.")

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="event_keys",
        db_comment="To whose address it came.",
    )
    event_id = models.TextField(db_comment="The provider's id of the event.")
    message = models.ForeignKey(
        "billing.ProviderEvent",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        db_comment="The message; its partition may be gone.",
    )

    class Meta:
        db_table_comment = (
            "One row per event of a provider, so that it is there once. Written by a trigger of billing_providerevent. "
            "Kept 13 months."
        )
        constraints = [
            unique("provider_account", "event_id", message="This event was received already."),
            length_between("event_id", 1, 255),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.event_id
