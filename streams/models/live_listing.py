"""The directory of what is on air: a projection, made anew every minute, never the truth."""

from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.db.constraints import rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree, Gin
from core.db.policies import ALL, policies
from core.db.privacy import not_personal
from core.db.roles import ACTING_ROLES
from core.models import Identified, Volume


def words(comment: str, **options: Any) -> ArrayField:
    """A list of short words, empty rather than null."""
    return ArrayField(models.TextField(), default=list, db_comment=comment, **options)


class LiveListingSnapshot(Identified):
    """One row per making of the directory; pages of one reader stay within one."""

    volume, retention = Volume.SMALL, "10 minutes"

    taken_at = models.DateTimeField(db_comment="What the directory shows was so at this instant (UTC).")
    stream_count = models.IntegerField(db_comment="How many streams it lists.")

    class Meta:
        db_table_comment = (
            "One row per making of the directory. Written by streams_listings_refresh. Kept 10 minutes, so that "
            "whoever began to page can end."
        )
        constraints = [
            rule(Q(stream_count__gte=0), "stream_count", "A directory lists no stream or some."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
        ]
        indexes = [
            BTree(fields=["taken_at"], serves="streams.directory: the latest snapshot; which ones are old")
        ]

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M:%S}"


class LiveListingQuerySet(models.QuerySet):
    """Reads of the directory."""

    def of(self, snapshot_id: UUID) -> Self:
        """What one snapshot lists, by viewers, the most first."""
        return self.filter(snapshot_id=snapshot_id).order_by("-viewer_bucket", "-stream_id")

    def after(self, bucket: int, stream_id: UUID) -> Self:
        """What comes after this entry."""
        return self.filter(
            Q(viewer_bucket__lt=bucket) | Q(viewer_bucket=bucket, stream_id__lt=stream_id),
            # Said again in a way that an index can begin at.
            viewer_bucket__lte=bucket,
        )


class LiveListing(Identified):
    """One row per live, public stream and snapshot: what the directory is filtered and ordered by."""

    volume, retention = Volume.LARGE, "10 minutes"
    held_by = NotHeld("A picture of the last ten minutes.")

    snapshot = models.ForeignKey(
        "streams.LiveListingSnapshot",
        # Rows of a list that is over mean nothing.
        models.CASCADE,
        # The unique index leads with it.
        db_index=False,
        related_name="listings",
        db_comment="The snapshot to which the row belongs.",
    )
    stream = models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # A projection refers to what may be gone meanwhile, and must not keep it from going.
        db_constraint=False,
        # Never asked by it alone: a page is of one snapshot.
        db_index=False,
        related_name="listings",
        db_comment="The stream that is listed.",
    )
    performer = models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_constraint=False,
        # Never asked by it alone: a page is of one snapshot.
        db_index=False,
        related_name="listings",
        db_comment="Whose stream it is.",
    )
    language = models.TextField(db_comment="Language of the stream, ISO 639.")
    labels = words("Codes of its content labels.")
    category_paths = words("Paths of its categories and of every category above them.")
    tags = words("Names of its tags.")
    blocked_regions = not_personal(
        words(
            "Countries (ISO 3166-1) and subdivisions (ISO 3166-2) in which it is not shown; US-? is some part of US."
        )
    )
    only_countries = not_personal(
        words("Countries (ISO 3166-1) in which alone it is shown; null: no such rule.", null=True)
    )
    viewers = models.IntegerField(db_comment="Viewers in the last minute that was counted; 0: none was.")
    viewer_bucket = models.SmallIntegerField(
        db_comment="Order of the directory: 0 without viewers, else 1 and four steps to each doubling of them."
    )
    started_at = models.DateTimeField(db_comment="When viewers could first watch (UTC).")

    objects: Any = LiveListingQuerySet.as_manager()

    class Meta:
        db_table_comment = (
            "One row per live, public stream and snapshot of the directory. Written by streams_listings_refresh, "
            "never by hand. Kept 10 minutes."
        )
        constraints = [
            rule(Q(viewers__gte=0), "viewers", "Nobody or somebody watches."),
            unique("snapshot", "stream", message="A snapshot lists each stream once."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
        ]
        indexes = [
            BTree(
                fields=["snapshot", "-viewer_bucket", "-stream"],
                name="%(app_label)s_%(class)s_order_idx",
                serves="docs/queries/directory_page.sql: a page of the directory, the most watched first",
            ),
            Gin(
                fields=["category_paths", "tags", "labels"],
                name="%(app_label)s_%(class)s_words_idx",
                serves="docs/queries/directory_of_category.sql: the directory of a category, a tag or a label",
            ),
        ]

    def __str__(self) -> str:
        return str(self.stream_id)
