"""Who watched on a day: by country, language, device and age band, where that names nobody."""

from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, IntegerField, Q, UUIDField, Value, When
from django.db.models.functions import Coalesce

from analytics.audience_choices import LEAST_PEOPLE, AudienceDimension
from analytics.audience_policies import AUDIENCE_READERS
from core.db.constraints import TABLE, length_between, one_of, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.retention import Over
from core.db.roles import Role
from core.models import Identified, Volume

NOBODY = "00000000-0000-0000-0000-000000000000"


class AudienceDayQuerySet(models.QuerySet):
    """Reads of breakdowns."""

    def published(self) -> Self:
        """Cells that may be shown; what is not one of them says that its breakdown is withheld."""
        return self.filter(people__isnull=False)

    def withheld(self) -> Self:
        """The marks of breakdowns that are withheld."""
        return self.filter(people__isnull=True)


class AudienceDay(Identified):
    """One row per cell of a published breakdown, or one without value and people where the breakdown is withheld.

    A number under ten is never stored, nor any other number of a breakdown that has one: the rule of the column refuses
    it. Nothing says why a breakdown is withheld: that it has a small cell of its own, or protects one of another, would
    tell. Written by the roll-up `audience_day`, two days after the day is over, a whole day at once.
    """

    volume, retention = Volume.LARGE, "7 years"
    over = Over("{row}.day::timestamp AT TIME ZONE 'UTC'", found="{row}.day < ({cut_off} AT TIME ZONE 'UTC')")
    held_by = NotHeld("Sums of ten people and more; they name nobody.")

    day = models.DateField(db_comment="Day in UTC.")
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        null=True,
        blank=True,
        # An index leads with it.
        db_index=False,
        related_name="audience_days",
        db_comment="Whose audience; null: that of the whole platform.",
    )
    dimension = models.TextField(choices=AudienceDimension, db_comment="By what it is broken down.")
    value = models.TextField(
        null=True,
        blank=True,
        db_comment="The value whose people are counted, empty where it is not known; null: the breakdown is withheld.",
    )
    people = models.BigIntegerField(
        null=True,
        blank=True,
        db_comment="How many different people of this value watched, ten at least; null: the breakdown is withheld.",
    )

    objects: Any = AudienceDayQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per cell of a published breakdown of a day's audience, or one that says that it is withheld. "
            "Written by the roll-up audience_day. Kept 7 years."
        )
        constraints = [
            one_of("dimension", AudienceDimension),
            length_between("value", 0, 50),
            rule(
                Q(value__isnull=True, people__isnull=True)
                | Q(value__isnull=False, people__isnull=False, people__gte=LEAST_PEOPLE),
                "people",
                "A cell has ten people at least; a breakdown with a smaller one is withheld whole.",
            ),
            unique("day", "performer", "dimension", "value", message="This cell is there already."),
            ExclusionConstraint(
                name=f"{TABLE}_withheld_excl",
                expressions=[
                    ("day", RangeOperators.EQUAL),
                    (Coalesce("performer", Value(NOBODY), output_field=UUIDField()), RangeOperators.EQUAL),
                    ("dimension", RangeOperators.EQUAL),
                    (
                        Case(When(people__isnull=True, then=0), default=1, output_field=IntegerField()),
                        RangeOperators.NOT_EQUAL,
                    ),
                ],
                violation_error_message="A breakdown is published or withheld, and never both.",
            ),
            *policies(*AUDIENCE_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=f"performer_id = {ME}"),
            Policy(role=Role.WORKER, command="insert", check=ALL),
            Policy(role=Role.WORKER, command="delete", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["performer", "dimension", "day"],
                serves="docs/queries/audience_of_performer.sql: the audience of one performer in a range of days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.get_dimension_display()}"
