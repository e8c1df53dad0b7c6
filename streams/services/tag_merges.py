"""Merging tags: what it would do, doing it, and undoing it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from streams.announcements import tag_merge_undone, tag_merged
from streams.errors import MergeRefused
from streams.models import PerformerTag, StreamTag, Tag, TagAlias, TagMerge, TagMergeReversal
from streams.models.catalogue_links import MOST_TAGS
from streams.services.tags import standing_tag

MOST_LINKS = 20_000
"""Links that one merge moves. The ids are written down in one row, and the request waits for it."""


@dataclass(frozen=True)
class MergePreview:
    """What a merge would move: how many streams and performers carry the tag, and how many of them both."""

    streams: int
    streams_with_both: int
    performers: int
    performers_with_both: int

    def __str__(self) -> str:
        return (
            f"{self.streams} streams carry the tag, {self.streams_with_both} of them both; "
            f"{self.performers} performers are known for it, {self.performers_with_both} of them for both."
        )


def tag_merge_preview(*, tag_id: UUID, target_id: UUID) -> MergePreview:
    """What merging the one into the other would move. Four counts by index; deleted streams count too."""
    return MergePreview(
        streams=StreamTag.objects.filter(tag=tag_id).count(),
        streams_with_both=_both(StreamTag, "stream", tag_id, target_id).count(),
        performers=PerformerTag.objects.filter(tag=tag_id).count(),
        performers_with_both=_both(PerformerTag, "performer", tag_id, target_id).count(),
    )


def _both(model: Any, parent: str, tag_id: UUID, target_id: UUID) -> QuerySet:
    """The links to the first tag of those who have the second one too."""
    links: QuerySet = model.objects.filter(
        Exists(model.objects.filter(**{parent: OuterRef(parent), "tag": target_id})), tag=tag_id
    )
    return links


@transaction.atomic
def tag_merge(
    *, tag_id: UUID, target_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> TagMerge:
    """Let the tag `target_id` take the place of `tag_id`, whose links and other spellings move there.

    Who has both keeps one link. The merged tag stays and leads to the target, so that its spelling means the target
    from now on. What moved is recorded; `tag_merge_undo` puts it back.

    Locks: both tags in the order of their keys. Raises: MergeRefused (into itself, more than `MOST_LINKS`), TagRefused
    (either was merged already), NotThere, StaleVersion. Announces: `tag_merged`.
    """
    if tag_id == target_id:
        raise MergeRefused("A tag cannot be merged into itself. Choose another one.")
    rows = {
        pk: standing_tag(pk, expected_version=expected_version if pk == tag_id else None)
        for pk in sorted((tag_id, target_id))
    }
    source, target = rows[tag_id], rows[target_id]
    if not target.is_usable:
        raise MergeRefused(f"The tag “{target}” may not be used. Merge the other way round.")
    preview = tag_merge_preview(tag_id=tag_id, target_id=target_id)
    if preview.streams + preview.performers > MOST_LINKS:
        raise MergeRefused(
            f"More than {MOST_LINKS:,} links would move at once. Give the tag to operations to merge."
        )
    with refused_as(MergeRefused):
        stream_both, stream_links = _move(StreamTag, "stream", source, target)
        performer_both, performer_links = _move(PerformerTag, "performer", source, target)
        merge = TagMerge(
            source=source,
            target=target,
            merged_by=actor,
            reason=reason,
            was_listable=source.is_listable,
            stream_links=stream_links,
            streams_with_both=stream_both,
            performer_links=performer_links,
            performers_with_both=performer_both,
            aliases=_changed(TagAlias.objects.filter(tag=source), tag=target),
            earlier=_changed(Tag.objects.filter(merged_into=source), merged_into=target),
        )
        source.is_listable, source.merged_into = False, target
        source.save(update_fields=["is_listable", "merged_into"])
        merge.save(force_insert=True)
    tag_merged.send(
        sender=Tag,
        actor=actor,
        subject=source,
        reason=reason,
        changed=("merged_into",),
        detail={"into": str(target.pk), "streams": preview.streams, "performers": preview.performers},
    )
    return merge


def _move(model: Any, parent: str, source: Tag, target: Tag) -> tuple[list[UUID], list[UUID]]:
    """Parents that had both and lost the link to the source; the links that moved."""
    both = _both(model, parent, source.pk, target.pk)
    parents = list(both.values_list(f"{parent}_id", flat=True))
    both.delete()
    return parents, _changed(model.objects.filter(tag=source), tag=target)


def _changed(rows: QuerySet, **values: Any) -> list[UUID]:
    """Change the rows; their ids, in order."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=ids).update(**values)
    return ids


@transaction.atomic
def tag_merge_undo(*, tag_merge_id: UUID, actor: User, reason: str) -> Tag:
    """Put back what a merge moved, as far as it is still there; who had both has both again.

    A link that somebody took away since stays away. Where the merged tag may not be used, or the parent has as many as
    it may have, the link of those who had both stays away too.

    Locks: both tags in the order of their keys. Raises: MergeRefused (undone already, or one of the two was merged on
    since), NotThere. Announces: `tag_merge_undone`. Returns the tag that stands again.
    """
    merge = TagMerge.objects.filter(pk=tag_merge_id).first()
    if merge is None:
        raise NotThere("There is no such merge, or your role may not read it.")
    ids = sorted((merge.source_id, merge.target_id))
    rows = {tag.pk: tag for tag in Tag.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    if TagMergeReversal.objects.filter(merge=merge).exists():
        raise MergeRefused("This merge was undone already.")
    source, target = rows[merge.source_id], rows[merge.target_id]
    if source.merged_into_id != target.pk or target.merged_into_id is not None:
        raise MergeRefused(f"“{target}” was merged into another tag since. Undo that merge first.")
    with refused_as(MergeRefused):
        source.merged_into = None
        source.is_listable = merge.was_listable
        source.save(update_fields=["merged_into", "is_listable"])
        StreamTag.objects.filter(pk__in=merge.stream_links, tag=target).update(tag=source)
        PerformerTag.objects.filter(pk__in=merge.performer_links, tag=target).update(tag=source)
        TagAlias.objects.filter(pk__in=merge.aliases, tag=target).update(tag=source)
        Tag.objects.filter(pk__in=merge.earlier, merged_into=target).update(merged_into=source)
        _give_back(StreamTag, "stream", merge.streams_with_both, source, target)
        _give_back(PerformerTag, "performer", merge.performers_with_both, source, target)
        TagMergeReversal.objects.create(merge=merge, undone_by=actor, reason=reason)
    tag_merge_undone.send(sender=Tag, actor=actor, subject=source, reason=reason, changed=("merged_into",))
    return source


def _give_back(model: Any, parent: str, parents: list[UUID], source: Tag, target: Tag) -> None:
    """The second link of those who had both and still have the target, as far as there is room for it."""
    if not source.is_usable:
        return
    column = f"{parent}_id"
    kept = model.objects.filter(tag=target, **{f"{column}__in": parents})
    for link in kept.order_by("pk"):
        if model.objects.filter(**{column: getattr(link, column)}).count() < MOST_TAGS:
            fresh = {column: getattr(link, column), "performer_id": link.performer_id, "tag": source}
            model.objects.create(**fresh)
