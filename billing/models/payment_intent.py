"""What we want to collect, and what providers were asked for."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency
from billing.models.payment_method import no_card_number
from billing.payment_choices import AttemptKind, AttemptStatus, CaptureMode, ThreeDSecureFlow
from billing.payment_policies import payment_policies
from billing.payment_triggers import AttemptWithinPayment
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy, NotHeld
from core.db.indexes import BTree
from core.db.privacy import not_personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

IN_FLIGHT = (AttemptStatus.SENT, AttemptStatus.REQUIRES_ACTION, AttemptStatus.UNKNOWN)
"""What may still succeed."""


class PaymentIntent(Entity):
    """One row per wish to collect the total of an order by one payment method. Written by `billing.services.payments`.

    Its attempts and payments say what came of it.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    order = models.ForeignKey(
        "billing.Order",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="intents",
        db_comment="What is paid for.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="payment_intents",
        db_comment="The person who pays.",
    )
    payment_method = models.ForeignKey(
        "billing.PaymentMethod",
        models.PROTECT,
        related_name="intents",
        db_comment="The instrument with which is paid.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        related_name="intents",
        db_comment="Through which account with a provider.",
    )
    currency = in_currency("payment_intents", "Currency of the amounts.")
    amount = amount_field("What is to be collected: the total of the order.")
    capture_mode = models.TextField(
        choices=CaptureMode, default=CaptureMode.AUTOMATIC, db_comment="When the money is taken."
    )
    idempotency_key = models.TextField(
        db_comment="Names the wish for whoever asks; unique, a repetition finds it."
    )

    class Meta:
        db_table_comment = (
            "One row per wish to collect the total of an order by one payment method. "
            "Written by billing.services.payments. Kept 10 years."
        )
        constraints = [
            amount_rule("amount", least=1),
            one_of("capture_mode", CaptureMode),
            length_between("idempotency_key", 1, 255),
            unique("idempotency_key", message="There is a payment with this key already."),
            *payment_policies(own="user_id", update=False),
        ]
        indexes = [BTree(fields=["order", "-id"], serves="The page of an order: its payments, newest first")]
        triggers: ClassVar[Any] = [
            Immutable(
                "order",
                "user",
                "payment_method",
                "provider_account",
                "currency",
                "amount",
                "capture_mode",
                "idempotency_key",
            ),
            RefuseErasedPerson(),
        ]

    def __str__(self) -> str:
        return f"intent {self.pk}"


class PaymentAttemptQuerySet(models.QuerySet):
    """Reads of attempts."""

    def in_flight(self) -> Self:
        """Those of which nobody knows yet what came of them."""
        return self.filter(status__in=IN_FLIGHT)


class PaymentAttempt(Entity):
    """One row per thing that a provider was asked for about a payment: authorise, capture, void.

    Written SENT before the provider is called, by a job; its key is the idempotency key that the provider gets. Written
    by `billing.services.payments`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = NotHeld("Its payment is kept 10 years by tax law, whoever asks, and it with the payment.")

    payment = models.ForeignKey(
        "billing.Payment",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="attempts",
        db_comment="The payment that it is about.",
    )
    intent = models.ForeignKey(
        "billing.PaymentIntent",
        models.PROTECT,
        related_name="attempts",
        db_comment="The wish behind it.",
    )
    provider_account = models.ForeignKey(
        "billing.ProviderAccount",
        models.PROTECT,
        related_name="attempts",
        db_comment="Which account with a provider was asked.",
    )
    kind = models.TextField(choices=AttemptKind, db_comment="What was asked for.")
    status = models.TextField(
        choices=AttemptStatus, default=AttemptStatus.SENT, db_comment="What is known of it."
    )
    currency = in_currency("payment_attempts", "Currency of the amounts.")
    amount = amount_field("What was asked for.")
    provider_reference = not_personal(
        models.TextField(null=True, blank=True, db_comment="The provider's name for it; null: none is known.")
    )
    decline_code = models.TextField(
        blank=True, default="", db_comment="The provider's code of the decline; empty: it was not declined."
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it succeeded or was declined (UTC); null: that is not known."
    )
    three_d_secure_version = models.TextField(
        blank=True, default="", db_comment="Version of 3-D Secure, as 2.2.0; empty: it was not used."
    )
    three_d_secure_flow = models.TextField(
        choices=ThreeDSecureFlow,
        null=True,
        blank=True,
        db_comment="With or without a challenge; null: not used.",
    )
    electronic_commerce_indicator = models.TextField(
        blank=True, default="", db_comment="ECI of the card scheme, two digits, as 05; empty: none."
    )
    exemption = models.TextField(
        blank=True,
        default="",
        db_comment="Exemption from strong authentication that was claimed; empty: none.",
    )
    directory_transaction = not_personal(
        models.TextField(
            blank=True, default="", db_comment="Transaction of the directory server (dsTransID); empty: none."
        )
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        AttemptStatus,
        initial=[AttemptStatus.SENT],
        moves={
            AttemptStatus.SENT: [
                AttemptStatus.REQUIRES_ACTION,
                AttemptStatus.UNKNOWN,
                AttemptStatus.SUCCEEDED,
                AttemptStatus.DECLINED,
            ],
            AttemptStatus.UNKNOWN: [
                AttemptStatus.REQUIRES_ACTION,
                AttemptStatus.SUCCEEDED,
                AttemptStatus.DECLINED,
            ],
            AttemptStatus.REQUIRES_ACTION: [
                AttemptStatus.UNKNOWN,
                AttemptStatus.SUCCEEDED,
                AttemptStatus.DECLINED,
            ],
            # A provider that said no may say later that the money moved after all. Facts are recorded.
            AttemptStatus.DECLINED: [AttemptStatus.SUCCEEDED],
        },
    )

    objects: ClassVar[Any] = PaymentAttemptQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per thing that a provider was asked for about a payment. Written by billing.services.payments. "
            "Kept 10 years."
        )
        constraints = [
            one_of("kind", AttemptKind),
            one_of("three_d_secure_flow", ThreeDSecureFlow),
            amount_rule("amount", least=1),
            length_between("provider_reference", 1, 255),
            length_between("decline_code", 0, 100),
            length_between("exemption", 0, 60),
            length_between("directory_transaction", 0, 60),
            no_card_number("decline_code"),
            rule(
                Q(three_d_secure_version__regex="^([0-9]+([.][0-9]+){1,2})?$"),
                "three_d_secure_version",
                "A version of 3-D Secure is written as 2.2.0.",
            ),
            rule(
                Q(electronic_commerce_indicator__regex="^([0-9]{2})?$"),
                "electronic_commerce_indicator",
                "An ECI has two digits.",
            ),
            rule(
                Q(status__in=[AttemptStatus.SUCCEEDED, AttemptStatus.DECLINED], settled_at__isnull=False)
                | Q(status__in=list(IN_FLIGHT), settled_at__isnull=True),
                "settled_at",
                "An attempt has a time of settlement when it succeeded or was declined.",
            ),
            unique(
                "provider_account",
                "provider_reference",
                when=Q(kind=AttemptKind.AUTHORISE, provider_reference__isnull=False),
                name="reference",
                message="The provider used this reference for another payment.",
            ),
            unique(
                "intent",
                when=Q(kind=AttemptKind.AUTHORISE, status__in=list(IN_FLIGHT)),
                name="in_flight",
                message="An attempt of this payment is under way. Wait for what comes of it.",
            ),
            unique(
                "payment",
                when=~Q(kind=AttemptKind.AUTHORISE) & Q(status__in=list(IN_FLIGHT)),
                name="one_command",
                message="The provider is working on this payment. Wait for what comes of it.",
            ),
            *payment_policies(),
        ]
        indexes = [
            BTree(fields=["payment", "-id"], serves="The page of a payment: its attempts, newest first"),
            BTree(
                fields=["status", "id"],
                condition=Q(status=AttemptStatus.UNKNOWN),
                serves="docs/queries/attempts_unknown.sql: whose outcome is unknown, the oldest first",
            ),
        ]
        triggers: ClassVar[Any] = [
            Immutable("payment", "intent", "provider_account", "kind", "currency", "amount"),
            AttemptWithinPayment(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_status_display().lower()}"

    @property
    def provider_key(self) -> str:
        """The idempotency key with which the provider is called and asked."""
        return str(self.pk)
