"""Claims: who works a case, for how long unless they go on."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.claim_triggers import KeepsLease, MirrorsClaim, TakesCase
from audit.models.moderation.case import Case
from audit.models.moderation.readers import CASE_STAFF, OVERSEERS
from core.db.constraints import no_overlap, rule
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import EffectiveDated, EffectiveDatedQuerySet, Volume


class Claim(EffectiveDated):
    """One row per time that a moderator held a case. The lease is the period itself: when it is over, the case is free.

    Two claims of one case never overlap, so nobody has to free anything. Written by `audit.services.claims`.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over()
    held_by = NotHeld("A working aid of staff; nothing is proved by it.")

    case = models.ForeignKey(
        Case,
        models.PROTECT,
        # The exclusion constraint's index leads with it.
        db_index=False,
        related_name="claims",
        db_comment="What is held.",
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="claims",
        db_comment="Who holds it.",
    )

    objects: ClassVar[Any] = EffectiveDatedQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per time that a moderator held a case; its period is the lease. Written by "
            "audit.services.claims. Kept 13 months."
        )
        constraints = [
            no_overlap("case", during="valid", message="A colleague holds this case."),
            rule(
                Q(valid__startswith__isnull=False, valid__endswith__isnull=False),
                "valid_bounds",
                "A lease has a beginning and an end.",
            ),
            *policies(*CASE_STAFF, *OVERSEERS, Role.WORKER, command="select", using=ALL),
            *policies(*CASE_STAFF, Role.COMPLIANCE, command="insert", check=f"moderator_id = {ME}"),
            *policies(*CASE_STAFF, Role.COMPLIANCE, command="update", using=f"moderator_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["moderator", "-id"],
                serves="Workload: what a moderator held, and for how long",
            )
        ]
        triggers = [Immutable("case", "moderator"), TakesCase(), KeepsLease(), MirrorsClaim()]

    def __str__(self) -> str:
        return f"claim of {self.case_id}"
