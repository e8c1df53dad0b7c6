"""Plans: what a performer offers her subscribers, for which interval, with which benefits."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from billing.catalogue_choices import ProductKind
from billing.catalogue_triggers import OfKind
from billing.models.wallet import MONEY, MONEY_READERS
from billing.subscription_choices import BenefitKind, PlanInterval
from billing.subscription_triggers import DunningDaysRise
from core.db.constraints import one_of, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.db.text import line
from core.db.triggers import Immutable
from core.models import Entity, History, Versioned, Volume

OFFERED = Q(closed_at__isnull=True)
MOST_TRIAL_DAYS = 90
PLAN_READERS = (*MONEY_READERS, Role.SUPPORT, Role.VIEWER, Role.PERFORMER, Role.WORKER)
"""Who sees what is offered: whoever may subscribe, and staff who answer for it."""


def dunning_days() -> list[int]:
    """On which days after a failed charge another one is tried, unless the plan says otherwise."""
    return [1, 3, 5, 7]


class PlanQuerySet(models.QuerySet):
    """Reads of plans."""

    def offered(self) -> Self:
        """Those to which one can subscribe."""
        return self.filter(OFFERED)


class Plan(Versioned):
    """One row per plan of a performer: its product says what it costs where, the plan for how long and what follows.

    Written by `billing.services.plans`. Nothing but the end of its sale, the trial and dunning changes.
    """

    volume, retention = Volume.LARGE, "10 years after it was last sold"
    held_by = MONEY

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="plans",
        db_comment="Whose subscribers it is for.",
    )
    product = models.OneToOneField(
        "billing.Product",
        models.PROTECT,
        related_name="plan",
        db_comment="The product, of the kind subscription; its name and prices are those of the plan.",
    )
    rank = models.SmallIntegerField(
        db_comment="Place among her plans, from 1; a higher one has the benefits of the lower ones too."
    )
    interval = models.TextField(choices=PlanInterval, db_comment="How long a period is.")
    trial_days = models.SmallIntegerField(
        default=0, db_comment="Days free of charge for a first subscription to her; 0: none."
    )
    dunning_days = ArrayField(
        models.SmallIntegerField(),
        default=dunning_days,
        db_comment="On which days after a failed charge another one is tried, rising; the last one ends the grace.",
    )
    closed_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment="Since when nobody subscribes to it any more (UTC); null: it is offered.",
    )

    objects: Any = PlanQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per plan of a performer. Written by billing.services.plans. "
            "Kept 10 years after it was last sold."
        )
        permissions = [("keep_plan", "Can open, change and close plans")]
        constraints = [
            one_of("interval", PlanInterval),
            rule(Q(rank__gte=1, rank__lte=99), "rank", "Plans are ranked from 1 to 99."),
            rule(
                Q(trial_days__gte=0, trial_days__lte=MOST_TRIAL_DAYS),
                "trial_days",
                f"A trial has 0 to {MOST_TRIAL_DAYS} days.",
            ),
            unique(
                "performer",
                "rank",
                when=OFFERED,
                message="This performer offers a plan of this rank. Close that one.",
            ),
            *policies(*PLAN_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
            *policies(Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(fields=["performer", "-id"], serves="The page of a performer: her plans, newest first"),
        ]
        triggers = [
            OfKind("product", ProductKind.SUBSCRIPTION),
            Immutable("performer", "product", "rank", "interval"),
            DunningDaysRise(),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.get_interval_display().lower()}"


class PlanBenefit(Entity):
    """One row per thing that subscribers of a plan get. Written by `billing.services.plans`."""

    volume, retention = Volume.LARGE, "that of its plan"
    held_by = MONEY

    plan = models.ForeignKey(
        Plan,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="benefits",
        db_comment="The plan that has it.",
    )
    position = models.SmallIntegerField(db_comment="Place in the list, from 1.")
    kind = models.TextField(choices=BenefitKind, db_comment="What it is.")
    words = models.TextField(db_comment="What subscribers read about it, in English.")

    class Meta:
        db_table_comment = (
            "One row per benefit of a plan. Written by billing.services.plans. Kept as long as its plan."
        )
        constraints = [
            one_of("kind", BenefitKind),
            rule(Q(position__gte=1, position__lte=20), "position", "A plan has up to 20 benefits."),
            *line("words", 200),
            unique("plan", "position", message="The plan has a benefit in this place."),
            *policies(*PLAN_READERS, command="select", using=ALL),
            *policies(Role.WORKER, command="insert", check=ALL),
        ]
        triggers = [Immutable("plan", "position", "kind", "words")]

    def __str__(self) -> str:
        return self.words
