"""Promotions: what buyers get on top or pay less, how often, and the codes by which they ask for it."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q, Value

from billing.catalogue_choices import PromotionKind
from billing.models.currency import CATALOGUE_MANAGERS, LARGEST_AMOUNT, in_currency, within_reason
from billing.models.product import Product, tokens_within
from core.db.constraints import matches, one_of, rule, unique_without_case, without_case
from core.db.indexes import Gist
from core.db.policies import ALL, SOMEBODY, policies
from core.db.roles import STAFF_ROLES, Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Versioned, Volume

WHOLE = 10_000
"""Basis points of a whole."""


def _gives(kind: PromotionKind, field: str, bounds: Q, currency: Q) -> Q:
    """The condition that a promotion of this kind has its own value within bounds, and no other."""
    others = [name for name in ("basis_points", "amount_off", "bonus_tokens") if name != field]
    return Q(kind=kind) & bounds & currency & Q(**{f"{name}__isnull": True for name in others})


class Promotion(EffectiveDated):
    """One row per promotion: what it gives, on what, when, how often and up to which cost.

    Written by `billing.services.promotions`. What it gives is never changed; its limits, end and name may be. `used`
    and `spent` are kept by the trigger of `billing_promotionredemption`, and nobody else writes them.
    """

    volume, retention = Volume.SMALL, "10 years after its end"
    quiet_columns = ("used", "spent")

    name = models.TextField(db_comment="Name for staff, in English.")
    kind = models.TextField(choices=PromotionKind, db_comment="What it gives; never changed.")
    basis_points = models.IntegerField(
        null=True, blank=True, db_comment="Part of the price that is taken off, 1 to 10,000; kind percentage."
    )
    amount_off = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="What is taken off, in minor units of the currency; kind amount_off.",
    )
    bonus_tokens = models.BigIntegerField(
        null=True, blank=True, db_comment="Tokens on top; kind bonus_tokens."
    )
    currency = in_currency(
        "promotions",
        "Only prices in this currency; null: in any. An amount off and a budget in money have one.",
        null=True,
        blank=True,
    )
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promotions",
        db_comment="Only on this product; null: on every one.",
    )
    limit_total = models.IntegerField(
        null=True, blank=True, db_comment="How often it may be used in all; null: any number."
    )
    limit_per_user = models.IntegerField(
        null=True, blank=True, db_comment="How often one person may use it; null: any number."
    )
    budget = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="What it may cost in all: minor units of the currency, or tokens; null: any amount.",
    )
    used = models.IntegerField(
        default=0, editable=False, db_comment="Uses reserved or applied now; kept by trigger."
    )
    spent = models.BigIntegerField(
        default=0,
        editable=False,
        db_comment="What these uses cost: minor units of the currency, or tokens; kept by trigger.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()
    history = History(excluded_fields=["used", "spent"])

    class Meta:
        db_table_comment = (
            "One row per promotion: what it gives, limits and budget. Written by billing.services.promotions; "
            "counters by trigger. Kept 10 years after its end."
        )
        permissions = [("keep_promotion", "Can make, change and end promotions and their codes")]
        constraints = [
            *line("name", 120),
            one_of("kind", PromotionKind),
            rule(
                _gives(
                    PromotionKind.PERCENTAGE,
                    "basis_points",
                    Q(basis_points__gte=1, basis_points__lte=WHOLE),
                    Q(budget__isnull=True) | Q(currency__isnull=False),
                )
                | _gives(
                    PromotionKind.AMOUNT_OFF,
                    "amount_off",
                    within_reason("amount_off"),
                    Q(currency__isnull=False),
                )
                | _gives(PromotionKind.BONUS_TOKENS, "bonus_tokens", tokens_within("bonus_tokens"), Q()),
                "gives",
                "A promotion gives one thing: 1 to 10,000 basis points, an amount off in a currency, or bonus tokens. "
                "A budget in money needs a currency.",
            ),
            rule(
                Q(limit_total__isnull=True) | Q(limit_total__gte=1) & Q(limit_total__gte=F("used")),
                "limit_total",
                "A limit is at least 1, and not below what was used already.",
            ),
            rule(
                Q(limit_per_user__isnull=True) | Q(limit_per_user__gte=1),
                "limit_per_user",
                "A limit per person is at least 1.",
            ),
            rule(
                Q(budget__isnull=True)
                | Q(budget__gte=1, budget__lte=LARGEST_AMOUNT) & Q(budget__gte=F("spent")),
                "budget",
                "A budget is at least 1, at most 10^15, and not below what was spent already.",
            ),
            rule(Q(used__gte=0, spent__gte=0), "counters", "What was used is not below zero."),
            rule(
                Q(valid__startswith__isnull=False),
                "valid_from",
                "A promotion says from when it holds.",
            ),
            *policies(*STAFF_ROLES, Role.WORKER, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=f"{SOMEBODY} AND used = 0 AND spent = 0"),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(Role.WORKER, command="insert", check="used = 0 AND spent = 0"),
        ]
        indexes = [
            Gist(
                fields=["valid"],
                serves="docs/queries/promotions_in_force.sql: promotions of the back office that hold now",
            )
        ]
        triggers = [
            Immutable("kind", "basis_points", "amount_off", "bonus_tokens", "currency", "product"),
        ]

    def __str__(self) -> str:
        return self.name


class PromotionCodeQuerySet(models.QuerySet):
    """Reads of codes."""

    def called(self, code: str) -> Self:
        """The code as somebody typed it: letter case and spaces around it do not count."""
        return self.alias(folded=without_case("code")).filter(folded=without_case(Value(code.strip())))


class PromotionCode(Versioned):
    """One row per code by which a promotion is asked for; unique whatever the letter case.

    Written by `billing.services.promotions`; `used` is kept by the trigger of `billing_promotionredemption`.
    """

    volume, retention = Volume.LARGE, "that of its promotion"
    quiet_columns = ("used",)

    promotion = models.ForeignKey(
        Promotion,
        models.PROTECT,
        related_name="codes",
        db_comment="What the code gives.",
    )
    code = models.TextField(db_comment="What people type; unique without letter case, never changed.")
    limit_total = models.IntegerField(
        null=True, blank=True, db_comment="How often this code may be used; null: as often as its promotion."
    )
    used = models.IntegerField(
        default=0, editable=False, db_comment="Uses reserved or applied now; kept by trigger."
    )
    is_active = models.BooleanField(
        default=True, db_comment="May be used; a code that leaked is switched off."
    )

    objects: ClassVar[Any] = PromotionCodeQuerySet.as_manager()
    history = History(excluded_fields=["used"])

    class Meta:
        db_table_comment = (
            "One row per code of a promotion, with its limit. Written by billing.services.promotions; "
            "the counter by trigger. Kept as long as its promotion."
        )
        constraints = [
            unique_without_case("code", message="There is a code that differs by letter case at most."),
            matches(
                "code",
                "^[A-Za-z0-9][A-Za-z0-9_-]{2,39}$",
                "A code has 3 to 40 letters, digits, hyphens and underscores.",
            ),
            rule(
                Q(limit_total__isnull=True) | Q(limit_total__gte=1) & Q(limit_total__gte=F("used")),
                "limit_total",
                "The limit of a code is at least 1, and not below what was used already.",
            ),
            rule(Q(used__gte=0), "used", "What was used is not below zero."),
            *policies(*STAFF_ROLES, Role.WORKER, command="select", using=ALL),
            *policies(*CATALOGUE_MANAGERS, command="insert", check=f"{SOMEBODY} AND used = 0"),
            *policies(*CATALOGUE_MANAGERS, command="update", using=SOMEBODY),
            *policies(Role.WORKER, command="insert", check="used = 0"),
        ]
        triggers = [Immutable("promotion", "code")]

    def __str__(self) -> str:
        return self.code
