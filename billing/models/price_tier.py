"""Tiers of prices: what one costs, by how many are bought."""

from django.db import models
from django.db.models import Q

from billing.models.currency import AMOUNT_WORDS, CATALOGUE_MANAGERS, within_reason
from billing.models.price import Price
from billing.price_tier_triggers import TiersOfUnsold, TiersRise, TiersStayWhole
from core.db.constraints import rule, unique
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import ACTING_ROLES, Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

MOST_TIERS = 20


class PriceTier(Entity):
    """One row per tier of a price, in order: up to so many, each costs `amount`; the last tier has no end.

    Graduated: of 15 bought, those within the first tier cost what it says, the others what the next says. Written by
    `billing.services.prices` together with the price, in one statement, which a trigger examines as a whole.
    """

    volume, retention = Volume.LARGE, "that of its price"

    price = models.ForeignKey(
        Price,
        models.PROTECT,
        # The unique constraint leads with it.
        db_index=False,
        related_name="tiers",
        db_comment="The price that has tiers.",
    )
    position = models.SmallIntegerField(db_comment="Place in the order, from 1, without gaps.")
    up_to = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="Last one within the tier, counted from 1; null: the last tier, without an end.",
    )
    amount = models.BigIntegerField(
        db_comment="What each within the tier costs, in minor units; the first tier's is the price's own."
    )

    class Meta:
        db_table_comment = (
            "One row per tier of a price: up to how many, what each costs. Written by billing.services.prices, "
            "never changed. Kept as long as its price."
        )
        constraints = [
            unique("price", "position", message="This price has a tier at that place already."),
            rule(
                Q(position__gte=1, position__lte=MOST_TIERS),
                "position",
                f"A price has at most {MOST_TIERS} tiers.",
            ),
            rule(Q(up_to__isnull=True) | Q(up_to__gte=1), "up_to", "A tier reaches to 1 at least."),
            rule(within_reason("amount"), "amount", AMOUNT_WORDS),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=SOMEBODY),
            *policies(*CATALOGUE_MANAGERS, command="delete", using=SOMEBODY),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [
            Immutable("price", "position", "up_to", "amount"),
            TiersOfUnsold(),
            TiersRise(),
            TiersStayWhole(),
        ]

    def __str__(self) -> str:
        return f"up to {self.up_to}: {self.amount}" if self.up_to else f"beyond: {self.amount}"
