"""Who was here on which day: the one place from which viewers are counted over more than a day."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.erasure_triggers import RefuseErasedPerson
from analytics.audience_triggers import IdentityOfDay
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.models import Identified, Volume
from core.models.partitioned import Partitioned

SECONDS_OF_A_DAY = 24 * 60 * 60
PEOPLE = (Role.VIEWER, Role.PERFORMER)


class ViewerActivityDay(Partitioned):
    """One row per person and day (UTC) on which the person watched, wrote or tipped.

    The id is `uuid7_derived(day, person's id)`, which a trigger checks: a second row of a day is the same one. Nobody
    reads it but the person: what cohorts count of it are numbers. Written by `analytics_viewer_days_compute`.
    """

    volume, retention = Volume.FIREHOSE, "13 months"
    held_by = HeldBy(person=("user",))

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="+",
        db_comment="Who was here.",
    )
    day = personal(models.DateField(db_comment="On which day (UTC); the one of the id."))
    first_day = personal(
        models.DateField(
            db_comment="First day (UTC) on which the person was ever here, carried along when earlier rows leave."
        )
    )
    watched_seconds = personal(
        models.IntegerField(
            db_comment="Seconds watched, added up over performers; two devices at one performer count once."
        )
    )
    performers = personal(
        models.IntegerField(db_comment="Number of performers whom the person watched, wrote to or tipped.")
    )

    partitions = PartitionPlan(every=Every.MONTH, behind=13)

    class Meta:
        db_table_comment = (
            "One row per person and day on which the person was here. Written by analytics_viewer_days_compute. "
            "Kept 13 months; deleted on erasure."
        )
        constraints = [
            rule(Q(first_day__lte=F("day")), "first_day", "Nobody was here before the first day."),
            rule(
                Q(watched_seconds__gte=0, performers__gte=1),
                "counts",
                "Seconds are not negative, and there is somebody for whom the person was here.",
            ),
            *policies(*PEOPLE, command="select", using=f"user_id = {ME}"),
            Policy(role=Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["user", "id"],
                serves="docs/queries/first_day_of_viewer.sql: the first day of a person, which later ones carry along",
            ),
        ]
        triggers = [IdentityOfDay(), RefuseErasedPerson("user")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class ViewerPerformerDay(Identified):
    """One row per viewer, performer and day (UTC): how much the viewer watched, wrote and gave.

    Nobody reads it but the viewer, the performer neither: what somebody watches here tells of their sexual life (GDPR
    article 9). Written by `analytics_viewer_days_compute`.
    """

    volume, retention = Volume.LARGE, "13 months"
    over = Over("{row}.day::timestamp AT TIME ZONE 'UTC'", found="{row}.day < ({cut_off} AT TIME ZONE 'UTC')")
    held_by = HeldBy(person=("viewer",))

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique rule leads with it.
        db_index=False,
        related_name="performer_days",
        db_comment="Who watched.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="viewer_days",
        db_comment="The performer who was watched.",
    )
    day = personal(models.DateField(db_comment="On which day (UTC)."))
    watched_seconds = personal(
        models.IntegerField(db_comment="Seconds watched; what two devices showed at once counts once.")
    )
    messages = personal(models.IntegerField(db_comment="Lines written in the performer's rooms."))
    tips = personal(models.IntegerField(db_comment="Times that tokens were spent on the performer."))
    tip_tokens = personal(
        models.BigIntegerField(db_comment="Tokens spent on the performer, before reversals.")
    )
    last_seen_at = personal(
        models.DateTimeField(
            db_comment="Last instant of the day (UTC) at which the viewer watched, wrote or gave."
        )
    )

    objects: Any = models.Manager()

    class Meta:
        db_table_comment = (
            "One row per viewer, performer and day: seconds, lines, tips. Written by analytics_viewer_days_compute. "
            "Kept 13 months; deleted on erasure."
        )
        constraints = [
            unique("viewer", "day", "performer", message="There is a row of this viewer's day already."),
            rule(
                Q(
                    watched_seconds__gte=0,
                    watched_seconds__lte=SECONDS_OF_A_DAY,
                    messages__gte=0,
                    tips__gte=0,
                    tip_tokens__gte=F("tips"),
                ),
                "counts",
                "Counts are not negative, a day has 86,400 seconds, and a tip has a token at least.",
            ),
            *policies(*PEOPLE, command="select", using=f"viewer_id = {ME}"),
            Policy(role=Role.WORKER, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "day"],
                serves="docs/queries/viewers_of_performer_day.sql: the rows of a performer's day, to be replaced",
            ),
            BTree(fields=["day"], serves="audit.services.retention: days long ago"),
        ]
        triggers = [RefuseErasedPerson("viewer")]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
