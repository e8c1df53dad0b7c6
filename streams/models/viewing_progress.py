"""How far viewers have watched archives."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.erasure_triggers import RefuseErasedPerson
from core.db.constraints import rule, unique
from core.db.holds import HeldBy
from core.db.indexes import BTree
from core.db.policies import ME, policies
from core.db.privacy import personal
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, Volume
from streams.archive_child_triggers import WithinArchive
from streams.triggers import TakesPerformer


class ViewingProgress(Entity):
    """One row per viewer and archive: up to which second it was watched.

    Nobody reads it but the viewer, staff included: what somebody watches here tells of their sexual life (GDPR
    article 9). Written by `streams.services.progress`.
    """

    volume, retention = Volume.LARGE, "until the archive is purged or the viewer is erased"
    held_by = HeldBy(
        person=("viewer",),
        # The purge of somebody else's archive is not for the hold on one of its viewers to refuse.
        gives_way="EXISTS (SELECT FROM streams_archive a WHERE a.id = {row}.archive_id AND a.purged_at IS NOT NULL)",
    )

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        # A unique constraint leads with it.
        db_index=False,
        related_name="viewing_progress",
        db_comment="Who watches.",
    )
    archive = models.ForeignKey(
        "streams.Archive",
        models.PROTECT,
        related_name="viewing_progress",
        db_comment="What is watched.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        related_name="+",
        db_comment="Whose archive it is; taken from the archive.",
    )
    seconds = personal(models.IntegerField(db_comment="Watched to, in seconds from the beginning."))

    objects: Any = models.Manager()

    class Meta:
        verbose_name_plural = "viewing progress"
        db_table_comment = (
            "One row per viewer and archive: up to where it was watched. Written by streams.services.progress. "
            "Kept until the archive is purged or the viewer is erased."
        )
        constraints = [
            rule(Q(seconds__gte=0), "seconds", "A position is 0 seconds or later."),
            unique("viewer", "archive", message="There is one position per viewer and archive."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="insert", check=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="update", using=f"viewer_id = {ME}"),
            *policies(Role.VIEWER, Role.PERFORMER, command="delete", using=f"viewer_id = {ME}"),
        ]
        indexes = [
            BTree(
                fields=["viewer", "-updated_at"],
                serves="The row of archives to go on with, on the public site: the last first",
            )
        ]
        triggers = [
            Immutable("viewer", "archive", "performer"),
            TakesPerformer("archive"),
            WithinArchive("NEW.seconds"),
            RefuseErasedPerson("viewer"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s"
