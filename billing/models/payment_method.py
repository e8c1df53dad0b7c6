"""By what people pay: the provider's token, and what a person recognises it by. No card number has a column."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.payment_choices import (
    PaymentMethodKind,
    PaymentMethodStatus,
    VerificationKind,
    VerificationOutcome,
)
from billing.payment_policies import payment_policies
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.privacy import not_personal, personal
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.encryption import EncryptedTextField
from core.models import Fact, Identified, Versioned, Volume

CARD_NUMBER = r"([0-9][ .-]?){13,}"
"""Thirteen digits or more, however they are spaced: no brand, fingerprint or reference of ours looks like this."""


def no_card_number(field: str) -> models.CheckConstraint:
    """`field` holds nothing that could be the number of a card."""
    return rule(
        ~Q(**{f"{field}__regex": CARD_NUMBER}),
        f"{field}_number",
        "This looks like the number of a card, which is never kept.",
    )


class PaymentMethodQuerySet(models.QuerySet):
    """Reads of payment methods."""

    def usable(self) -> Self:
        """Those that somebody can pay with."""
        return self.filter(status__in=(PaymentMethodStatus.UNVERIFIED, PaymentMethodStatus.VERIFIED))

    def without_token(self) -> Self:
        """As lists and pages show them."""
        return self.defer("token")


class PaymentMethod(Versioned):
    """One row per card, account or wallet at a provider by which a person pays.

    The token is encrypted; the number of a card is nowhere. Written by `billing.services.payment_methods`.
    """

    volume, retention = Volume.LARGE, "10 years; its token goes when it is detached"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="payment_methods",
        db_comment="Who pays by it.",
    )
    customer = models.ForeignKey(
        "billing.BillingCustomer",
        models.PROTECT,
        related_name="payment_methods",
        db_comment="The person as the provider knows them.",
    )
    kind = models.TextField(choices=PaymentMethodKind, db_comment="What it is.")
    token = EncryptedTextField(
        null=True, db_comment="The provider's token, with which it is charged; null once detached."
    )
    fingerprint = personal(
        models.TextField(
            blank=True,
            default="",
            db_comment="The provider's fingerprint: equal for the same card of several people; empty once erased.",
        )
    )
    brand = not_personal(models.TextField(blank=True, default="", db_comment="Brand or bank, as visa."))
    last_four = personal(
        models.TextField(blank=True, default="", db_comment="Last four signs; empty where there are none.")
    )
    expiry_year = models.PositiveSmallIntegerField(
        null=True, blank=True, db_comment="Year in which a card expires; null: it does not."
    )
    expiry_month = models.PositiveSmallIntegerField(
        null=True, blank=True, db_comment="Month in whose end a card expires, 1 to 12; null: it does not."
    )
    status = models.TextField(
        choices=PaymentMethodStatus,
        default=PaymentMethodStatus.UNVERIFIED,
        db_comment="Whether it can be used.",
    )
    is_default = not_personal(
        models.BooleanField(
            default=False, db_comment="Whether the person pays by this unless they say otherwise."
        )
    )
    last_used_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was last charged or tried (UTC); null: never."
    )
    failure_streak = models.PositiveIntegerField(
        default=0, db_comment="How many attempts were declined since the last success."
    )

    quiet_columns = ("last_used_at", "failure_streak")
    status_machine: ClassVar[StateMachine] = StateMachine(
        PaymentMethodStatus,
        initial=[PaymentMethodStatus.UNVERIFIED],
        moves={
            PaymentMethodStatus.UNVERIFIED: [
                PaymentMethodStatus.VERIFIED,
                PaymentMethodStatus.REFUSED,
                PaymentMethodStatus.DETACHED,
            ],
            PaymentMethodStatus.VERIFIED: [PaymentMethodStatus.REFUSED, PaymentMethodStatus.DETACHED],
            PaymentMethodStatus.REFUSED: [PaymentMethodStatus.VERIFIED, PaymentMethodStatus.DETACHED],
        },
    )

    objects: ClassVar[Any] = PaymentMethodQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per card, account or wallet at a provider by which a person pays: the provider's token, "
            "encrypted, and what the person knows it by. Written by billing.services.payment_methods. Kept 10 years."
        )
        constraints = [
            one_of("kind", PaymentMethodKind),
            matches("brand", "^[a-z0-9 _-]{0,30}$", "A brand is written in small letters, 30 at most."),
            length_between("fingerprint", 0, 64),
            matches("last_four", "^([0-9A-Z]{4})?$", "Of a card, four signs are kept: the last ones."),
            no_card_number("fingerprint"),
            no_card_number("brand"),
            rule(
                Q(expiry_year__isnull=True, expiry_month__isnull=True)
                | Q(expiry_year__range=(2000, 2100), expiry_month__range=(1, 12)),
                "expiry",
                "An expiry is a year and a month from 1 to 12.",
            ),
            rule(
                ~Q(status=PaymentMethodStatus.DETACHED) | Q(token__isnull=True, is_default=False),
                "detached",
                "A detached payment method has no token, and is nobody's default.",
            ),
            rule(
                Q(is_default=False) | ~Q(status=PaymentMethodStatus.REFUSED),
                "is_default",
                "A refused payment method is nobody's default.",
            ),
            unique(
                "user",
                when=Q(is_default=True),
                name="default",
                message="The person has another default payment method.",
            ),
            unique(
                "customer",
                "fingerprint",
                when=~Q(fingerprint="") & ~Q(status=PaymentMethodStatus.DETACHED),
                name="attached",
                message="The person has this payment method already.",
            ),
            *payment_policies(own="user_id"),
        ]
        indexes = [
            BTree(fields=["user", "-id"], serves="The page of a person: payment methods, newest first"),
            BTree(
                fields=["fingerprint"],
                condition=~Q(fingerprint=""),
                serves="docs/queries/methods_by_fingerprint.sql: who else pays by this card",
            ),
            BTree(
                fields=["last_four", "-id"],
                serves="docs/queries/methods_by_last_four.sql: the search box of finance",
            ),
        ]
        triggers = [Immutable("user", "customer", "kind"), RefuseErasedPerson()]

    def __str__(self) -> str:
        """As people know it: Visa ···· 4242."""
        name = self.brand.title() or self.get_kind_display()
        return f"{name} ···· {self.last_four}" if self.last_four else name


class PaymentMethodVerification(Fact, Identified):
    """One row per verification of a payment method. Written by `billing.services.payment_methods`."""

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    payment_method = models.ForeignKey(
        "billing.PaymentMethod",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="verifications",
        db_comment="What was verified.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="payment_method_verifications",
        db_comment="Whose payment method it is.",
    )
    kind = models.TextField(choices=VerificationKind, db_comment="How it was verified.")
    outcome = models.TextField(choices=VerificationOutcome, db_comment="What came of it.")
    reference = not_personal(
        models.TextField(blank=True, default="", db_comment="The provider's name for the verification.")
    )
    verified_at = models.DateTimeField(db_comment="When, by the clock of the provider (UTC).")

    class Meta:
        db_table_comment = (
            "One row per verification of a payment method. Written by billing.services.payment_methods. "
            "Kept 10 years."
        )
        constraints = [
            one_of("kind", VerificationKind),
            one_of("outcome", VerificationOutcome),
            length_between("reference", 0, 255),
            *payment_policies(own="user_id", update=False),
        ]
        indexes = [
            BTree(
                fields=["payment_method", "-id"],
                serves="The page of a payment method: its verifications, newest first",
            )
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
