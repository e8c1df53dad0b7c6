"""Who wants nothing to do with whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.tie_policies import PEOPLE, TIE_READERS
from engagement.tie_triggers import BlockEndsFollows, BlockLocksPair, EndsForGood, RefusesNobody

MINE = f"blocker_id = {ME}"


class BlockQuerySet(models.QuerySet):
    """Reads of blocks."""

    def in_force(self) -> "BlockQuerySet":
        """Blocks that have not been taken back."""
        return self.filter(ended_at__isnull=True)


class Block(Entity):
    """One row per time that a person blocks another; whoever is blocked never reads it.

    A performer has the id of her person, so one column names both. In either direction it refuses follows, messages,
    watching and whatever else one does to the other; `engagement_blocked_between` answers. Written by
    `engagement.services.blocks`.
    """

    volume, retention = Volume.LARGE, "13 months after its end; deleted on erasure"
    over = Over("{row}.ended_at")
    held_by = HeldBy(person=("blocker",))

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="blocks",
        db_comment="Who blocks.",
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="blocked_by",
        db_comment="Who is blocked, as a viewer and as a performer.",
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it was taken back (UTC), set by trigger; null while it holds."
    )

    objects = BlockQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per time that a person blocks another. Written by engagement.services.blocks. "
            "Kept 13 months after its end."
        )
        constraints = [
            rule(~Q(blocker=F("blocked")), "oneself", "Nobody blocks themselves."),
            unique(
                "blocker",
                "blocked",
                when=Q(ended_at__isnull=True),
                message="You have blocked this person already.",
            ),
            *policies(*TIE_READERS, command="select", using=ALL),
            *policies(*PEOPLE, command="select", using=MINE),
            *policies(*PEOPLE, command="insert", check=f"{MINE} AND ended_at IS NULL"),
            *policies(*PEOPLE, command="update", using=MINE),
            Policy(role=Role.WORKER, command="insert", check="ended_at IS NULL"),
        ]
        indexes = [
            BTree(
                fields=["blocker", "-id"],
                serves="The page of a person: whom they blocked, newest first",
            ),
            BTree(
                fields=["blocked", "blocker"],
                include=["ended_at"],
                serves="engagement/blocking.py: who of these has blocked this person",
            ),
        ]
        triggers = [
            Immutable("blocker", "blocked"),
            EndsForGood(),
            BlockLocksPair(),
            RefuseErasedPerson("blocker", "blocked"),
            RefusesNobody("blocked"),
            BlockEndsFollows(),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocked {self.blocked_id}"
