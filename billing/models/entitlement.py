"""Entitlements: who may watch what, since it was paid or granted."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from accounts.legal_triggers import PeriodOnlyEnds
from billing.models.wallet import MONEY, MONEY_READERS
from billing.wallet_choices import EntitlementSource, RevocationCause
from core.db.constraints import TABLE, one_of, rule
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume
from streams.triggers import TakesPerformer

READERS = (*MONEY_READERS, Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR)
"""Staff who read money, and those who may ask whether somebody may watch."""


def once(name: str, *targets: str, when: Q) -> ExclusionConstraint:
    """Nobody is entitled twice to the same at a time."""
    return ExclusionConstraint(
        name=f"{TABLE}_{name}_valid_excl",
        expressions=[
            # What it is for leads: these indexes serve the foreign keys too.
            *((target, RangeOperators.EQUAL) for target in targets),
            ("user", RangeOperators.EQUAL),
            ("valid", RangeOperators.OVERLAPS),
        ],
        condition=when,
        violation_error_message="This person is entitled to it already.",
    )


class Entitlement(EffectiveDated):
    """One row per person entitled to watch a stream, an archive, or all of a performer, and by what.

    Ended before its time by a reversal, a refund or staff, which it then names. Written by
    `billing.services.entitlements`.
    """

    volume, retention = Volume.LARGE, "10 years after its end"
    held_by = MONEY

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="entitlements",
        db_comment="Who may watch.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="entitlements",
        db_comment="Whose it is; without a stream or an archive: all of hers.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        null=True,
        blank=True,
        # An exclusion constraint leads with it.
        db_index=False,
        related_name="entitlements",
        db_comment="The stream and its recordings; null: an archive, or all of the performer.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        # An exclusion constraint leads with it.
        db_index=False,
        related_name="entitlements",
        db_comment="The archive alone; null: a stream, or all of the performer.",
    )
    source = models.TextField(choices=EntitlementSource, db_comment="What entitles the person.")
    spend = models.OneToOneField(
        "billing.TokenSpend",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlement",
        db_comment="The ticket paid with tokens; null: another source.",
    )
    order_line = models.OneToOneField(
        "billing.OrderLine",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlement",
        db_comment="The ticket paid with money; null: another source.",
    )
    subscription_period = models.OneToOneField(
        "billing.SubscriptionPeriod",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlement",
        db_comment="The period of a subscription; null: another source.",
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements_granted",
        db_comment="The member of staff who granted it; null: another source.",
    )
    revocation = models.TextField(
        choices=RevocationCause,
        null=True,
        blank=True,
        db_comment="By what it ended before its time; null: it did not.",
    )
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entitlements_revoked",
        db_comment="The member of staff who ended it; null: nobody did, or the system.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per person entitled to watch something, dated. Written by billing.services.entitlements. "
            "Kept 10 years after its end."
        )
        permissions = [
            ("grant_entitlement", "Can grant entitlements"),
            ("revoke_entitlement", "Can revoke entitlements"),
        ]
        constraints = [
            one_of("source", EntitlementSource),
            one_of("revocation", RevocationCause),
            rule(
                Q(stream__isnull=True) | Q(archive__isnull=True),
                "target",
                "An entitlement is to a stream, to an archive, or to all of a performer.",
            ),
            rule(Q(valid__lower_inf=False), "since", "An entitlement says from when on it holds."),
            rule(
                Q(source=EntitlementSource.TICKET, spend__isnull=False)
                | ~Q(source=EntitlementSource.TICKET) & Q(spend__isnull=True),
                "spend",
                "A ticket paid with tokens names its spend, and nothing else does.",
            ),
            rule(
                Q(source=EntitlementSource.PURCHASE, order_line__isnull=False)
                | ~Q(source=EntitlementSource.PURCHASE) & Q(order_line__isnull=True),
                "order_line",
                "A ticket paid with money names its order, and nothing else does.",
            ),
            rule(
                Q(source=EntitlementSource.SUBSCRIPTION, subscription_period__isnull=False)
                | ~Q(source=EntitlementSource.SUBSCRIPTION) & Q(subscription_period__isnull=True),
                "period",
                "What is subscribed to names its period, and nothing else does.",
            ),
            rule(
                Q(subscription_period__isnull=True) | Q(stream__isnull=True, archive__isnull=True),
                "period_target",
                "One subscribes to all of a performer.",
            ),
            rule(
                Q(source=EntitlementSource.STAFF, granted_by__isnull=False)
                | ~Q(source=EntitlementSource.STAFF) & Q(granted_by__isnull=True),
                "granted_by",
                "What staff granted names who did, and nothing else does.",
            ),
            rule(
                Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                "grantee",
                "Nobody grants themselves anything.",
            ),
            rule(
                (Q(revocation__isnull=True) | Q(valid__upper_inf=False))
                & (Q(revocation__isnull=False) | Q(revoked_by__isnull=True))
                & (~Q(revocation=RevocationCause.REVERSAL) | Q(spend__isnull=False)),
                "revoked",
                "What was revoked has ended, and says by what.",
            ),
            rule(~Q(user=F("performer")), "user", "Nobody needs a ticket to their own stream."),
            once("stream", "stream", when=Q(stream__isnull=False)),
            once("archive", "archive", when=Q(archive__isnull=False)),
            # Who was let in by staff may subscribe too, and is entitled by both.
            once(
                "performer",
                "performer",
                when=Q(stream__isnull=True, archive__isnull=True, subscription_period__isnull=True),
            ),
            once("subscribed", "performer", when=Q(subscription_period__isnull=False)),
            *policies(*READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME} OR user_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check="revocation IS NULL"),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["user", "performer", "-id"],
                serves="docs/queries/entitled_to_watch.sql: the ground of the watch decision; tickets of a viewer",
            ),
        ]
        triggers = [
            Immutable(
                "user",
                "performer",
                "stream",
                "archive",
                "source",
                "spend",
                "order_line",
                "subscription_period",
                "granted_by",
            ),
            TakesPerformer("stream"),
            TakesPerformer("archive", name="16_take_performer_of_archive"),
            RefuseErasedPerson("user", "performer"),
            PeriodOnlyEnds(),
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.stream or self.archive or self.performer}"

    @property
    def trail_name(self) -> str:
        """What the trail calls it: by its id, so that no handle stays there when the person is erased."""
        return f"{self._meta.verbose_name} {self.pk}"
