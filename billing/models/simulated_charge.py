"""The books of the simulated provider: not ours, which is why they are apart."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.models.currency import in_currency
from billing.models.provider_account import PROVIDER_READERS
from billing.provider_choices import ProviderOperation, ProviderOutcome
from core.db.constraints import length_between, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.roles import Role
from core.models import Entity, Volume


class SimulatedCharge(Entity):
    """One row per operation that the simulator was asked for, by its idempotency key: a charge, a capture, a refund.

    Written by `billing.providers.simulator`, in transactions of its own, as a provider's books are. Rows are made for
    accounts of the simulator only.
    """

    volume, retention = Volume.LARGE, "while the platform lives; it holds no money and nobody's data"

    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="simulated_charges",
        db_comment="The account of the simulator.",
    )
    idempotency_key = models.TextField(
        db_comment="As the caller gave it; a second call with it changes nothing."
    )
    operation = models.TextField(choices=ProviderOperation, db_comment="What was asked.")
    reference = models.TextField(db_comment="The simulator's name of what was made: sim_pay_..., sim_ref_...")
    payment_reference = models.TextField(
        db_comment="The payment that it belongs to; its own name for a payment."
    )
    payment_key = models.TextField(
        db_comment="The idempotency key of the payment, told in every event about it."
    )
    currency = in_currency("simulated_charges", "Currency of the amounts.")
    asked_amount = models.BigIntegerField(db_comment="What was asked for, in minor units.")
    amount = models.BigIntegerField(db_comment="What the simulator moved or set aside, in minor units.")
    script = models.TextField(db_comment="The script that was followed.")
    outcome = models.TextField(choices=ProviderOutcome, db_comment="What the simulator holds to be true.")
    decline_code = models.TextField(
        blank=True, db_default="", db_comment="Its code of a decline; empty: none."
    )
    captures = models.BooleanField(
        db_default=True, db_comment="Whether an authorisation took the money at once."
    )
    captured_total = models.BigIntegerField(
        db_default=0, db_comment="Of a payment: what was captured altogether, in minor units."
    )
    refunded_total = models.BigIntegerField(
        db_default=0, db_comment="Of a payment: what was refunded altogether, in minor units."
    )
    voided = models.BooleanField(db_default=False, db_comment="Of a payment: whether it was voided.")
    calls = models.IntegerField(db_default=1, db_comment="How often it was called with this key.")

    class Meta:
        db_table_comment = (
            "One row per operation asked of the simulated provider. Written by billing.providers.simulator. Kept "
            "while the platform lives."
        )
        constraints = [
            one_of("operation", ProviderOperation),
            one_of("outcome", ProviderOutcome),
            unique("provider_account", "idempotency_key", message="The simulator knows this key."),
            length_between("idempotency_key", 8, 255),
            length_between("script", 1, 80),
            rule(Q(calls__gte=1, amount__gte=0, asked_amount__gte=0), "counts", "Nothing is negative."),
            rule(Q(captured_total__gte=0, refunded_total__gte=0), "totals", "Totals are not negative."),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["payment_reference", "operation"],
                serves="billing.providers.simulator: the payment on which a capture, void or refund works",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class SimulatedEventQuerySet(models.QuerySet):
    """Reads of messages that the simulator sends."""

    def due(self) -> Self:
        """Messages that are to be sent now, in the order in which they are to arrive."""
        return self.filter(sent_at__isnull=True, due_at__lte=Now()).order_by("due_at", "pk")


class SimulatedEvent(Entity):
    """One row per message that the simulator sends: twice the same body is twice the same event."""

    volume, retention = Volume.LARGE, "while the platform lives; it holds no money and nobody's data"

    charge = models.ForeignKey(
        SimulatedCharge,
        models.PROTECT,
        related_name="events",
        db_comment="The operation that it tells of.",
    )
    event_id = models.TextField(db_comment="The simulator's id of the event; a duplicate has the same.")
    body = models.BinaryField(db_comment="The message, byte by byte.")
    due_at = models.DateTimeField(db_comment="When it is to be sent (UTC); the order of arrival.")
    sent_at = models.DateTimeField(null=True, blank=True, db_comment="When it was sent (UTC); null: not yet.")

    objects: Any = SimulatedEventQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per message that the simulated provider sends. Written by billing.providers.simulator. Kept "
            "while the platform lives."
        )
        constraints = [
            length_between("event_id", 1, 255),
            *policies(*PROVIDER_READERS, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["due_at"],
                condition=Q(sent_at__isnull=True),
                serves="billing.jobs: messages of the simulator that are to be sent",
            ),
        ]

    def __str__(self) -> str:
        return self.event_id
