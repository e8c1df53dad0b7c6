"""Where a performer does not want to be seen."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import matches, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, Policy, policies
from core.db.privacy import not_personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from performers.models.schedule_series import STAFF_READERS


class GeoBlock(Entity):
    """One row per country, or part of one, in which nobody may watch a performer.

    Written by `performers.services.geo_blocks`, asked by the watch decision, which is why every role of the public
    site may read it. A block may protect somebody from people who know her: staff see it and do not lift it.
    """

    volume, retention = Volume.LARGE, "while the performer wants it"
    held_by = NotHeld("A setting of how things work from now on; it says nothing about what happened.")

    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        # The unique index leads with it.
        db_index=False,
        related_name="geo_blocks",
        db_comment="Whom nobody may watch there.",
    )
    country = not_personal(models.TextField(db_comment="Country, ISO 3166-1 alpha-2."))
    subdivision = models.TextField(
        null=True,
        blank=True,
        db_comment="Subdivision, ISO 3166-2 with its country, such as DE-BY; null: all of it.",
    )

    class Meta:
        verbose_name = "region block"
        db_table_comment = (
            "One row per country or subdivision in which a performer is not shown. "
            "Written by performers.services.geo_blocks. Kept while the performer wants it."
        )
        constraints = [
            matches("country", "^[A-Z]{2}$", "A country is two capital letters of ISO 3166-1, such as PT."),
            matches(
                "subdivision",
                "^[A-Z]{2}-[A-Z0-9]{1,3}$",
                "A subdivision is a code of ISO 3166-2, such as DE-BY.",
            ),
            rule(
                Q(subdivision__isnull=True) | Q(country=Left(F("subdivision"), 2)),
                "subdivision_country",
                "A subdivision lies in its country.",
            ),
            unique("performer", "country", "subdivision", message="This region is blocked already."),
            *policies(Role.VIEWER, *STAFF_READERS, Role.WORKER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="select", using=ALL),
            Policy(role=Role.PERFORMER, command="insert", check=f"performer_id = {ME}"),
            Policy(role=Role.PERFORMER, command="delete", using=f"performer_id = {ME}"),
        ]
        indexes = [BTree(fields=["country", "-id"], serves="Region blocks of the back office, by country")]
        triggers = [Immutable("performer", "country", "subdivision"), RefuseErasedPerson("performer")]

    def __str__(self) -> str:
        return self.subdivision or self.country
