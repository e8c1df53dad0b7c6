"""Of which earnings a payout consists, how it moved, and how it came back."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.amounts import amount_field, amount_rule
from billing.models.currency import in_currency, is_code
from billing.models.payout import Payout
from billing.models.wallet import MONEY, SHARE_READERS
from billing.payout_choices import PayoutStatus
from billing.payout_policies import payout_policies
from billing.payout_triggers import ItemOfPayout
from core.db.constraints import length_between, one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.models import Entity, Fact, Identified, Volume


class PayoutItem(Entity):
    """One row per earning in a payout. `is_live` follows the payout: an earning is in at most one live item.

    Written by `billing.services.payout_preparation`; a trigger of the payout lets go of them.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    payout = models.ForeignKey(
        Payout,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="items",
        db_comment="In which payout.",
    )
    earning = models.ForeignKey(
        "billing.Earning",
        models.PROTECT,
        related_name="payout_items",
        db_comment="What was earned.",
    )
    amount = models.BigIntegerField(
        db_comment="What the earning counts for, in minor units or tokens; negative: given back."
    )
    currency = in_currency("payout_items", "Unit of the earning.", db_constraint=False)
    is_live = not_personal(
        models.BooleanField(
            default=True, db_comment="Whether the earning is spoken for by this payout; set by trigger."
        )
    )

    class Meta:
        db_table_comment = (
            "One row per earning in a payout. Written by billing.services.payout_preparation. Kept 10 years."
        )
        constraints = [
            rule(
                is_code("currency"), "currency", "A currency is named by its code of three to five capitals."
            ),
            rule(~Q(amount=0), "amount", "Nobody earns nothing."),
            unique("payout", "earning", message="This earning is in the payout already."),
            unique(
                "earning",
                when=Q(is_live=True),
                name="live",
                message="This earning is in another payout that was not cancelled, refused or returned.",
            ),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers: ClassVar[Any] = [ItemOfPayout()]

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency_id}"


class PayoutReturn(Fact, Identified):
    """One row per payout that came back, or failed: when, why, and by which entry its money is open again.

    Written by `billing.services.payout_returns`.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    payout = models.ForeignKey(
        Payout,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="returns",
        db_comment="What came back.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_returns",
        db_comment="Whose payout; null: a studio's.",
    )
    was_paid = models.BooleanField(db_comment="Whether the money had left us; false: it failed on its way.")
    code = models.TextField(
        blank=True, default="", db_comment="The provider's code of why; empty: it said none."
    )
    amount = amount_field("What came back.")
    currency = in_currency("payout_returns", "Currency of the amount.")
    shortfall = amount_field("What of the exchange had been paid out since, and is owed now.", default=0)
    entry = models.OneToOneField(
        "billing.JournalEntry",
        models.PROTECT,
        # The journal is written last in the transaction.
        db_constraint=False,
        related_name="payout_return",
        db_comment="The entry that gives the money back.",
    )
    occurred_at = models.DateTimeField(
        db_comment="When (UTC): by the provider where it reported it, else by us."
    )

    class Meta:
        db_table_comment = (
            "One row per payout that failed or came back. Written by billing.services.payout_returns. "
            "Kept 10 years."
        )
        constraints = [
            amount_rule("amount", least=1),
            amount_rule("shortfall"),
            length_between("code", 0, 100),
            unique("payout", "was_paid", "occurred_at", message="This return is known already."),
            *payout_policies(update=False),
        ]

    def __str__(self) -> str:
        return self.code or "returned"


class PayoutEvent(Fact, Identified):
    """One row per move of a payout, the first state included; written by a trigger, whoever makes the move."""

    volume, retention = Volume.LARGE, "10 years"
    held_by = MONEY

    payout = models.ForeignKey(
        Payout,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="events",
        db_comment="The payout whose state changed.",
    )
    from_status = models.TextField(
        choices=PayoutStatus, null=True, blank=True, db_comment="State before; null: it was new."
    )
    to_status = models.TextField(choices=PayoutStatus, db_comment="State after.")
    failure_code = models.TextField(blank=True, default="", db_comment="Code of a failure; empty: none.")
    provider_time = models.DateTimeField(
        null=True, blank=True, db_comment="When, by the clock of the provider (UTC); null: it named no time."
    )
    moved_at = models.DateTimeField(db_default=Now(), db_comment="When, by the clock of the database (UTC).")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payout_events",
        db_comment="In whose name; null: the system.",
    )

    class Meta:
        db_table_comment = "One row per move of a payout. Written by a trigger. Kept 10 years."
        constraints = [
            one_of("from_status", PayoutStatus),
            one_of("to_status", PayoutStatus),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["payout", "-id"],
                serves="docs/queries/timeline_of_payout.sql: its moves, newest first",
            )
        ]

    def __str__(self) -> str:
        return self.get_to_status_display()
