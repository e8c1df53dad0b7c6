"""How what was paid was shared out, and what performers and studios earned by it."""

from django.db import models
from django.db.models import F, Q

from billing.allocation import WHOLE
from billing.models.currency import in_currency, is_code
from billing.models.token_lot import MOST_MONEY
from billing.models.wallet import MONEY, SHARE_READERS
from billing.wallet_choices import SplitParty
from billing.wallet_triggers import EarnsItsLine, SumsToBase
from core.db.constraints import one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.models import Fact, Identified, Volume


class RevenueSplit(Fact, Identified):
    """One row per amount shared out, with the rule as it was then; one that takes back has a negative base.

    Written by `billing.services.revenue_splits`. The lines sum to the base when the transaction ends.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    spend = models.ForeignKey(
        "billing.TokenSpend",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="splits",
        db_comment="The tokens that were shared; null: it was money.",
    )
    order_line = models.ForeignKey(
        "billing.OrderLine",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="splits",
        db_comment="The ticket paid with money; null: it was tokens.",
    )
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        db_comment="What it takes back, wholly or in part; null: it takes back nothing.",
    )
    base = models.BigIntegerField(db_comment="What was shared out, in minor units or tokens.")
    currency = in_currency(
        "revenue_splits", "The unit: tokens, or the currency that was paid.", db_constraint=False
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # What every tip refers to would be locked by all of them at once. A trigger looks instead.
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="revenue_splits",
        db_comment="Who earned it.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_splits",
        db_comment="To whose studio she belonged then; null: to none.",
    )
    rule = models.ForeignKey(
        "billing.RevenueShareRule",
        models.PROTECT,
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="splits",
        db_comment="By which rule.",
    )
    performer_points = not_personal(
        models.IntegerField(db_comment="Basis points of the performer's side, as they were.")
    )
    platform_points = models.IntegerField(db_comment="Basis points of the platform, as they were.")
    studio_share = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        db_comment="Part of the performer's side that her studio had then, 0 to 1.",
    )
    split_at = models.DateTimeField(db_comment="As of when the rule and the membership were read (UTC).")

    class Meta:
        db_table_comment = (
            "One row per amount shared out, the rule frozen. Written by billing.services.revenue_splits. "
            "Kept 10 years."
        )
        constraints = [
            rule(
                is_code("currency"), "currency", "A currency is named by its code of three to five capitals."
            ),
            rule(
                Q(base__gte=1, base__lte=MOST_MONEY, reverses__isnull=True)
                | Q(base__lte=-1, base__gte=-MOST_MONEY, reverses__isnull=False),
                "base",
                "What is shared out is above zero, what is taken back below.",
            ),
            rule(
                Q(performer_points__gte=0, platform_points__gte=0)
                & Q(performer_points=WHOLE - F("platform_points")),
                "points",
                "The parts sum to 10,000 basis points.",
            ),
            rule(
                Q(studio__isnull=True, studio_share=0)
                | Q(studio__isnull=False, studio_share__gte=0, studio_share__lte=1),
                "studio_share",
                "A studio, and nobody else, has a share between 0 and 1.",
            ),
            rule(
                Q(spend__isnull=False, order_line__isnull=True)
                | Q(spend__isnull=True, order_line__isnull=False),
                "of",
                "What was shared out is a spend of tokens or a line of an order.",
            ),
            unique(
                "order_line",
                when=Q(reverses__isnull=True, order_line__isnull=False),
                message="This line was shared out already.",
            ),
            unique(
                "spend",
                when=Q(reverses__isnull=True, spend__isnull=False),
                message="This spend was shared out already.",
            ),
            unique(
                "reverses",
                when=Q(spend__isnull=False, reverses__isnull=False),
                name="reverses_of_spend",
                message="This was taken back already.",
            ),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                serves="The page of a performer: what was shared out, newest first",
            ),
            BTree(fields=["rule"], serves="The page of a rule: what was shared out by it"),
        ]
        triggers = [SumsToBase("id")]

    def __str__(self) -> str:
        return f"{self.base:,} {self.currency_id} shared out"


class RevenueSplitLine(Fact, Identified):
    """One row per party that got, or gave back, a part."""

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    split = models.ForeignKey(
        RevenueSplit,
        models.PROTECT,
        # The unique constraint's index leads with it.
        db_index=False,
        related_name="lines",
        db_comment="What was shared out.",
    )
    party = models.TextField(choices=SplitParty, db_comment="Who got it.")
    amount = models.BigIntegerField(db_comment="How much, in the unit of the split; negative: taken back.")

    class Meta:
        db_table_comment = (
            "One row per party of a revenue split. Written by billing.services.revenue_splits. Kept 10 years."
        )
        constraints = [
            one_of("party", SplitParty),
            rule(~Q(amount=0), "amount", "Who gets nothing has no line."),
            unique("split", "party", message="A party has one line of a split."),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [SumsToBase("split_id")]

    def __str__(self) -> str:
        return f"{self.amount:,} for the {self.get_party_display().lower()}"


class Earning(Fact, Identified):
    """One row per amount that a performer or a studio earned, or gave back.

    It can be paid out from `available_on` on. Written by `billing.services.revenue_splits`.
    """

    volume, retention = Volume.FIREHOSE, "10 years"
    held_by = MONEY

    line = models.OneToOneField(
        RevenueSplitLine, models.PROTECT, related_name="earning", db_comment="The part that it is."
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # That of the split, by a trigger.
        db_constraint=False,
        # An index leads with it.
        db_index=False,
        related_name="earnings",
        db_comment="The performer who earned it; null: a studio did.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="earnings",
        db_comment="The studio that earned it; null: a performer did.",
    )
    amount = models.BigIntegerField(db_comment="How much, in minor units or tokens; negative: given back.")
    currency = in_currency("earnings", "The unit: tokens, or a currency.", db_constraint=False)
    earned_at = models.DateTimeField(db_comment="When it was earned (UTC).")
    available_on = models.DateField(db_comment="From which day on (UTC) it can be paid out.")

    class Meta:
        db_table_comment = (
            "One row per amount that a performer or a studio earned. Written by billing.services.revenue_splits. "
            "Kept 10 years."
        )
        constraints = [
            rule(
                is_code("currency"), "currency", "A currency is named by its code of three to five capitals."
            ),
            rule(
                Q(performer__isnull=False, studio__isnull=True)
                | Q(performer__isnull=True, studio__isnull=False),
                "earner",
                "A performer or a studio earns it, one of the two.",
            ),
            rule(~Q(amount=0), "amount", "Nobody earns nothing."),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "-id"],
                condition=Q(performer__isnull=False),
                serves="docs/queries/earnings_of_performer.sql: own earnings, newest first",
            ),
            BTree(
                fields=["studio", "-id"],
                condition=Q(studio__isnull=False),
                serves="The page of a studio: what it earned, newest first",
            ),
        ]
        triggers = [EarnsItsLine()]

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency_id}"
