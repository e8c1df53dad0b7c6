"""Partitioned tables of both cuts, with what real ones have: references, checks, triggers, policies."""

from django.db import models

from core.db.indexes import BTree
from core.db.partitions.calendar import Every, PartitionPlan
from core.db.policies import ALL, Policy
from core.db.roles import Role
from core.models import Fact
from core.models.identity import Identified
from core.models.partitioned import Partitioned


class Place(Identified):
    """Something to refer to."""

    name = models.TextField(db_comment="What it is called.")

    class Meta:
        db_table_comment = "Places, for tests."


class Reading(Fact, Partitioned):
    """A monthly, append-only table with row-level security."""

    place = models.ForeignKey(
        Place, models.PROTECT, related_name="readings", db_index=False, db_comment="Where it was read."
    )
    level = models.IntegerField(db_default=0, db_comment="How much; per cent.")

    partitions = PartitionPlan(every=Every.MONTH, behind=1)

    class Meta:
        db_table_comment = "Readings, for tests."
        constraints = [
            models.CheckConstraint(condition=models.Q(level__gte=0), name="kernel_reading_level_check"),
            Policy(role=Role.MODERATOR, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["place", "-id"],
                name="kernel_reading_place_idx",
                serves="tests: readings of a place, latest first",
            ),
        ]


class Pulse(Partitioned):
    """A daily table without row-level security."""

    strength = models.IntegerField(db_comment="How strong; no unit.")

    partitions = PartitionPlan(every=Every.DAY)

    class Meta:
        db_table_comment = "Pulses, for tests."
