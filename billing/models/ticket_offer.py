"""Tickets on sale: for which stream, at which price, how many."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from billing.models.token_lot import MOST_TOKENS
from billing.models.wallet import MONEY, MONEY_READERS
from core.db.constraints import rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Versioned, Volume
from streams.triggers import TakesPerformer

MOST_TICKETS = 1_000_000
ON_SALE = Q(closed_at__isnull=True)


class TicketOfferQuerySet(models.QuerySet):
    """Reads of offers."""

    def on_sale(self) -> Self:
        """Those that are not closed; they may be sold out."""
        return self.filter(ON_SALE)


class TicketOffer(Versioned):
    """One row per offer of tickets to a stream, for tokens, for money, or for either.

    `sold` never exceeds `capacity`, however many buy at once. Written by `billing.services.tickets`.
    """

    volume, retention = Volume.LARGE, "10 years after its end"
    held_by = MONEY

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="ticket_offers",
        db_comment="Whose stream it is; taken from the stream.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        related_name="ticket_offers",
        db_comment="To which stream, and to its recordings.",
    )
    tokens = not_personal(
        models.BigIntegerField(
            null=True, blank=True, db_comment="What a ticket costs in tokens; null: tokens do not buy it."
        )
    )
    product = models.OneToOneField(
        "billing.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ticket_offer",
        db_comment="The product by which money buys it; null: money does not.",
    )
    capacity = models.IntegerField(db_comment="How many tickets there are.")
    sold = models.IntegerField(default=0, db_default=0, db_comment="How many are sold and not given back.")
    closed_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when none are sold any more (UTC); null: on sale."
    )

    objects: Any = TicketOfferQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per offer of tickets to a stream. Written by billing.services.tickets. "
            "Kept 10 years after its end."
        )
        permissions = [("close_ticketoffer", "Can close the sale of tickets")]
        constraints = [
            rule(
                Q(capacity__gte=1, capacity__lte=MOST_TICKETS),
                "capacity",
                f"There are 1 to {MOST_TICKETS:,} tickets.",
            ),
            rule(Q(sold__gte=0, sold__lte=F("capacity")), "sold", "All tickets are sold."),
            rule(
                Q(tokens__isnull=True) | Q(tokens__gte=1, tokens__lte=MOST_TOKENS),
                "tokens",
                f"A ticket costs 1 to {MOST_TOKENS:,} tokens.",
            ),
            rule(
                Q(tokens__isnull=False) | Q(product__isnull=False),
                "price",
                "A ticket has a price, in tokens or in money.",
            ),
            unique(
                "stream", when=ON_SALE, message="Tickets to this stream are on sale already. Close that sale."
            ),
            *policies(
                *MONEY_READERS,
                Role.SUPPORT,
                Role.MODERATOR,
                Role.LEAD_MODERATOR,
                Role.WORKER,
                command="select",
                using=ALL,
            ),
            Policy(role=Role.VIEWER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME} AND sold = 0"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            Policy(role=Role.FINANCE, command="update", using=f"performer_id IS DISTINCT FROM {ME}"),
            Policy(role=Role.WORKER, command="insert", check="sold = 0"),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="A performer's own offers, newest first"),
        ]
        triggers = [
            Immutable("performer", "stream", "tokens", "product"),
            TakesPerformer("stream"),
        ]

    def __str__(self) -> str:
        return f"{self.sold:,} of {self.capacity:,} tickets sold"
