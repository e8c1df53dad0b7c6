"""What streams are about and what performers are known for. Each service sets the whole list at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.announcements import Announcement
from core.db.locking import locked
from core.db.refusals import refused_as
from performers.models import PerformerProfile
from streams.announcements import performer_categorised, performer_tagged, stream_categorised, stream_tagged
from streams.errors import CatalogueRefused, CategoryUnknown, TagRefused
from streams.models import Category, PerformerCategory, PerformerTag, Stream, StreamCategory, StreamTag, Tag
from streams.models.catalogue_links import MOST_CATEGORIES, MOST_TAGS
from streams.services.tags import tags_take


@transaction.atomic
def performer_categorise(
    *, performer_id: UUID, category_ids: Sequence[UUID], actor: User | None, reason: str = ""
) -> list[PerformerCategory]:
    """Say by which categories a performer is known, the first one most of all; an empty list takes all away.

    Locks: the performer. Raises: CategoryUnknown, CatalogueRefused (too many), NotThere.
    Announces: `performer_categorised`.
    """
    performer = locked(PerformerProfile, performer_id)
    return _categorise(
        PerformerCategory, "performer", performer, category_ids, performer_categorised, actor, reason
    )


@transaction.atomic
def performer_tag(
    *, performer_id: UUID, tags: Sequence[str], actor: User | None, reason: str = ""
) -> list[Tag]:
    """Say by which tags a performer is known, in whatever spelling. Locks: the performer.

    Raises: TagRefused (no tag, not usable, too many), NotThere. Announces: `performer_tagged`, `tag_added`.
    """
    performer = locked(PerformerProfile, performer_id)
    return _tag(PerformerTag, "performer", performer, tags, performer_tagged, actor, reason)


@transaction.atomic
def stream_categorise(
    *, stream_id: UUID, category_ids: Sequence[UUID], actor: User | None, reason: str = ""
) -> list[StreamCategory]:
    """Put a stream into categories, shown under the first one; an empty list takes it out of all.

    Locks: the stream. Raises: CategoryUnknown, CatalogueRefused (too many, deleted), NotThere.
    Announces: `stream_categorised`.
    """
    stream = living_stream(stream_id)
    return _categorise(StreamCategory, "stream", stream, category_ids, stream_categorised, actor, reason)


@transaction.atomic
def stream_tag(*, stream_id: UUID, tags: Sequence[str], actor: User | None, reason: str = "") -> list[Tag]:
    """Give a stream these tags and no others, in whatever spelling. Locks: the stream.

    Raises: TagRefused (no tag, not usable, too many), CatalogueRefused (deleted), NotThere.
    Announces: `stream_tagged`, `tag_added`.
    """
    stream = living_stream(stream_id)
    return _tag(StreamTag, "stream", stream, tags, stream_tagged, actor, reason)


def living_stream(stream_id: UUID) -> Stream:
    """A stream that was not deleted, locked. Raises NotThere, CatalogueRefused."""
    stream = locked(Stream, stream_id)
    if stream.deleted_at is not None:
        raise CatalogueRefused("This stream was deleted. Nothing about it changes any more.")
    return stream


def _categorise(
    model: Any,
    parent: str,
    owner: Any,
    category_ids: Sequence[UUID],
    announcement: Announcement,
    actor: User | None,
    reason: str,
) -> list[Any]:
    wanted = list(dict.fromkeys(category_ids))
    if len(wanted) > MOST_CATEGORIES:
        raise CatalogueRefused(f"At most {MOST_CATEGORIES} categories are possible. Leave some out.")
    known = {category.pk: category for category in Category.objects.filter(pk__in=wanted)}
    for pk in wanted:
        if pk not in known:
            raise CategoryUnknown("There is no such category. Choose one of the list.")
        if known[pk].merged_into_id is not None:
            raise CategoryUnknown(f"The category “{known[pk]}” was merged into another one. Choose that one.")
    links = {link.category_id: link for link in model.objects.filter(**{parent: owner.pk})}
    first = wanted[0] if wanted else None
    with refused_as(CatalogueRefused):
        gone = [link.pk for pk, link in links.items() if pk not in known]
        model.objects.filter(pk__in=gone).delete()
        model.objects.filter(**{parent: owner.pk}, is_primary=True).exclude(category=first).update(
            is_primary=False
        )
        fresh = [pk for pk in wanted if pk not in links]
        for pk in fresh:
            model.objects.create(**_owned(parent, owner), category_id=pk, is_primary=pk == first)
        model.objects.filter(**{parent: owner.pk}, category=first, is_primary=False).update(is_primary=True)
    _tell(announcement, owner, actor, reason, added=len(fresh), removed=len(gone))
    return list(model.objects.filter(**{parent: owner.pk}).order_by("-is_primary", "pk"))


def _tag(
    model: Any,
    parent: str,
    owner: Any,
    names: Sequence[str],
    announcement: Announcement,
    actor: User | None,
    reason: str,
) -> list[Tag]:
    if len(names) > MOST_TAGS:
        raise TagRefused(f"At most {MOST_TAGS} tags are possible. Leave some out.")
    tags = tags_take(names=names, actor=actor)
    links = {link.tag_id: link for link in model.objects.filter(**{parent: owner.pk})}
    wanted = {tag.pk for tag in tags}
    with refused_as(TagRefused):
        gone = [link.pk for pk, link in links.items() if pk not in wanted]
        model.objects.filter(pk__in=gone).delete()
        fresh = [tag for tag in tags if tag.pk not in links]
        for tag in fresh:
            model.objects.create(**_owned(parent, owner), tag=tag)
    _tell(announcement, owner, actor, reason, added=len(fresh), removed=len(gone))
    return tags


def _owned(parent: str, owner: Any) -> dict[str, UUID]:
    performer_id = owner.pk if parent == "performer" else owner.performer_id
    return {f"{parent}_id": owner.pk, "performer_id": performer_id}


def _tell(announcement: Announcement, owner: Any, actor: User | None, reason: str, **detail: int) -> None:
    announcement.send(sender=type(owner), actor=actor, subject=owner, reason=reason, detail=detail)
