"""Who gets which part of what viewers pay."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from accounts.legal_triggers import PeriodOnlyEnds
from billing.allocation import WHOLE
from billing.models.wallet import MONEY, SHARE_READERS
from billing.wallet_choices import SpendKind
from core.db.constraints import TABLE, one_of, rule
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Volume

NOBODY = UUID(int=0)


class RevenueShareRule(EffectiveDated):
    """One row per share agreed, in basis points, for the time in which it holds.

    The most special one counts: of the performer before that of the studio before that of everybody, and of each one
    for this kind of spend before one for all kinds. What goes to a studio is a part of the performer's side, and stands
    in her membership (`performers.StudioMembership`). Written by `billing.services.revenue_share`.
    """

    volume, retention = Volume.LARGE, "10 years after its end"
    held_by = MONEY

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_share_rules",
        db_comment="For whom alone it is; null: not for one performer.",
    )
    studio = models.ForeignKey(
        "performers.Studio",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_share_rules",
        db_comment="For whose performers it is; null: not for one studio.",
    )
    kind = models.TextField(
        choices=SpendKind, null=True, blank=True, db_comment="For what alone it is; null: for everything."
    )
    performer_points = not_personal(
        models.IntegerField(db_comment="Basis points of the performer's side, which her studio shares.")
    )
    platform_points = models.IntegerField(db_comment="Basis points of the platform.")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revenue_share_rules_set",
        db_comment="Who set it; null: it came with the platform.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per revenue share agreed, dated. Written by billing.services.revenue_share. "
            "Kept 10 years after its end."
        )
        permissions = [("set_revenuesharerule", "Can set revenue shares")]
        constraints = [
            one_of("kind", SpendKind),
            rule(
                Q(performer_points__gte=0, platform_points__gte=0)
                & Q(performer_points=WHOLE - F("platform_points")),
                "points",
                "The parts are zero or more, and sum to 10,000 basis points.",
            ),
            rule(
                Q(performer__isnull=True) | Q(studio__isnull=True),
                "scope",
                "A rule is for a performer or for a studio, not for both.",
            ),
            rule(Q(valid__lower_inf=False), "since", "A rule says from when on it holds."),
            rule(
                Q(set_by__isnull=True) | Q(performer__isnull=True) | ~Q(set_by=F("performer")),
                "set_by",
                "Nobody sets their own share.",
            ),
            ExclusionConstraint(
                name=f"{TABLE}_valid_excl",
                expressions=[
                    (Coalesce("performer", Value(NOBODY)), RangeOperators.EQUAL),
                    (Coalesce("studio", Value(NOBODY)), RangeOperators.EQUAL),
                    (Coalesce("kind", Value("")), RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another share for the same holds in part of this time already.",
            ),
            *policies(*SHARE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(
                role=Role.FINANCE,
                command="insert",
                check=f"set_by_id = {ME} AND performer_id IS DISTINCT FROM {ME}",
            ),
            Policy(role=Role.FINANCE, command="update", using=f"performer_id IS DISTINCT FROM {ME}"),
        ]
        indexes = [
            BTree(
                fields=["kind"],
                condition=Q(performer__isnull=True, studio__isnull=True),
                name="%(app_label)s_%(class)s_default_idx",
                serves="docs/queries/revenue_share_in_force.sql: the share of everybody, for a tip",
            )
        ]
        triggers = [
            Immutable("performer", "studio", "kind", "performer_points", "platform_points", "set_by"),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        whose = str(self.performer or self.studio or "everybody")
        what = self.get_kind_display() if self.kind else "everything"
        return f"{self.performer_points / 100:g} % of {what.lower()} for {whose}"
