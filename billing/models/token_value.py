"""What a token is worth to whoever earned it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.currency import in_currency
from billing.models.wallet import MONEY, MONEY_READERS
from core.db.constraints import length_between, no_overlap, rule
from core.db.policies import ALL, ME, SOMEBODY, Policy, policies
from core.db.privacy import not_personal, personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume


class TokenValue(EffectiveDated):
    """One row per value of an earned token in a currency, for the time in which it holds.

    A payout exchanges earned tokens at the value of the instant as of which it was prepared. Written by
    `billing.services.token_values`.
    """

    volume, retention = Volume.SMALL, "10 years after its end"
    held_by = MONEY

    currency = in_currency("token_values", "In which currency.")
    per_token = not_personal(
        models.DecimalField(
            max_digits=20,
            decimal_places=10,
            db_comment="Minor units of the currency that one earned token is worth.",
        )
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="token_values_set",
        db_comment="Who set it; null: the platform.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who set it."))

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per value of an earned token in a currency, dated. Written by billing.services.token_values. "
            "Kept 10 years after its end."
        )
        permissions = [("set_tokenvalue", "Can set what an earned token is worth")]
        constraints = [
            rule(
                Q(per_token__gt=0, per_token__lte=10**6),
                "per_token",
                "A token is worth more than nothing, and at most a million minor units.",
            ),
            rule(~Q(currency="TOKEN"), "currency", "A token has its value in money."),
            rule(Q(valid__lower_inf=False), "since", "A value says from when on it holds."),
            length_between("reason", 3, 2000),
            no_overlap(
                "currency", during="valid", message="Another value holds in part of this time already."
            ),
            *policies(*MONEY_READERS, Role.PERFORMER, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.FINANCE_APPROVER, command="insert", check=f"set_by_id = {ME}"),
            Policy(role=Role.FINANCE_APPROVER, command="update", using=SOMEBODY),
            Policy(role=Role.WORKER, command="insert", check="set_by_id IS NULL"),
        ]
        triggers: ClassVar[Any] = [Immutable("currency", "per_token", "set_by", "reason")]

    def __str__(self) -> str:
        return f"{self.per_token.normalize():f} minor units of {self.currency_id} for a token"
