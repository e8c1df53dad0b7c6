"""Products: what is sold, and what belongs to the single kinds."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from billing.catalogue_choices import ProductKind
from billing.catalogue_triggers import OfKind
from billing.models.currency import CATALOGUE_MANAGERS
from core.db.constraints import matches, one_of, rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

MOST_TOKENS = 10**9
"""Tokens that a single pack or gift may have."""


def tokens_within(field: str, least: int = 1) -> Q:
    """The condition that a number of tokens is at least `least` and at most `MOST_TOKENS`."""
    return Q(**{f"{field}__gte": least, f"{field}__lte": MOST_TOKENS})


class ProductQuerySet(models.QuerySet):
    """Reads of products."""

    def offered(self) -> Self:
        """What may be bought."""
        return self.filter(is_offered=True)


class Product(Versioned):
    """One row per thing that can be bought.

    Written by `billing.services.products`. A product is withdrawn and not deleted, since orders name it.
    """

    volume, retention = Volume.LARGE, "10 years after it was last sold"

    code = models.TextField(
        db_collation="C", db_comment="Stable name in code and interfaces; unique, never changed."
    )
    kind = models.TextField(choices=ProductKind, db_comment="What is sold; never changed.")
    name = models.TextField(db_comment="Name shown to buyers, in English.")
    description = models.TextField(blank=True, default="", db_comment="What the buyer gets, in English.")
    is_offered = models.BooleanField(default=True, db_comment="May be bought; a withdrawn product stays.")

    objects: Any = ProductQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per thing that can be bought. Written by billing.services.products. "
            "Kept 10 years after it was last sold."
        )
        permissions = [("keep_product", "Can add, rename, offer and withdraw products")]
        constraints = [
            unique("code", message="This code is taken."),
            matches(
                "code",
                "^[a-z][a-z0-9_]{1,59}$",
                "A code has 2 to 60 small letters, digits and underscores, and begins with a letter.",
            ),
            one_of("kind", ProductKind),
            *line("name", 120),
            *paragraphs("description", 2000),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [Immutable("code", "kind")]

    def __str__(self) -> str:
        return self.name


class TokenPack(Versioned):
    """One row per product that is a pack of tokens: how many are paid for, how many come on top.

    Never changed: a pack with other numbers is another product, so that an order says for ever what was bought.
    """

    volume, retention = Volume.SMALL, "that of its product"

    product = models.OneToOneField(
        Product,
        models.PROTECT,
        related_name="token_pack",
        db_comment="The product, of the kind token_pack.",
    )
    paid = models.BigIntegerField(db_comment="Tokens that the price pays for; at least 1.")
    bonus = models.BigIntegerField(default=0, db_comment="Tokens on top, at the platform's cost; 0: none.")

    class Meta:
        db_table_comment = (
            "One row per pack of tokens: paid and bonus tokens. Written by billing.services.products, "
            "never changed. Kept as long as its product."
        )
        constraints = [
            rule(tokens_within("paid"), "paid", "A pack has 1 to 10^9 paid tokens."),
            rule(
                Q(bonus__gte=0, bonus__lte=F("paid")),
                "bonus",
                "The bonus of a pack is at most as many tokens as are paid for.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [OfKind("product", ProductKind.TOKEN_PACK), Immutable("product", "paid", "bonus")]

    def __str__(self) -> str:
        return f"{self.paid} + {self.bonus} tokens"


class GiftItem(Versioned):
    """One row per product that is a gift: what it costs in tokens.

    What was paid for a gift stands on the spend, so the number may change; its history stays.
    """

    volume, retention = Volume.SMALL, "that of its product"

    product = models.OneToOneField(
        Product, models.PROTECT, related_name="gift_item", db_comment="The product, of the kind gift."
    )
    tokens = models.BigIntegerField(db_comment="What one costs, in tokens; at least 1.")

    history = History()

    class Meta:
        db_table_comment = (
            "One row per gift that viewers send for tokens. Written by billing.services.products. "
            "Kept as long as its product."
        )
        constraints = [
            rule(tokens_within("tokens"), "tokens", "A gift costs 1 to 10^9 tokens."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [OfKind("product", ProductKind.GIFT), Immutable("product")]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.tokens} tokens"
