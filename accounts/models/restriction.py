"""Limits placed on people."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.choices import RestrictionKind
from core.db.constraints import length_between, no_overlap, one_of, rule
from core.db.holds import HeldBy
from core.db.indexes import Gist
from core.db.policies import ALL, ME, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, History, Volume

DECIDERS = (Role.MODERATOR, Role.LEAD_MODERATOR, Role.COMPLIANCE, Role.ADMINISTRATOR)


class Restriction(EffectiveDated):
    """One row per limit placed on a person: what, from when, until when.

    Written by `accounts.services.restrictions`. The person's status follows: restricted while one is in force.
    """

    volume, retention = Volume.LARGE, "7 years after its end"
    over = Over("upper({row}.valid)")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="restrictions",
        db_comment="The person who is restricted.",
    )
    kind = models.TextField(choices=RestrictionKind, db_comment="What may not be done.")
    reason = personal(models.TextField(db_comment="Why, in the words of the person who decided."))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="restrictions_decided",
        db_comment="Who placed it; null: the system.",
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="restrictions_lifted",
        db_comment="Who ended it before its time; null while nobody did.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = (
            "One row per limit placed on a person; dated, so history is never lost. "
            "Written by accounts.services.restrictions. Kept 7 years after its end."
        )
        constraints = [
            one_of("kind", RestrictionKind),
            length_between("reason", 3, 2000),
            rule(
                Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
                "decided_by",
                "Nobody restricts themselves.",
            ),
            no_overlap(
                "user",
                "kind",
                during="valid",
                message="A restriction of this kind already covers part of that period.",
            ),
            *policies(
                Role.APP, Role.WORKER, Role.SUPPORT, Role.AUDITOR, *DECIDERS, command="select", using=ALL
            ),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"user_id = {ME}"),
            *policies(*DECIDERS, command="insert", check=f"decided_by_id = {ME} AND user_id <> {ME}"),
            *policies(*DECIDERS, command="update", using=f"user_id <> {ME}"),
        ]
        indexes = [
            Gist(
                fields=["valid"],
                serves="Home page of moderators, list of restrictions: those in force now",
            )
        ]
        triggers = [Immutable("user", "kind", "reason", "decided_by")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} barred for {self.user_id}"
