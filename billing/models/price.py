"""Prices: what a product costs where, from when, until when."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Coalesce

from billing.catalogue_choices import ProductKind, TaxBehaviour
from billing.catalogue_triggers import KeepSold, NotOfKind, TakesMoney
from billing.models.currency import (
    AMOUNT_WORDS,
    CATALOGUE_MANAGERS,
    in_currency,
    within_reason,
)
from billing.models.product import Product
from core.db.constraints import matches, no_overlap, one_of, rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.privacy import not_personal
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Entity, History, Versioned, Volume

EVERYWHERE = ""
"""A price without country and region holds wherever nothing nearer does."""


class PriceRegion(Versioned):
    """One row per group of countries that share prices.

    Written by a migration and `billing.services.prices`.
    """

    volume, retention = Volume.SMALL, "while the platform lives"

    code = models.TextField(db_collation="C", db_comment="Stable name of the region, such as EU; unique.")
    name = models.TextField(db_comment="Name in English.")

    history = History()

    class Meta:
        db_table_comment = (
            "One row per group of countries that share prices. Written by billing.services.prices. "
            "Kept while the platform lives."
        )
        constraints = [
            unique("code", message="This region exists already."),
            matches(
                "code",
                "^[A-Z][A-Z0-9_]{1,19}$",
                "A region has a code of 2 to 20 capital letters, digits and underscores.",
            ),
            *line("name", 80),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
        ]
        triggers = [Immutable("code")]

    def __str__(self) -> str:
        return self.name


class PriceRegionCountry(Entity):
    """One row per country that belongs to a region; a country belongs to one at most, so that one price holds."""

    volume, retention = Volume.SMALL, "while the country belongs to the region"

    region = models.ForeignKey(
        PriceRegion,
        models.PROTECT,
        related_name="countries",
        db_comment="The region that the country belongs to.",
    )
    country = not_personal(
        models.TextField(db_collation="C", db_comment="Country of ISO 3166-1, two capital letters; unique.")
    )

    history = History()

    class Meta:
        verbose_name_plural = "countries of price regions"
        db_table_comment = (
            "One row per country of a price region. Written by billing.services.prices. "
            "Kept while the country belongs to it; its history stays."
        )
        constraints = [
            unique("country", message="This country belongs to a region already."),
            matches("country", "^[A-Z]{2}$", "A country has two capital letters, such as PT."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="delete", using=SOMEBODY),
        ]

    def __str__(self) -> str:
        return f"{self.country} in {self.region_id}"


class PriceQuerySet(EffectiveDatedQuerySet):
    """Reads of prices."""

    def reaching(self, product: Any, country: str, at: dt.datetime) -> Self:
        """Prices of `product` that could hold in `country` at `at`: its own, its region's, and those for everywhere."""
        region = PriceRegionCountry.objects.filter(country=country).values("region_id")
        return self.at(at).filter(
            Q(country=country) | Q(region__in=region) | Q(country=EVERYWHERE, region__isnull=True),
            product=product,
        )


class Price(EffectiveDated):
    """One row per price of a product: in one country, in one region or everywhere, in one currency, during `valid`.

    Written by `billing.services.prices`. What it says is never changed: a wrong price that nobody paid is deleted, and
    one that was sold can only end, not before now. `first_sold_at` is set by the trigger `MarksPriceSold` of the table
    of order lines.
    """

    volume, retention = Volume.LARGE, "10 years after its end"

    product = models.ForeignKey(
        Product,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="prices",
        db_comment="What is sold.",
    )
    country = not_personal(
        models.TextField(
            blank=True,
            default=EVERYWHERE,
            db_collation="C",
            db_comment="Country of ISO 3166-1 in which it holds; empty: see region.",
        )
    )
    region = models.ForeignKey(
        PriceRegion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="prices",
        db_comment="Region in which it holds; null and no country: everywhere.",
    )
    currency = in_currency("prices", "Currency of the amount.")
    amount = models.BigIntegerField(db_comment="Price of one, in minor units of the currency; at least 1.")
    tax_behaviour = models.TextField(
        choices=TaxBehaviour, db_comment="Whether tax is within the amount or comes on top."
    )
    place = models.GeneratedField(
        expression=Coalesce(Cast("region_id", models.TextField()), "country"),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        db_comment="The id of the region, the country, or empty for everywhere; generated, for the rule of overlaps.",
    )
    first_sold_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When an order first named it (UTC); set by trigger; null: never, so it may be deleted.",
    )

    quiet_columns = ("first_sold_at",)

    objects: ClassVar[Any] = PriceQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per price of a product in a place and currency; dated, never changed. "
            "Written by billing.services.prices. Kept 10 years after its end."
        )
        permissions = [("keep_price", "Can set, end and delete prices")]
        constraints = [
            matches("country", "^([A-Z]{2})?$", "A country has two capital letters, such as PT."),
            rule(
                Q(country=EVERYWHERE) | Q(region__isnull=True),
                "place",
                "A price holds in a country or in a region, not in both.",
            ),
            rule(within_reason("amount"), "amount", AMOUNT_WORDS),
            one_of("tax_behaviour", TaxBehaviour),
            rule(
                Q(valid__startswith__isnull=False),
                "valid_from",
                "A price says from when it holds.",
            ),
            no_overlap(
                "product",
                "place",
                "currency",
                during="valid",
                message="A price for this product, place and currency already covers part of that period.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="delete", using=f"{SOMEBODY} AND first_sold_at IS NULL"),
            *policies(Role.WORKER, command="insert", check="first_sold_at IS NULL"),
        ]
        triggers = [
            NotOfKind("product", ProductKind.GIFT),
            TakesMoney(),
            Immutable("product", "country", "region", "currency", "amount", "tax_behaviour"),
            KeepSold(),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency_id} ({self.place or 'everywhere'})"
