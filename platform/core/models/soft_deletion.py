"""Rows that disappear from view and stay in the table."""

from typing import Any

from django.db import models
from django.db.models import Q

LIVING = Q(deleted_at__isnull=True)
"""The condition of unique constraints on soft-deletable rows."""


class LivingManager(models.Manager):
    """Hides deleted rows."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(LIVING)


class SoftDeletable(models.Model):
    """A row that is deleted by setting `deleted_at`.

    `objects` hides deleted rows; `all_objects` shows them (the back office and exports use it). Unique
    constraints carry `condition=LIVING`.
    """

    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment="When the row was deleted (UTC); null while it lives.",
    )

    objects: Any = LivingManager()
    all_objects: Any = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "all_objects"
        default_manager_name = "objects"
