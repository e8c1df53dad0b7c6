"""What streams are about and what performers are known for: links into the catalogue."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.constraints import BaseConstraint

from accounts.erasure_triggers import GoneOnErasure, RefuseErasedPerson
from core.db.constraints import one_of, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, Policy, policies
from core.db.roles import Role
from core.db.triggers import Immutable
from core.models import Entity, History, Volume
from streams.broadcast_triggers import RecordsPrimaryCategory
from streams.catalogue_triggers import AtMost, KeepsStaffLabels, LinksStanding, TakesVisibility
from streams.choices import LabelSource
from streams.models.category import CURATORS
from streams.models.stream import MODERATORS, NOT_MINE, READERS
from streams.triggers import TakesPerformer

MOST_CATEGORIES = 5
MOST_TAGS = 10
MINE = f"performer_id = {ME}"
KNOWN = f"is_public OR {MINE}"
"""Links of streams whose existence anybody may know of, and one's own."""

STANDING_CATEGORY = LinksStanding(
    "category",
    condition="t.merged_into_id IS NULL",
    sentence="This category was merged into another one. Choose that one.",
)
USABLE_TAG = LinksStanding(
    "tag",
    condition="t.is_usable",
    sentence="This tag may not be used, or was merged just now. Try again, or choose another one.",
)


def _written_by_its_performer(*, primary: bool) -> list[BaseConstraint]:
    """Who reads and writes links that performers choose; moderators correct them, curators merge."""
    return [
        *policies(*READERS, command="select", using=ALL),
        Policy(role=Role.PERFORMER, command="insert", check=MINE),
        Policy(role=Role.PERFORMER, command="delete", using=MINE),
        *([Policy(role=Role.PERFORMER, command="update", using=MINE)] if primary else []),
        *policies(Role.MODERATOR, *CURATORS, command="insert", check=SOMEBODY),
        *policies(Role.MODERATOR, *CURATORS, command="delete", using=SOMEBODY),
        *policies(*((Role.MODERATOR, *CURATORS) if primary else CURATORS), command="update", using=SOMEBODY),
        Policy(role=Role.WORKER, command="insert", check="performer_id IS NOT NULL"),
        Policy(role=Role.WORKER, command="delete", using="performer_id IS NOT NULL"),
        *([Policy(role=Role.WORKER, command="update", using="performer_id IS NOT NULL")] if primary else []),
    ]


def _stream(related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        "streams.Stream",
        models.PROTECT,
        # The unique constraint leads with it.
        db_index=False,
        related_name=related_name,
        db_comment="The stream that is described.",
    )


def _performer(related_name: str, *, indexed: bool) -> models.ForeignKey:
    return models.ForeignKey(
        "performers.PerformerProfile",
        models.PROTECT,
        db_index=indexed,
        related_name=related_name,
        db_comment="The performer whose row it is.",
    )


def _is_public() -> models.BooleanField:
    return models.BooleanField(
        default=False,
        editable=False,
        db_comment="Whether anybody may know of the stream; kept by trigger, read by policies.",
    )


class PerformerCategory(Entity):
    """One row per category that a performer is known for."""

    volume, retention = Volume.LARGE, "while the performer is here; deleted on erasure"
    held_by = NotHeld(
        "How it is classified changes on; its history and the versions of its words keep what it was."
    )

    performer = _performer("categories", indexed=False)
    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        related_name="performer_links",
        db_comment="What she is known for.",
    )
    is_primary = models.BooleanField(default=False, db_comment="The one that she is known for most.")

    class Meta:
        verbose_name = "category of a performer"
        verbose_name_plural = "categories of performers"
        db_table_comment = (
            "One row per category that a performer is known for. Written by streams.services.catalogue_links. "
            "Deleted on erasure."
        )
        constraints = [
            unique("performer", "category", message="The performer has this category already."),
            unique("performer", when=Q(is_primary=True), name="primary", message="One category comes first."),
            Policy(role=Role.PERFORMER, command="select", using=MINE),
            *_written_by_its_performer(primary=True),
        ]
        triggers = [
            Immutable("performer"),
            STANDING_CATEGORY,
            AtMost(MOST_CATEGORIES, per="performer", what="categories"),
            RefuseErasedPerson("performer"),
        ]


class PerformerTag(Entity):
    """One row per tag that a performer is known for."""

    volume, retention = Volume.LARGE, "while the performer is here; deleted on erasure"
    held_by = NotHeld(
        "How it is classified changes on; its history and the versions of its words keep what it was."
    )

    performer = _performer("tags", indexed=False)
    tag = models.ForeignKey(
        "streams.Tag", models.PROTECT, related_name="performer_links", db_comment="What she is known for."
    )

    class Meta:
        verbose_name = "tag of a performer"
        verbose_name_plural = "tags of performers"
        db_table_comment = (
            "One row per tag that a performer is known for. Written by streams.services.catalogue_links. "
            "Deleted on erasure."
        )
        constraints = [
            unique("performer", "tag", message="The performer has this tag already."),
            Policy(role=Role.PERFORMER, command="select", using=MINE),
            *_written_by_its_performer(primary=False),
        ]
        triggers = [
            Immutable("performer"),
            USABLE_TAG,
            AtMost(MOST_TAGS, per="performer", what="tags"),
            RefuseErasedPerson("performer"),
        ]


class StreamCategory(Entity):
    """One row per category of a stream."""

    volume, retention = Volume.LARGE, "with its stream"
    held_by = NotHeld(
        "How it is classified changes on; its history and the versions of its words keep what it was."
    )

    stream = _stream("categories")
    performer = _performer("stream_categories", indexed=True)
    category = models.ForeignKey(
        "streams.Category",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="stream_links",
        db_comment="What the stream is about.",
    )
    is_primary = models.BooleanField(
        default=False, db_comment="The category under which the stream is shown first."
    )
    is_public = _is_public()

    class Meta:
        verbose_name = "category of a stream"
        verbose_name_plural = "categories of streams"
        db_table_comment = (
            "One row per category of a stream. Written by streams.services.catalogue_links. "
            "Kept with its stream."
        )
        constraints = [
            unique("stream", "category", message="The stream has this category already."),
            unique("stream", when=Q(is_primary=True), name="primary", message="One category comes first."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=KNOWN),
            *_written_by_its_performer(primary=True),
        ]
        indexes = [
            BTree(
                fields=["category", "-stream"],
                serves="docs/queries/streams_in_category.sql: streams of a category, newest first",
            ),
        ]
        triggers = [
            Immutable("stream", "performer"),
            TakesPerformer("stream"),
            TakesVisibility(),
            STANDING_CATEGORY,
            AtMost(MOST_CATEGORIES, per="stream", what="categories"),
            RecordsPrimaryCategory(),
        ]


class StreamTag(Entity):
    """One row per tag of a stream."""

    volume, retention = Volume.LARGE, "with its stream"
    held_by = NotHeld(
        "How it is classified changes on; its history and the versions of its words keep what it was."
    )

    stream = _stream("tags")
    performer = _performer("stream_tags", indexed=True)
    tag = models.ForeignKey(
        "streams.Tag",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="stream_links",
        db_comment="What the stream is about, in a word.",
    )
    is_public = _is_public()

    class Meta:
        verbose_name = "tag of a stream"
        verbose_name_plural = "tags of streams"
        db_table_comment = (
            "One row per tag of a stream. Written by streams.services.catalogue_links. Kept with its stream."
        )
        constraints = [
            unique("stream", "tag", message="The stream has this tag already."),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=KNOWN),
            *_written_by_its_performer(primary=False),
        ]
        indexes = [
            BTree(
                fields=["tag", "-stream"],
                serves="docs/queries/streams_with_tag.sql: streams with a tag, newest first",
            ),
        ]
        triggers = [
            Immutable("stream", "performer"),
            TakesPerformer("stream"),
            TakesVisibility(),
            USABLE_TAG,
            AtMost(MOST_TAGS, per="stream", what="tags"),
        ]


class HistoryOfLabel(models.Model):
    """History of the labels of streams; it goes with the performer."""

    base_triggers = (GoneOnErasure("performer"),)

    class Meta:
        abstract = True


class StreamLabel(Entity):
    """One row per label on a stream, and who put it there.

    Performers label their own streams; what staff set, performers neither change nor remove: the policies hide it from
    their changes, and a trigger refuses whoever a policy might forget.
    """

    volume, retention = Volume.LARGE, "with its stream"
    held_by = NotHeld(
        "How it is classified changes on; its history and the versions of its words keep what it was."
    )

    stream = _stream("labels")
    performer = _performer("stream_labels", indexed=True)
    label = models.ForeignKey(
        "streams.ContentLabel",
        models.PROTECT,
        # An index leads with it.
        db_index=False,
        related_name="stream_links",
        db_comment="What the stream contains.",
    )
    source = models.TextField(
        choices=LabelSource, db_comment="Who says so: the performer, a program or staff."
    )
    is_public = _is_public()

    objects: Any = models.Manager()
    history = History(bases=(HistoryOfLabel,), excluded_fields=["is_public"])

    class Meta:
        verbose_name = "label of a stream"
        verbose_name_plural = "labels of streams"
        db_table_comment = (
            "One row per label on a stream. Written by streams.services.stream_labels. Kept with its stream."
        )
        permissions = [("label_stream", "Can set and take away labels of streams")]
        constraints = [
            one_of("source", LabelSource),
            unique("stream", "label", message="The stream has this label already."),
            *policies(*READERS, command="select", using=ALL),
            *policies(Role.VIEWER, Role.PERFORMER, command="select", using=KNOWN),
            Policy(role=Role.PERFORMER, command="insert", check=f"{MINE} AND source = 'self'"),
            # Labels are found by stream, so no index leads with the source; the comparison is null-safe.
            Policy(
                role=Role.PERFORMER,
                command="delete",
                using=f"{MINE} AND source IS NOT DISTINCT FROM 'self'",
            ),
            Policy(role=Role.WORKER, command="insert", check="source IN ('self', 'automatic')"),
            Policy(role=Role.WORKER, command="delete", using="source IS NOT DISTINCT FROM 'automatic'"),
            *policies(*MODERATORS, command="insert", check=f"{NOT_MINE} AND source = 'staff'"),
            *policies(
                *MODERATORS, command="update", using=NOT_MINE, check=f"{NOT_MINE} AND source = 'staff'"
            ),
            *policies(*MODERATORS, command="delete", using=NOT_MINE),
        ]
        indexes = [
            BTree(
                fields=["label", "-stream"],
                serves="The back office: streams with a label, newest first; the label's foreign key",
            ),
        ]
        triggers = [
            Immutable("stream", "performer", "label"),
            TakesPerformer("stream"),
            TakesVisibility(),
            KeepsStaffLabels(),
        ]
