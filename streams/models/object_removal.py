"""Objects that have to go from storage: the list that whoever holds the keys of the storage works off."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from core.db.constraints import length_between, matches, rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ALL, Policy, policies
from core.db.privacy import personal
from core.db.retention import Over
from core.db.roles import Role
from core.db.triggers import Immutable
from core.encryption import SealedTextField
from core.models import Entity, Volume


class ObjectRemovalQuerySet(models.QuerySet):
    """Reads of objects to be removed."""

    def pending(self) -> Self:
        """Objects that still lie there, the longest waiting first."""
        return self.filter(confirmed_at__isnull=True).order_by("pk")


class ObjectRemoval(Entity):
    """One row per object that must be deleted from object storage.

    Written by the function `streams_archive_purge`, in the transaction of the purge, and by `retention_released` for
    the pictures of identity documents and the signed releases whose records the law let go: where those lie stays
    sealed, and whoever removes them holds the private key. `confirmed_at` is set by
    `streams.services.archive_purges.object_removal_confirm` once the storage has confirmed it.
    """

    volume, retention = Volume.LARGE, "30 days after the object was removed"
    over = Over("{row}.confirmed_at")
    held_by = HeldBy(archive=("archive",), keeps=("object_key",))

    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="object_removals",
        db_comment="The archive to which the object belonged; null: it belonged to a record.",
    )
    object_key = personal(
        models.TextField(
            null=True,
            blank=True,
            db_comment="Key in object storage: people/<performer id>/<name>.",
        )
    )
    sealed_key = SealedTextField(
        null=True,
        blank=True,
        verbose_name="sealed key",
        db_comment="Where the object of a record lies in closed storage; sealed as it was there; "
        "null: an archive's, with a key that is not sealed.",
    )
    source_table = models.TextField(
        null=True, blank=True, db_comment="The table of the record that is gone; null: it was an archive's."
    )
    source_id = models.UUIDField(
        null=True, blank=True, db_comment="The id of the record that is gone; null: it was an archive's."
    )
    confirmed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When the storage confirmed that it is gone (UTC); null: not yet."
    )

    objects: Any = ObjectRemovalQuerySet.as_manager()

    class Meta:
        verbose_name = "object to be removed"
        verbose_name_plural = "objects to be removed"
        db_table_comment = (
            "One row per object to be deleted from storage. Written by streams_archive_purge and "
            "retention_released. "
            "Kept 30 days after the object was removed."
        )
        constraints = [
            length_between("object_key", 45, 300),
            matches("object_key", "^people/[A-Za-z0-9/_.-]+$", "An object key is a path under people/."),
            rule(
                Q(
                    archive__isnull=False,
                    object_key__isnull=False,
                    sealed_key__isnull=True,
                    source_table__isnull=True,
                    source_id__isnull=True,
                )
                | Q(
                    archive__isnull=True,
                    object_key__isnull=True,
                    sealed_key__isnull=False,
                    source_table__isnull=False,
                    source_id__isnull=False,
                ),
                "source",
                "An object is an archive's, with its key, or a record's, with a sealed one.",
            ),
            unique(
                "source_table",
                "source_id",
                when=Q(source_id__isnull=False),
                message="The object of this record is on the list already.",
            ),
            unique(
                "object_key", when=Q(object_key__isnull=False), message="This object is on the list already."
            ),
            *policies(Role.WORKER, Role.AUDITOR, Role.ADMINISTRATOR, command="select", using=ALL),
            Policy(
                role=Role.WORKER,
                command="update",
                using="confirmed_at IS NULL",
                check="confirmed_at IS NOT NULL",
            ),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=Q(confirmed_at__isnull=True),
                name="%(app_label)s_%(class)s_pending_idx",
                serves="docs/queries/objects_to_remove.sql: what the storage still has to delete",
            )
        ]
        triggers = [Immutable("archive", "object_key", "sealed_key", "source_table", "source_id")]

    def __str__(self) -> str:
        return self.object_key or f"object of {self.source_table} {self.source_id}"
