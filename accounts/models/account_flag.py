"""Moderation flags on accounts."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.choices import FlagKind, FlagResolution, FlagSource
from accounts.models.erasable_history import HistoryOfOwn
from core.db.constraints import length_between, one_of, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import History, Versioned, Volume

OPEN = Q(resolved_at__isnull=True)
FLAGGERS = (Role.SUPPORT, Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE)


class AccountFlagQuerySet(models.QuerySet):
    """Reads of flags."""

    def open(self) -> Self:
        """Flags that nobody resolved."""
        return self.filter(OPEN)


class AccountFlag(Versioned):
    """One row per suspicion about an account, with its source and how sure that source is.

    Written by `accounts.services.flags`.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over()
    held_by = HeldBy(person=("user",), keeps=("note",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="flags",
        db_comment="The account that is flagged.",
    )
    kind = models.TextField(choices=FlagKind, db_comment="What the flag says.")
    source = models.TextField(choices=FlagSource, db_comment="Who or what raised it.")
    confidence = models.DecimalField(
        max_digits=4,
        decimal_places=3,
        default=Decimal("1.000"),
        db_comment="How sure the source is, from 0 to 1; staff are sure.",
    )
    note = personal(models.TextField(blank=True, default="", db_comment="What was seen, for colleagues."))
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="flags_raised",
        db_comment="The member of staff who raised it; null for every other source.",
    )
    resolved_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was resolved (UTC); null: open."
    )
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="flags_resolved",
        db_comment="Who resolved it; null while it is open.",
    )
    resolution = models.TextField(
        null=True, blank=True, choices=FlagResolution, db_comment="How it ended; null while it is open."
    )

    objects: Any = AccountFlagQuerySet.as_manager()
    history = History(bases=(HistoryOfOwn,))

    class Meta:
        db_table_comment = (
            "One row per moderation flag on an account. Written by accounts.services.flags. Kept 7 years."
        )
        constraints = [
            one_of("kind", FlagKind),
            one_of("source", FlagSource),
            one_of("resolution", FlagResolution),
            length_between("note", 0, 2000),
            rule(Q(confidence__gte=0, confidence__lte=1), "confidence", "Confidence lies between 0 and 1."),
            rule(
                Q(resolved_at__isnull=True, resolved_by__isnull=True, resolution__isnull=True)
                | Q(resolved_at__isnull=False, resolution__isnull=False),
                "resolved",
                "A resolved flag says when and how it ended; an open one says neither.",
            ),
            unique("user", "kind", when=OPEN, message="A flag of this kind is open on this account."),
            *policies(*FLAGGERS, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER, command="select", using=ALL),
            *policies(*FLAGGERS, command="insert", check=f"raised_by_id = {ME} AND user_id <> {ME}"),
            *policies(*FLAGGERS, command="update", using=f"user_id <> {ME}"),
            Policy(role=Role.WORKER, command="insert", check="source <> 'staff'"),
        ]
        indexes = [
            BTree(
                fields=["kind", "-id"],
                condition=OPEN,
                serves="Home page and flag list of moderators: open flags by kind, newest first",
            ),
        ]
        triggers = [Immutable("user", "kind", "source", "raised_by")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user_id}"
