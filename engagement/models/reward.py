"""Rewards: what viewers can have a performer do, for tokens or for nothing."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from billing.models.token_lot import MOST_TOKENS
from core.db.constraints import rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.text import line, paragraphs
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume
from engagement.interaction_policies import kept_by_performer, shown_to_all
from streams.models.erasable_history import HistoryOfPerformer

MOST_STOCK = 1_000_000
LONGEST_COOLDOWN = 7 * 24 * 3600
OFFERED = Q(retired_at__isnull=True)


def _cooldown(field: str) -> Any:
    return rule(
        Q(**{f"{field}__gte": 0, f"{field}__lte": LONGEST_COOLDOWN}),
        field,
        f"A cooldown is 0 to {LONGEST_COOLDOWN:,} seconds.",
    )


class RewardQuerySet(models.QuerySet):
    """Reads of rewards."""

    def offered(self) -> Self:
        """Those that can be redeemed, unless there is none left."""
        return self.filter(OFFERED)


class Reward(Versioned):
    """One row per reward of a performer.

    `taken` never exceeds `stock`, however many redeem at once: it is moved by the trigger of redemptions alone, and
    only where there is a stock, so that a reward without one is no queue. Written by `engagement.services.rewards`.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("{row}.retired_at")
    held_by = HeldBy(person=("performer",), keeps=("title", "description"))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="rewards",
        db_comment="Who does it.",
    )
    title = models.TextField(db_comment="What it is called.")
    description = models.TextField(blank=True, default="", db_comment="What she does; may be empty.")
    tokens = not_personal(
        models.BigIntegerField(default=0, db_comment="What it costs, in tokens; 0: nothing.")
    )
    stock = models.IntegerField(
        null=True, blank=True, db_comment="How often it can be redeemed in all; null: without end."
    )
    taken = models.IntegerField(
        default=0,
        db_default=0,
        editable=False,
        db_comment="How much of the stock is redeemed and not given back; moved by trigger alone.",
    )
    person_cooldown = models.IntegerField(
        default=0, db_comment="Seconds until the same person can redeem it again; 0: at once."
    )
    shared_cooldown = models.IntegerField(
        default=0, db_comment="Seconds until anybody can redeem it again; 0: at once."
    )
    asks_for_words = models.BooleanField(
        default=False, db_comment="Whoever redeems it says something with it, such as a song."
    )
    retired_at = models.DateTimeField(
        null=True, blank=True, db_comment="Since when it is not offered any more (UTC); null: it is."
    )

    quiet_columns = ("taken",)

    objects: Any = RewardQuerySet.as_manager()
    history = History(excluded_fields=["taken"], bases=(HistoryOfPerformer,))

    class Meta:
        db_table_comment = (
            "One row per reward of a performer. Written by engagement.services.rewards. "
            "Kept 13 months after its end."
        )
        permissions = [("retire_reward", "Can retire rewards of performers")]
        constraints = [
            *line("title", 80),
            *paragraphs("description", 500),
            rule(
                Q(tokens__gte=0, tokens__lte=MOST_TOKENS),
                "tokens",
                f"A reward costs 0 to {MOST_TOKENS:,} tokens.",
            ),
            rule(
                Q(stock__isnull=True) | Q(stock__gte=1, stock__lte=MOST_STOCK),
                "stock",
                f"A stock is 1 to {MOST_STOCK:,}, or there is none.",
            ),
            rule(
                Q(taken__gte=0) & (Q(stock__isnull=True) | Q(taken__lte=F("stock"))),
                "taken",
                "So many of it are redeemed already.",
            ),
            _cooldown("person_cooldown"),
            _cooldown("shared_cooldown"),
            *shown_to_all(),
            *policies(Role.FINANCE, command="select", using=ALL),
            *kept_by_performer(begins="taken = 0", staff="retired_at IS NOT NULL"),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="docs/queries/rewards_of_performer.sql: what a performer offers, newest first",
            ),
        ]
        triggers = [Immutable("performer"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return self.title

    @property
    def trail_name(self) -> str:
        """The reward without its title, which an erasure destroys."""
        return f"reward {self.pk}"

    @property
    def left(self) -> int | None:
        """How often it can still be redeemed; None: without end."""
        return None if self.stock is None else self.stock - self.taken
