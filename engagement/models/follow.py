"""Who follows whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import TABLE, one_of, rule
from core.db.figures import Told, tells_figures
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from engagement.counter_triggers import Counted, counts
from engagement.tie_choices import CounterKind, CounterSubject, FollowEnd, NotifyLevel
from engagement.tie_policies import PEOPLE, TIE_READERS
from engagement.tie_triggers import EndsForGood, FollowsThePublic, RefusesNobody

MINE = f"user_id = {ME}"
OF_WHOM_I_AM = f"user_id = {ME} OR performer_id = {ME}"


class FollowQuerySet(models.QuerySet):
    """Reads of follows."""

    def in_force(self) -> "FollowQuerySet":
        """Follows that have not ended."""
        return self.filter(ended_at__isnull=True)


class Follow(Entity):
    """One row per time that a person follows a performer; it ends and is not deleted, a new one is a new row.

    `created_at` says since when. Written by `engagement.services.follows`; a block ends it by trigger.
    """

    volume, retention = Volume.LARGE, "13 months after its end; deleted on erasure"
    over = Over("{row}.ended_at")
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="follows",
        db_comment="Who follows.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="followers",
        db_comment="Who is followed.",
    )
    notify = models.TextField(
        choices=NotifyLevel, default=NotifyLevel.ALL, db_comment="What the follower wants to hear of."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, db_comment="When it ended (UTC), set by trigger; null while it lasts."
    )
    end_cause = models.TextField(
        choices=FollowEnd, null=True, blank=True, db_comment="By what it ended; null while it lasts."
    )

    objects = FollowQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per time that a person follows a performer. Written by engagement.services.follows. "
            "Kept 13 months after its end."
        )
        constraints = [
            one_of("notify", NotifyLevel),
            one_of("end_cause", FollowEnd),
            rule(
                Q(ended_at__isnull=True, end_cause__isnull=True)
                | Q(ended_at__isnull=False, end_cause__isnull=False),
                "end",
                "A follow that ended says by what.",
            ),
            rule(~Q(user=F("performer")), "oneself", "Nobody follows themselves."),
            # docs/queries/followed_and_live.sql reads the feed from the index alone.
            models.UniqueConstraint(
                fields=["user", "performer"],
                condition=Q(ended_at__isnull=True),
                include=["notify", "created_at"],
                name=f"{TABLE}_user_performer_key",
                violation_error_message="You follow this performer already.",
            ),
            *policies(*TIE_READERS, command="select", using=ALL),
            Policy(role=Role.VIEWER, command="select", using=MINE),
            Policy(role=Role.PERFORMER, command="select", using=OF_WHOM_I_AM),
            *policies(*PEOPLE, command="insert", check=f"{MINE} AND ended_at IS NULL"),
            *policies(*PEOPLE, command="update", using=MINE),
            Policy(role=Role.WORKER, command="insert", check="ended_at IS NULL"),
            Policy(role=Role.WORKER, command="update", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "id"],
                include=["user", "notify", "ended_at"],
                serves="docs/queries/followers_to_tell.sql: the next followers of a performer, by key",
            ),
            BTree(fields=["user", "-id"], serves="The page of a person: whom they follow, newest first"),
        ]
        triggers = [
            Immutable("user", "performer"),
            EndsForGood(),
            RefuseErasedPerson("user", "performer"),
            RefusesNobody("performer"),
            FollowsThePublic(),
            *counts(
                CounterKind.FOLLOWERS,
                Counted(CounterSubject.PERFORMER, "performer_id", "{row}.ended_at IS NULL"),
                ends=True,
            ),
            *tells_figures(
                Told("follows", "{row}.performer_id", "{row}.created_at"),
                Told("follows", "{row}.performer_id", "{row}.ended_at"),
                changes=("ended_at",),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.performer_id}"
