"""Entities: rows that change. Their times are kept by a trigger."""

from django.db import models
from django.db.models.functions import Now

from core.db.triggers import Touch
from core.models.identity import Identified


class Entity(Identified):
    """A row that lives: it knows when it came and when it last changed (UTC)."""

    created_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When the row was written (UTC); kept by trigger."
    )
    updated_at = models.DateTimeField(
        db_default=Now(), editable=False, db_comment="When the row last changed (UTC); kept by trigger."
    )

    base_triggers = (Touch(),)
    quiet_columns: tuple[str, ...] = ()
    """Columns whose change is no change of the row: `updated_at` and `version` stay."""

    class Meta:
        abstract = True


class Versioned(Entity):
    """An entity that staff edit: `version` counts its changes, so that two people cannot overwrite one another."""

    version = models.PositiveIntegerField(
        db_default=1,
        editable=False,
        db_comment="Counts the changes of the row, from 1; kept by trigger, compared by services.",
    )

    class Meta:
        abstract = True
