"""Figures of performers by day, for pages and lists."""

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

MINUTES_OF_A_DAY = 24 * 60


class PerformerMetric(Entity):
    """One row per performer and day (UTC): a read model, made again from what happened whenever that is needed.

    Written by `performers.services.metrics` for analytics, as the worker, and by nobody else. Never the truth: money is
    billing's.
    """

    volume, retention = Volume.LARGE, "25 months"
    over = Over("{row}.day::timestamp AT TIME ZONE 'UTC'", found="{row}.day < ({cut_off} AT TIME ZONE 'UTC')")
    held_by = HeldBy(person=("performer",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="metrics",
        db_comment="Whose figures.",
    )
    day = models.DateField(db_comment="Day in UTC.")
    followers = models.BigIntegerField(default=0, db_comment="Followers at the end of the day.")
    minutes_live = models.IntegerField(default=0, db_comment="Minutes on air within the day.")
    average_viewers = models.IntegerField(
        default=0, db_comment="Mean of the viewers per minute on air, rounded."
    )
    peak_viewers = models.IntegerField(default=0, db_comment="Most viewers in a minute.")
    earned_tokens = models.BigIntegerField(
        default=0, db_comment="Tokens earned within the day before any share; may be negative after refunds."
    )

    class Meta:
        db_table_comment = (
            "One row per performer and day: a read model. Written by performers.services.metrics for analytics. "
            "Kept 25 months."
        )
        constraints = [
            unique("performer", "day", message="There are figures of this performer for this day already."),
            rule(
                Q(
                    followers__gte=0,
                    average_viewers__gte=0,
                    minutes_live__gte=0,
                    minutes_live__lte=MINUTES_OF_A_DAY,
                ),
                "counts",
                "Counts are not negative, and a day has 1,440 minutes.",
            ),
            rule(
                Q(peak_viewers__gte=F("average_viewers")),
                "peak_viewers",
                "The peak is not below the average.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            *policies(
                Role.SUPPORT,
                Role.LEAD_MODERATOR,
                Role.FINANCE,
                Role.FINANCE_APPROVER,
                Role.ANALYST,
                Role.AUDITOR,
                Role.WORKER,
                command="select",
                using=ALL,
            ),
            Policy(role=Role.WORKER, command="insert", check="day <= current_date + 1"),
            Policy(role=Role.WORKER, command="update", using="day <= current_date + 1"),
        ]
        indexes = [
            BTree(fields=["day"], serves="audit.services.retention: figures of days long ago"),
        ]
        triggers = [Immutable("performer", "day"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
