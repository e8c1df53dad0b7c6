"""Dunning: further attempts to collect for a period whose charge failed."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from billing.models.wallet import MONEY, MONEY_READERS
from billing.subscription_choices import DunningStatus
from core.db.constraints import length_between, rule, unique
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.roles import Role
from core.db.states import StateMachine
from core.db.triggers import Immutable
from core.models import Entity, Volume

D = DunningStatus


class DunningAttemptQuerySet(models.QuerySet):
    """Reads of attempts."""

    def waiting(self) -> Self:
        """Those of which it is open what comes."""
        return self.filter(status__in=(D.PLANNED, D.SENT))


class DunningAttempt(Entity):
    """One row per further attempt to collect for a period, planned when its charge failed.

    Written by `billing.services.dunning`.
    """

    volume, retention = Volume.LARGE, "10 years after the end of its subscription"
    held_by = MONEY

    period = models.ForeignKey(
        "billing.SubscriptionPeriod",
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="dunning_attempts",
        db_comment="For which period.",
    )
    number = models.SmallIntegerField(db_comment="Counts the attempts for the period, from 1.")
    due_at = models.DateTimeField(db_comment="When it is made (UTC).")
    status = models.TextField(choices=DunningStatus, default=D.PLANNED, db_comment="Where it stands.")
    intent = models.OneToOneField(
        "billing.PaymentIntent",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dunning_attempt",
        db_comment="By which wish to collect it was made; null: not yet, or there was no method to charge.",
    )
    attempted_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was made (UTC); null: not yet."
    )
    outcome = models.TextField(
        blank=True,
        default="",
        db_comment="The provider's code of the decline, or no_method; empty: it was not declined.",
    )

    status_machine: ClassVar[StateMachine] = StateMachine(
        DunningStatus,
        initial=[D.PLANNED],
        moves={
            D.PLANNED: [D.SENT, D.DECLINED, D.SKIPPED],
            D.SENT: [D.SUCCEEDED, D.DECLINED, D.SKIPPED],
            # A provider that said no may say later that the money moved after all.
            D.DECLINED: [D.SUCCEEDED],
        },
    )

    objects: ClassVar[Any] = DunningAttemptQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per further attempt to collect for a period. Written by billing.services.dunning. "
            "Kept 10 years after the end of its subscription."
        )
        constraints = [
            rule(Q(number__gte=1, number__lte=8), "number", "There are up to 8 further attempts."),
            length_between("outcome", 0, 100),
            rule(
                Q(status__in=[D.PLANNED, D.SKIPPED]) | Q(attempted_at__isnull=False),
                "attempted_at",
                "An attempt that was made says when.",
            ),
            rule(
                ~Q(status__in=[D.SENT, D.SUCCEEDED]) | Q(intent__isnull=False),
                "intent",
                "An attempt that was sent says by what.",
            ),
            unique("period", "number", message="The period has an attempt with this number."),
            *policies(*MONEY_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.WORKER, command="insert", check="status = 'planned'"),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["due_at", "id"],
                condition=Q(status=D.PLANNED),
                name="billing_dunningattempt_due_idx",
                serves="docs/queries/dunning_due.sql: which attempts are due, the longest first",
            ),
        ]
        triggers: ClassVar[Any] = [Immutable("period", "number", "due_at")]

    def __str__(self) -> str:
        return f"attempt {self.number}, {self.get_status_display().lower()}"
