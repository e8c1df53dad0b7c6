"""Uses of promotion codes: reserved for an order, then applied to it or released."""

import datetime as dt
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.catalogue_choices import RedemptionStatus
from billing.models.currency import LARGEST_AMOUNT, in_currency
from billing.models.product import MOST_TOKENS
from billing.models.promotion import PromotionCode
from billing.promotion_triggers import CountsUses
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.roles import STAFF_ROLES, Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

SEES_PEOPLE = tuple(role for role in STAFF_ROLES if role != Role.ANALYST)
"""Staff who may see who bought what; analysts see figures, and no people."""

LIVE = Q(status__in=[RedemptionStatus.RESERVED, RedemptionStatus.APPLIED])


class PromotionRedemptionQuerySet(models.QuerySet):
    """Reads of uses."""

    def live(self) -> Self:
        """Uses that count."""
        return self.filter(LIVE)

    def run_out(self, at: dt.datetime) -> Self:
        """Reservations whose time is over, the longest first."""
        return self.filter(status=RedemptionStatus.RESERVED, reserved_until__lte=at).order_by(
            "reserved_until", "pk"
        )


class PromotionRedemption(Entity):
    """One row per use of a code for an order.

    Written by `billing.services.promotions` as the worker. A trigger counts it on the code and the promotion, with
    their rows locked, and refuses it beyond a limit, whoever writes it; a released one counts no more.
    """

    volume, retention = Volume.LARGE, "10 years"
    held_by = HeldBy(person=("user",))

    code = models.ForeignKey(
        PromotionCode, models.PROTECT, related_name="redemptions", db_comment="The code that is used."
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="promotion_redemptions",
        db_comment="Who uses it.",
    )
    order_id = models.UUIDField(db_comment="The order it is used for (billing_order.id).")
    status = models.TextField(
        choices=RedemptionStatus,
        default=RedemptionStatus.RESERVED,
        db_comment="Reserved, applied or released.",
    )
    discount = models.BigIntegerField(
        default=0, db_comment="What is taken off this order, in minor units of the currency; 0: nothing."
    )
    currency = in_currency(
        "promotion_redemptions",
        "Currency of the discount; null: tokens were given.",
        null=True,
        blank=True,
    )
    bonus_tokens = models.BigIntegerField(default=0, db_comment="Tokens given on top of this order; 0: none.")
    reserved_until = models.DateTimeField(
        db_comment="Until when it is kept for an order that is not paid (UTC); then a job releases it."
    )

    machine = StateMachine(
        RedemptionStatus,
        initial=[RedemptionStatus.RESERVED],
        moves={RedemptionStatus.RESERVED: [RedemptionStatus.APPLIED, RedemptionStatus.RELEASED]},
    )
    objects: Any = PromotionRedemptionQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per use of a promotion code for an order: reserved, applied or released. "
            "Written by billing.services.promotions as the worker. Kept 10 years."
        )
        constraints = [
            unique(
                "code",
                "user",
                "order_id",
                when=LIVE,
                name="live",
                message="This code is used for this order already.",
            ),
            rule(
                Q(discount__gte=0, discount__lte=LARGEST_AMOUNT, bonus_tokens__gte=0)
                & Q(bonus_tokens__lte=MOST_TOKENS)
                & (
                    Q(discount__gt=0, bonus_tokens=0, currency__isnull=False)
                    | Q(discount=0, bonus_tokens__gt=0, currency__isnull=True)
                ),
                "gives",
                "A use takes an amount off or gives tokens.",
            ),
            *policies(*SEES_PEOPLE, Role.WORKER, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(Role.WORKER, command="insert", check=ALL),
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["reserved_until", "id"],
                condition=Q(status=RedemptionStatus.RESERVED),
                name="%(app_label)s_%(class)s_run_out_idx",
                serves="docs/queries/promotion_reservations_run_out.sql: which reservations does the job release?",
            ),
            BTree(
                fields=["order_id"],
                serves="billing.services.promotions: the use of a code for an order",
            ),
        ]
        triggers = [
            Immutable("code", "user", "order_id", "discount", "currency", "bonus_tokens"),
            CountsUses(),
        ]

    def __str__(self) -> str:
        return f"{self.code_id} for {self.order_id}"
