"""Tags: made by whoever uses a word first, reviewed by staff, found in whatever spelling."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from streams.announcements import tag_added, tag_alias_added, tag_alias_removed, tag_reviewed
from streams.catalogue import tags_meant
from streams.errors import TagRefused
from streams.models import Tag, TagAlias
from streams.naming import LONGEST_TAG, tag_spelling


@transaction.atomic
def tags_take(*, names: Sequence[str], actor: User | None) -> list[Tag]:
    """The tags that these words mean, each once, in their order; a word that nobody used yet becomes a tag.

    Raises: TagRefused (empty, too long, signs that no tag has, or a tag that may not be used). Announces: `tag_added`
    for each new one.
    """
    spelt = [_spelt(name) for name in names]
    with refused_as(TagRefused):
        known = tags_meant(spelt)
    tags: dict[UUID, Tag] = {}
    for name in spelt:
        tag = known.get(name) or _make(name, actor)
        if not tag.is_usable:
            raise TagRefused(f"The tag “{tag}” may not be used. Choose another one.")
        tags.setdefault(tag.pk, tag)
    return list(tags.values())


def _spelt(name: str) -> str:
    if len(name) > 4 * LONGEST_TAG:
        raise TagRefused(f"A tag has at most {LONGEST_TAG} characters; this one has {len(name)}.")
    spelt = tag_spelling(name)
    if not spelt:
        raise TagRefused("A tag needs letters or digits.")
    if len(spelt) > LONGEST_TAG:
        raise TagRefused(f"A tag has at most {LONGEST_TAG} characters; this one has {len(spelt)}.")
    return spelt


def _make(name: str, actor: User | None) -> Tag:
    """A new tag; the one that somebody made at the same moment, if so."""
    tag = Tag(name=name)
    try:
        with refused_as(TagRefused):
            tag.save(force_insert=True)
    except TagRefused:
        meanwhile = tags_meant([name]).get(name)
        if meanwhile is None:
            raise
        return meanwhile
    tag_added.send(sender=Tag, actor=actor, subject=tag)
    return tag


@transaction.atomic
def tag_review(
    *,
    tag_id: UUID,
    is_usable: bool,
    is_listable: bool,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Tag:
    """Say whether a tag may be used and whether lists show it. What carries the tag keeps it; pages show usable ones.

    Locks: the tag. Raises: TagRefused (listed but not usable, merged), NotThere, StaleVersion.
    Announces: `tag_reviewed`.
    """
    tag = standing_tag(tag_id, expected_version=expected_version)
    if is_listable and not is_usable:
        raise TagRefused("A tag that may not be used is not listed either.")
    tag.is_usable, tag.is_listable = is_usable, is_listable
    tag.reviewed_at, tag.reviewed_by = timezone.now(), actor
    with refused_as(TagRefused):
        tag.save(update_fields=["is_usable", "is_listable", "reviewed_at", "reviewed_by"])
    tag_reviewed.send(
        sender=Tag,
        actor=actor,
        subject=tag,
        reason=reason,
        changed=("is_usable", "is_listable"),
        detail={"usable": is_usable, "listable": is_listable},
    )
    return tag


def tag_approve(*, tag_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> Tag:
    """Let a tag be used and listed. As `tag_review`."""
    return tag_review(
        tag_id=tag_id,
        is_usable=True,
        is_listable=True,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def tag_keep_unlisted(*, tag_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> Tag:
    """Let a tag be used, but not listed. As `tag_review`."""
    return tag_review(
        tag_id=tag_id,
        is_usable=True,
        is_listable=False,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def tag_ban(*, tag_id: UUID, actor: User, reason: str, expected_version: int | None = None) -> Tag:
    """Let nobody use a tag any more. As `tag_review`."""
    return tag_review(
        tag_id=tag_id,
        is_usable=False,
        is_listable=False,
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def standing_tag(tag_id: UUID, *, expected_version: int | None = None) -> Tag:
    """A tag that stands for itself, locked. Raises TagRefused, NotThere, StaleVersion."""
    tag = locked(Tag, tag_id, expected_version=expected_version)
    if tag.merged_into_id is not None:
        raise TagRefused(f"“{tag}” was merged into “{tag.merged_into}”. Change that one, or undo the merge.")
    return tag


@transaction.atomic
def tag_alias_add(*, tag_id: UUID, name: str, actor: User, reason: str) -> TagAlias:
    """Let another spelling mean this tag. A word that is a tag itself is merged instead.

    Locks: the tag. Raises: TagRefused, NotThere. Announces: `tag_alias_added`.
    """
    tag = standing_tag(tag_id)
    alias = TagAlias(tag=tag, name=_spelt(name))
    with refused_as(TagRefused):
        alias.save(force_insert=True)
    tag_alias_added.send(sender=TagAlias, actor=actor, subject=tag, reason=reason)
    return alias


@transaction.atomic
def tag_alias_remove(*, tag_alias_id: UUID, actor: User, reason: str) -> None:
    """Take another spelling away. Locks: its row. Raises: NotThere. Announces: `tag_alias_removed`."""
    alias = TagAlias.objects.select_for_update().filter(pk=tag_alias_id).first()
    if alias is None:
        raise NotThere("There is no such spelling, or your role may not take it away.")
    tag = Tag.objects.get(pk=alias.tag_id)
    alias.delete()
    tag_alias_removed.send(sender=TagAlias, actor=actor, subject=tag, reason=reason)
