"""Tags: words that performers choose freely, in one spelling, and that staff review."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from core.db.constraints import length_between, rule, unique
from core.db.holds import NotHeld
from core.db.indexes import BTree
from core.db.policies import ALL, ME, SOMEBODY, policies
from core.db.privacy import personal
from core.db.roles import ACTING_ROLES, Role
from core.db.text import line
from core.models import Fact, History, Identified, Versioned, Volume
from streams.catalogue_triggers import MergedOnce, OneMeaning
from streams.models.category import CURATORS, STANDS
from streams.naming import LAST_SIGN, LONGEST_TAG, TAG_PATTERN, folded, tag_spelling

REVIEWERS = (Role.MODERATOR, *CURATORS)
WAITING = Q(reviewed_at__isnull=True) & STANDS
OVERSIGHT = (*REVIEWERS, Role.AUDITOR)
SPELLING = (
    "A tag is written in small letters and digits, its words joined by single hyphens, "
    "without commas and number signs."
)


class TagQuerySet(models.QuerySet):
    """Reads of tags."""

    def standing(self) -> Self:
        """Tags that were not merged into another one."""
        return self.filter(STANDS)

    def waiting(self) -> Self:
        """Tags that nobody has reviewed, the oldest first."""
        return self.filter(WAITING).order_by("pk")

    def listable(self) -> Self:
        """Tags that lists and suggestions show."""
        return self.filter(is_listable=True)

    def beginning_with(self, text: str) -> Self:
        """Tags that begin so, in whatever spelling it was typed; by range of the unique index."""
        beginning = tag_spelling(text)
        return self.filter(name__gte=beginning, name__lt=beginning + LAST_SIGN).order_by("name")


class Tag(Versioned):
    """One row per tag, in its one spelling (`streams.naming.tag_spelling`).

    Written by `streams.services.tags`. Whoever uses a new word first makes the tag; it is listed once staff said so.
    """

    volume, retention = Volume.LARGE, "while the platform lives"
    held_by = NotHeld("The vocabulary of the platform; the person named only decided about a word.")

    name = models.TextField(db_collation="C", db_comment="The tag in its one spelling; unique.")
    is_usable = models.BooleanField(default=True, db_comment="May be put on streams and performers.")
    is_listable = models.BooleanField(
        default=False, db_comment="Shown in lists and suggestions; staff decide."
    )
    reviewed_at = models.DateTimeField(
        null=True, blank=True, db_comment="When staff last looked at it (UTC); null: never."
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tags_reviewed",
        db_comment="Who last looked at it; null: nobody.",
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_comment="The tag that took the place of this one; null: stands for itself.",
    )

    objects: Any = TagQuerySet.as_manager()
    history = History()

    class Meta:
        db_table_comment = "One row per tag. Written by streams.services.tags. Kept while the platform lives."
        permissions = [
            ("review_tag", "Can review tags: usable, listable"),
            ("merge_tag", "Can merge tags, undo it, and give tags other spellings"),
        ]
        constraints = [
            *line("name", LONGEST_TAG),
            rule(Exact(F("name"), folded("name")), "name_folded", SPELLING),
            rule(Q(name__regex=TAG_PATTERN), "name_parts", SPELLING),
            unique("name", message="This tag exists already."),
            rule(
                Q(is_listable=False) | Q(is_usable=True, reviewed_at__isnull=False, merged_into__isnull=True),
                "listable",
                "A tag is listed when it was reviewed, may be used and stands for itself.",
            ),
            rule(
                Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                "reviewed",
                "A review says who made it and when.",
            ),
            rule(
                Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                "merged",
                "A tag is not merged into itself.",
            ),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(
                Role.PERFORMER,
                Role.WORKER,
                command="insert",
                check="is_usable AND NOT is_listable AND reviewed_at IS NULL AND merged_into_id IS NULL",
            ),
            *policies(*REVIEWERS, command="insert", check=SOMEBODY),
            *policies(*REVIEWERS, command="update", using=SOMEBODY),
        ]
        indexes = [
            BTree(
                fields=["id"],
                condition=WAITING,
                name="%(app_label)s_%(class)s_waiting_idx",
                serves="docs/queries/tags_waiting.sql: the queue of reviewers, the oldest first",
            ),
        ]
        triggers = [MergedOnce(), OneMeaning("streams_tagalias")]

    def __str__(self) -> str:
        return self.name


class TagAlias(Versioned):
    """One row per other spelling of a tag, which performers may type and nobody sees."""

    volume, retention = Volume.LARGE, "while the platform lives"

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="aliases", db_comment="The tag that is meant.")
    name = models.TextField(
        db_collation="C", db_comment="The other spelling, normalised as tags are; unique."
    )

    history = History()

    class Meta:
        verbose_name = "other spelling of a tag"
        verbose_name_plural = "other spellings of tags"
        db_table_comment = (
            "One row per other spelling of a tag. Written by streams.services.tags. "
            "Kept while the platform lives."
        )
        constraints = [
            *line("name", LONGEST_TAG),
            rule(Exact(F("name"), folded("name")), "name_folded", SPELLING),
            rule(Q(name__regex=TAG_PATTERN), "name_parts", SPELLING),
            unique("name", message="This spelling is another name of a tag already."),
            *policies(*ACTING_ROLES, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=SOMEBODY),
            *policies(*CURATORS, command="update", using=SOMEBODY),
            *policies(*CURATORS, command="delete", using=SOMEBODY),
        ]
        triggers = [OneMeaning("streams_tag", alone=True)]

    def __str__(self) -> str:
        return self.name


def _ids(comment: str) -> ArrayField:
    return ArrayField(models.UUIDField(), default=list, blank=True, db_comment=comment)


class TagMerge(Identified, Fact):
    """One row per merge of a tag into another: which links moved, so that the merge can be undone."""

    volume, retention = Volume.SMALL, "while the platform lives"
    held_by = NotHeld("The vocabulary of the platform; the person named only decided about a word.")

    source = models.ForeignKey(
        Tag, models.PROTECT, related_name="merges_away", db_comment="The tag that was merged."
    )
    target = models.ForeignKey(
        Tag, models.PROTECT, related_name="merges_into", db_comment="The tag that took its place."
    )
    merged_at = models.DateTimeField(db_default=Now(), editable=False, db_comment="When it was done (UTC).")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tag_merges", db_comment="Who merged them."
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who merged them."))
    was_listable = models.BooleanField(db_comment="Whether the merged tag was listed before.")
    stream_links = _ids("Links of streams (streams_streamtag.id) that moved to the target.")
    streams_with_both = _ids("Streams that had both tags and lost the link to the merged one.")
    performer_links = _ids("Links of performers (streams_performertag.id) that moved to the target.")
    performers_with_both = _ids("Performers who had both tags and lost the link to the merged one.")
    aliases = _ids("Other spellings (streams_tagalias.id) that moved to the target.")
    earlier = _ids("Tags merged into the source before, which then named the target.")

    class Meta:
        db_table_comment = (
            "One row per merge of tags, with what it moved. Written by streams.services.tag_merges. Kept."
        )
        constraints = [
            rule(~Q(source=F("target")), "itself", "A tag is not merged into itself."),
            length_between("reason", 1, 2000),
            *policies(*OVERSIGHT, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=f"merged_by_id = {ME}"),
        ]

    def __str__(self) -> str:
        return f"{self.source} into {self.target}"


class TagMergeReversal(Identified, Fact):
    """One row per merge that was undone."""

    volume, retention = Volume.SMALL, "while the platform lives"
    held_by = NotHeld("The vocabulary of the platform; the person named only decided about a word.")

    merge = models.OneToOneField(
        TagMerge, models.PROTECT, related_name="reversal", db_comment="The merge that was undone."
    )
    undone_at = models.DateTimeField(db_default=Now(), editable=False, db_comment="When it was done (UTC).")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="tag_merges_undone",
        db_comment="Who undid it.",
    )
    reason = personal(models.TextField(db_comment="Why, in the words of who undid it."))

    class Meta:
        db_table_comment = (
            "One row per merge of tags that was undone. Written by streams.services.tag_merges. Kept."
        )
        constraints = [
            length_between("reason", 1, 2000),
            *policies(*OVERSIGHT, command="select", using=ALL),
            *policies(*CURATORS, command="insert", check=f"undone_by_id = {ME}"),
        ]
