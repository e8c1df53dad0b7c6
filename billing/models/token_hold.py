"""Tokens set aside: the minute of a private show that comes next."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from billing.models.token_lot import MOST_TOKENS
from billing.models.wallet import MONEY, MONEY_READERS
from billing.wallet_triggers import HoldsMatchLedger
from core.db.constraints import length_between, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

OPEN = Q(tokens__gt=F("captured") + F("returned"))


class TokenHoldQuerySet(models.QuerySet):
    """Reads of holds."""

    def open(self) -> Self:
        """Those of which something is neither captured nor returned."""
        return self.filter(OPEN)


class TokenHold(Entity):
    """One row per amount of tokens set aside: it is captured, returned, or each in part.

    Written by `billing.services.token_holds`.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    wallet = models.ForeignKey(
        "billing.Wallet",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="holds",
        db_comment="Whose tokens.",
    )
    private_show = models.ForeignKey(
        "streams.PrivateShow",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_holds",
        db_comment="For which private show; null: for none.",
    )
    tokens = not_personal(models.BigIntegerField(db_comment="How many tokens were set aside."))
    captured = models.BigIntegerField(default=0, db_default=0, db_comment="How many of them were spent.")
    returned = models.BigIntegerField(default=0, db_default=0, db_comment="How many went back.")
    idempotency_key = models.TextField(
        db_comment="Given by who asked; the same key of the same wallet is the same hold."
    )
    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        related_name="token_hold",
        db_comment="The entry of the journal that sets them aside.",
    )

    objects: Any = TokenHoldQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per amount of tokens set aside. Written by billing.services.token_holds. Kept 10 years."
        )
        constraints = [
            rule(
                Q(tokens__gte=1, tokens__lte=MOST_TOKENS),
                "tokens",
                f"Set 1 to {MOST_TOKENS:,} tokens aside.",
            ),
            rule(
                Q(captured__gte=0, returned__gte=0, tokens__gte=F("captured") + F("returned")),
                "captured",
                "No more is captured and returned than was set aside.",
            ),
            length_between("idempotency_key", 1, 100),
            unique(
                "wallet",
                "idempotency_key",
                message="This key was used before, for other tokens. Make a new one.",
            ),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.VIEWER,
                Role.PERFORMER,
                command="select",
                using=f"wallet_id = (SELECT w.id FROM billing_wallet w WHERE w.user_id = {ME})",
            ),
            Policy(role=Role.WORKER, command="insert", check="captured = 0 AND returned = 0"),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(fields=["wallet", "-id"], serves="The page of a wallet: what is set aside, newest first"),
            BTree(
                fields=["private_show"],
                condition=OPEN,
                name="%(app_label)s_%(class)s_open_idx",
                serves="docs/queries/open_holds_of_show.sql: what goes back when a show is over",
            ),
        ]
        triggers = [
            Immutable("wallet", "private_show", "tokens", "idempotency_key", "entry"),
            HoldsMatchLedger(),
        ]

    def __str__(self) -> str:
        return f"{self.open_tokens:,} of {self.tokens:,} tokens set aside"

    @property
    def open_tokens(self) -> int:
        """What is neither captured nor returned."""
        return int(self.tokens - self.captured - self.returned)


class HoldLot(Entity):
    """One row per lot from which a hold took tokens; `tokens` and `cost` fall as they are captured or returned."""

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    hold = models.ForeignKey(
        TokenHold,
        models.PROTECT,
        # The unique constraint's index leads with it.
        db_index=False,
        related_name="lots",
        db_comment="What set them aside.",
    )
    lot = models.ForeignKey(
        "billing.TokenLot", models.PROTECT, related_name="hold_lots", db_comment="From which lot."
    )
    tokens = not_personal(models.BigIntegerField(db_comment="How many of its tokens are still set aside."))
    cost = models.BigIntegerField(db_comment="What these cost, in minor units of the lot's currency.")

    class Meta:
        db_table_comment = (
            "One row per lot from which a hold took tokens. "
            "Written by billing.services.token_holds. Kept 10 years."
        )
        constraints = [
            rule(
                Q(tokens__gte=0, tokens__lte=MOST_TOKENS, cost__gte=0) & (Q(tokens__gt=0) | Q(cost=0)),
                "tokens",
                "What is set aside of a lot is none or more, and none costs nothing.",
            ),
            unique("hold", "lot", message="A hold takes from a lot once."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        triggers = [Immutable("hold", "lot")]

    def __str__(self) -> str:
        return f"{self.tokens:,} tokens"
