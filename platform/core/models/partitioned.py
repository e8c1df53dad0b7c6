"""Partitioned tables: rows by the million, cut by time along their id."""

from copy import deepcopy
from datetime import datetime
from typing import Any, ClassVar, Self

from django.core import checks
from django.db import models
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from psqlextra.models import PostgresPartitionedModel
from psqlextra.models.partitioned import PostgresPartitionedModelMeta

from core.db.names import MAX_BYTES
from core.db.partitions.calendar import LATEST, PartitionPlan, Period
from core.db.partitions.names import owner_policy_name, partition_name
from core.models.identity import Identified, identity_field, uuid7_floor


class PartitionedMeta(PostgresPartitionedModelMeta):
    """Give each class the UUIDv7 key itself, and partition it by that key.

    psqlextra looks for the key among a class's own attributes only, and would put an auto field in the place
    of an inherited one. The copy keeps the place of the original, so that `id` stays the first column.
    """

    default_key = ["id"]
    key_field = identity_field()

    def __new__(mcs, name: str, bases: tuple, attrs: dict[str, Any], **kwargs: Any) -> type:
        if not any(getattr(value, "primary_key", False) for value in attrs.values()):
            attrs["id"] = deepcopy(mcs.key_field)
        return super().__new__(mcs, name, bases, attrs, **kwargs)


class PartitionedQuerySet(models.QuerySet):
    """Rows of a partitioned table, found by time through their ids."""

    def between(self, start: datetime | None, end: datetime | None) -> Self:
        """Keep the rows made at or after `start` and before `end`; None leaves that side open.

        Compares ids, so that PostgreSQL reads only the partitions concerned; a filter on `created_at` reads
        them all. To the millisecond. Raises ValueError for a naive datetime and one before 1970.
        """
        rows = self
        if start is not None:
            rows = rows.filter(id__gte=uuid7_floor(start))
        if end is not None:
            rows = rows.filter(id__lt=uuid7_floor(end))
        return rows


class Partitioned(Identified, PostgresPartitionedModel, metaclass=PartitionedMeta):
    """A table cut by day or month along its UUIDv7 key; each model states its `partitions` plan.

    A unique rule that cannot contain the id lives in a side table, and no foreign key of the database points
    here: a referencing row would keep an old partition from leaving.
    """

    partitions: ClassVar[PartitionPlan]

    created_at = models.GeneratedField(
        expression=models.Func(
            models.F("id"), function="uuid_extract_timestamp", output_field=models.DateTimeField()
        ),
        output_field=models.DateTimeField(),
        db_persist=True,
        db_comment="When the row was made (UTC, milliseconds), read from the id; filter by the id instead.",
    )

    base_constraints = (
        models.CheckConstraint(
            condition=Exact(
                Coalesce(
                    models.Func(
                        models.F("id"),
                        function="uuid_extract_version",
                        output_field=models.SmallIntegerField(),
                    ),
                    models.Value(0),
                ),
                7,
            ),
            name="%(app_label)s_%(class)s_id_check",
            violation_error_message="The id must be a UUIDv7.",
        ),
    )

    objects = PartitionedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """Add to Django's own checks those of a partitioned model."""
        return [*super().check(**kwargs), *cls._check_plan(), *cls._check_references()]

    @classmethod
    def _check_plan(cls) -> list[checks.CheckMessage]:
        if not isinstance(getattr(cls, "partitions", None), PartitionPlan):
            return [
                checks.Error(
                    f"{cls._meta.label} does not say how it is partitioned.",
                    hint="Set partitions = PartitionPlan(every=Every.MONTH).",
                    obj=cls,
                    id="core.E101",
                )
            ]
        last = Period(cls.partitions.every, LATEST).suffix
        name = owner_policy_name(partition_name(cls._meta.db_table, last))
        if len(name.encode()) > MAX_BYTES:
            return [
                checks.Error(
                    f"The table name {cls._meta.db_table} is too long: {name} has more than "
                    f"{MAX_BYTES} bytes.",
                    obj=cls,
                    id="core.E102",
                )
            ]
        return []

    @classmethod
    def _check_references(cls) -> list[checks.CheckMessage]:
        return [
            checks.Error(
                f"{relation.field} is a foreign key of the database into {cls._meta.label}, whose old "
                "partitions are taken away.",
                hint="Set db_constraint=False.",
                obj=cls,
                id="core.E103",
            )
            for relation in cls._meta.get_fields(include_hidden=True)
            if isinstance(relation, models.ManyToOneRel) and getattr(relation.field, "db_constraint", False)
        ]
