"""Where personal data stands: the map of `audit.personal_data`, as the database keeps it."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.archive_choices import SourceTreatment
from core.db.constraints import length_between, matches, one_of, rule, unique
from core.db.policies import ALL, policies
from core.db.roles import Role
from core.models import Entity, Volume

READERS = (Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR, Role.WORKER)


class PersonalDataSourceQuerySet(models.QuerySet):
    """Reads of the map."""

    def given(self) -> Self:
        """Tables of which rows are handed out."""
        return self.filter(treatment=SourceTreatment.GIVEN)


class PersonalDataSource(Entity):
    """One row per table about people: whether its rows are handed to whom they are about, by which query, or why not.

    Copied from the models after each `migrate` (`audit.services.personal_data_sources`), by the owner alone: the
    function `personal_rows_open` runs these queries with the owner's rights.
    """

    volume, retention = Volume.SMALL, "while the table exists"

    source_table = models.TextField(db_comment="The table, as in the catalog: accounts_usercontact.")
    treatment = models.TextField(
        choices=SourceTreatment, db_comment="What happens to its rows in an archive."
    )
    why = models.TextField(
        blank=True, default="", db_default="", db_comment="Why rows are not handed out; empty: they are."
    )
    ways = ArrayField(
        models.TextField(),
        default=list,
        db_comment="How a row is found from a person: paths of foreign keys, or conditions in SQL.",
    )
    columns_given = ArrayField(
        models.TextField(), default=list, db_comment="Columns that are handed out on some way."
    )
    columns_withheld = models.JSONField(
        default=dict, db_comment="Columns that are handed out on no way, each with the reason."
    )
    access_query = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="Rows of the person $1 as JSON, for a request for access; empty: none.",
    )
    portability_query = models.TextField(
        blank=True,
        default="",
        db_default="",
        db_comment="What of them the person provided (GDPR art. 20); empty: nothing.",
    )

    objects: Any = PersonalDataSourceQuerySet.as_manager()

    class Meta:
        verbose_name = "place of personal data"
        verbose_name_plural = "places of personal data"
        db_table_comment = (
            "One row per table about people: whether and how its rows are handed to whom they are about. Copied from "
            "the models after each migrate, by the owner. Kept while the table exists."
        )
        constraints = [
            unique("source_table", message="This table is described."),
            matches("source_table", "^[a-z][a-z0-9_]{0,62}$", "A table has a name in small letters."),
            one_of("treatment", SourceTreatment),
            length_between("why", 0, 500),
            rule(
                Q(treatment=SourceTreatment.GIVEN, why="") & ~Q(access_query="") & Q(ways__len__gt=0)
                | ~Q(treatment=SourceTreatment.GIVEN)
                & Q(why__length__gte=3, access_query="", portability_query=""),
                "why",
                "What is given has a query, and what is not has a reason.",
            ),
            *policies(*READERS, command="select", using=ALL),
        ]

    def __str__(self) -> str:
        return self.source_table
