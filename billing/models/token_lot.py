"""Lots: which tokens a wallet consists of, what they cost and until when they are good."""

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from billing.models.currency import in_currency
from billing.models.wallet import MONEY, MONEY_READERS
from billing.wallet_choices import LotKind
from billing.wallet_triggers import LotsMatchLedger
from core.db.constraints import one_of, rule
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume

MOST_TOKENS = 10**12
"""No lot, spend or hold is larger: a sum of many still fits into a number of 64 bits."""

MOST_MONEY = 10**15
LEFT = Q(remaining__gt=0)


class TokenLotQuerySet(models.QuerySet):
    """Reads of lots."""

    def open(self) -> Self:
        """Those with tokens left."""
        return self.filter(LEFT)

    def expired(self) -> Self:
        """Those with tokens left whose time is over, the longest ago first."""
        return self.open().filter(expires_at__lte=Now()).order_by("expires_at", "pk")


class TokenLot(Entity):
    """One row per batch of tokens that came into a wallet at once.

    `remaining` falls when they are spent, set aside, expire or are taken back, and rises when that is undone; their cost
    follows, so that deferred revenue is the cost of what is left. Written by `billing.services`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    wallet = models.ForeignKey(
        "billing.Wallet",
        models.PROTECT,
        # Two indexes lead with it.
        db_index=False,
        related_name="lots",
        db_comment="In which wallet they are.",
    )
    kind = models.TextField(choices=LotKind, db_comment="How they came there.")
    quantity = models.BigIntegerField(db_comment="Tokens that came.")
    remaining = models.BigIntegerField(db_comment="Tokens that can be spent; not those set aside.")
    withdrawn = models.BigIntegerField(
        default=0, db_default=0, db_comment="Tokens that expired or were taken back by a refund."
    )
    currency = in_currency(
        "token_lots", "In which currency they were paid; null: they were not.", null=True, blank=True
    )
    cost = models.BigIntegerField(
        default=0, db_default=0, db_comment="What all of them cost without tax, in minor units; 0: nothing."
    )
    cost_remaining = models.BigIntegerField(
        default=0, db_default=0, db_comment="The part of the cost of those that remain, in minor units."
    )
    order_line = models.ForeignKey(
        "billing.OrderLine",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="token_lots",
        db_comment="The line of the order by which they were bought; null: they were not, or before orders.",
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, db_comment="From when on they are no longer good (UTC); null: they stay good."
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_grants",
        db_comment="The member of staff who granted them; null: bought, or by the system.",
    )

    objects: Any = TokenLotQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per batch of tokens that came into a wallet at once. Written by billing.services. "
            "Kept 10 years."
        )
        constraints = [
            one_of("kind", LotKind),
            rule(
                Q(quantity__gte=1, quantity__lte=MOST_TOKENS),
                "quantity",
                f"A lot has 1 to {MOST_TOKENS:,} tokens.",
            ),
            rule(
                Q(remaining__gte=0, withdrawn__gte=0, quantity__gte=F("remaining") + F("withdrawn")),
                "remaining",
                "No more tokens remain than came, and none fewer than none.",
            ),
            rule(
                Q(cost__gte=0, cost__lte=MOST_MONEY, cost_remaining__gte=0, cost_remaining__lte=F("cost")),
                "cost",
                "What remains costs no more than all of it did.",
            ),
            rule(
                Q(remaining__gt=0) | Q(cost_remaining=0),
                "cost_remaining",
                "Where no token remains, no cost does.",
            ),
            rule(
                Q(kind=LotKind.PAID, currency__isnull=False)
                | ~Q(kind=LotKind.PAID) & Q(currency__isnull=True, cost=0),
                "currency",
                "Paid tokens, and no others, have a cost in a currency.",
            ),
            rule(
                Q(order_line__isnull=True) | ~Q(kind=LotKind.PROMOTIONAL),
                "bought",
                "Promotional tokens are not bought.",
            ),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            *policies(
                Role.VIEWER,
                Role.PERFORMER,
                command="select",
                using=f"wallet_id = (SELECT w.id FROM billing_wallet w WHERE w.user_id = {ME})",
            ),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["wallet", "expires_at"],
                condition=LEFT,
                name="%(app_label)s_%(class)s_left_idx",
                serves="docs/queries/tokens_to_burn.sql: what is spent next; the sum of what is left",
            ),
            BTree(fields=["wallet", "-id"], serves="The page of a wallet: its lots, newest first"),
            BTree(
                fields=["order_line"],
                condition=Q(order_line__isnull=False),
                serves="A refund of a purchase: which of its tokens are left",
            ),
            BTree(
                fields=["expires_at", "id"],
                condition=LEFT & Q(expires_at__isnull=False),
                name="%(app_label)s_%(class)s_expiring_idx",
                serves="docs/queries/lots_expired.sql: the job lots_expire, every quarter of an hour",
            ),
        ]
        triggers = [
            Immutable(
                "wallet", "kind", "quantity", "currency", "cost", "order_line", "expires_at", "granted_by"
            ),
            LotsMatchLedger(),
        ]

    def __str__(self) -> str:
        return f"{self.remaining:,} of {self.quantity:,} {self.get_kind_display().lower()} tokens"

    def is_good(self, at: dt.datetime) -> bool:
        """May they be spent at `at`?"""
        return self.expires_at is None or at < self.expires_at
