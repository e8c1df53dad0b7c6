"""Time in which a performer does not perform."""

import datetime as dt
from typing import Any, Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import LessThanOrEqual

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import length_between, matches, no_overlap, rule
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from performers.models.schedule_series import ZONE_PATTERN
from performers.schedule_triggers import KeepsClearOfOccurrences

LONGEST_TIME_OFF = 366
"""Days."""

HOLDS = Q(withdrawn_at__isnull=True)
LENGTH = Func(
    F("during"),
    template="(upper(%(expressions)s) - lower(%(expressions)s))",
    output_field=models.DurationField(),
)


class TimeOffQuerySet(models.QuerySet):
    """Reads of time off."""

    def ahead(self) -> Self:
        """What holds and is not over, the next first."""
        return self.filter(HOLDS, during__endswith__gt=Now()).order_by("during")


class TimeOff(Entity):
    """One row per period in which nothing of a performer is scheduled.

    Written by `performers.services.time_off`. No row overlaps another one of the performer, nor a scheduled occurrence.
    The public learns nothing of it: an empty calendar says enough.
    """

    volume, retention = Volume.LARGE, "13 months after its end"
    over = Over("upper({row}.during)")
    held_by = HeldBy(person=("performer",))

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="time_off",
        db_comment="Who is away.",
    )
    during = DateTimeRangeField(db_comment="Half-open UTC range of whole days on the clock of time_zone.")
    time_zone = not_personal(models.TextField(db_comment="IANA time zone whose days are meant."))
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the performer took it back (UTC); null: it holds."
    )

    objects: Any = TimeOffQuerySet.as_manager()

    class Meta:
        verbose_name = "time off"
        verbose_name_plural = "time off"
        db_table_comment = (
            "One row per period in which a performer does not perform. Written by performers.services.time_off. "
            "Kept 13 months after its end."
        )
        constraints = [
            length_between("time_zone", 1, 64),
            matches(
                "time_zone",
                ZONE_PATTERN,
                "A time zone is a name of the IANA database, such as Europe/Lisbon.",
            ),
            rule(
                Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                "during",
                "Time off has a first and a last day, in this order.",
            ),
            rule(
                LessThanOrEqual(LENGTH, Value(dt.timedelta(days=LONGEST_TIME_OFF, hours=2))),
                "length",
                f"Time off lasts {LONGEST_TIME_OFF} days at most.",
            ),
            no_overlap(
                "performer",
                during="during",
                when=HOLDS,
                message="Other time off covers part of this already. Withdraw that first.",
            ),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="update", using=f"performer_id = {ME}"),
            *policies(Role.SUPPORT, Role.AUDITOR, Role.WORKER, command="select", using=ALL),
        ]
        indexes = [BTree(fields=["performer", "-id"], serves="A performer's page: time off, newest first")]
        triggers = [
            Immutable("performer", "during", "time_zone"),
            KeepsClearOfOccurrences(),
            RefuseErasedPerson("performer"),
        ]

    def __str__(self) -> str:
        return f"{self.during.lower:%Y-%m-%d %H:%M} to {self.during.upper:%Y-%m-%d %H:%M} UTC"
