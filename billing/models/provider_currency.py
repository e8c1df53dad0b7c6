"""What a payment provider makes of a currency: how it counts it, and which amounts it takes."""

from django.db import models
from django.db.models import F, Q

from billing.models.currency import (
    CATALOGUE_MANAGERS,
    LARGEST_AMOUNT,
    LARGEST_EXPONENT,
    in_currency,
)
from core.db.constraints import matches, rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import STAFF_ROLES, Role
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

PROVIDER_PATTERN = "^[a-z][a-z0-9_]{1,39}$"
PROVIDER_WORDS = "A provider has a code of 2 to 40 small letters, digits and underscores."


class ProviderCurrency(Versioned):
    """One row per provider and currency in which it differs from ISO 4217, or has bounds.

    Without a row, the provider counts as ISO 4217 does and has no bounds that we know. Written by a migration and by
    `billing.services.currencies`.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    provider = models.TextField(
        db_collation="C", db_comment="Code of the kind of provider, such as stripe; the adapters' own."
    )
    currency = in_currency("at_providers", "The currency that the provider takes.")
    exponent = models.SmallIntegerField(
        db_comment="Decimal places in which the provider counts; MGA is 2 in ISO 4217 and 0 at Stripe."
    )
    step = models.IntegerField(
        default=1, db_comment="Amounts are multiples of so many of the provider's minor units; 1: any."
    )
    minimum = models.BigIntegerField(
        null=True, blank=True, db_comment="Smallest charge, in the provider's minor units; null: none known."
    )
    maximum = models.BigIntegerField(
        null=True, blank=True, db_comment="Largest charge, in the provider's minor units; null: none known."
    )

    history = History()

    class Meta:
        verbose_name = "currency at a provider"
        verbose_name_plural = "currencies at providers"
        db_table_comment = (
            "One row per provider and currency that it counts in its own way or bounds. "
            "Written by a migration and billing.services.currencies. Kept while the platform lives."
        )
        constraints = [
            unique(
                "provider",
                "currency",
                message="There is a row for this provider and currency already.",
            ),
            matches("provider", PROVIDER_PATTERN, PROVIDER_WORDS),
            rule(
                Q(exponent__gte=0, exponent__lte=LARGEST_EXPONENT),
                "exponent",
                f"A provider counts in 0 to {LARGEST_EXPONENT} decimal places.",
            ),
            rule(Q(step__gte=1, step__lte=10_000), "step", "Amounts are multiples of 1 to 10,000."),
            rule(
                Q(minimum__isnull=True) | Q(minimum__gte=1, minimum__lte=LARGEST_AMOUNT),
                "minimum",
                "A smallest charge is at least 1.",
            ),
            rule(
                Q(maximum__isnull=True)
                | Q(maximum__gte=1, maximum__lte=LARGEST_AMOUNT)
                & (Q(minimum__isnull=True) | Q(maximum__gte=F("minimum"))),
                "maximum",
                "A largest charge is not below the smallest.",
            ),
            *policies(*STAFF_ROLES, Role.WORKER, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("provider", "currency", "exponent")]

    def __str__(self) -> str:
        return f"{self.currency_id} at {self.provider}"
