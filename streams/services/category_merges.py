"""Merging categories: one takes the place of the other, and old addresses lead on."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from core.db.refusals import refused_as
from streams.announcements import category_merged
from streams.errors import MergeRefused
from streams.models import Category, PerformerCategory, StreamCategory
from streams.services.categories import branch_move
from streams.services.category_locking import locked_category, tree_lock


@transaction.atomic
def category_merge(
    *,
    category_id: UUID,
    target_id: UUID,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Category:
    """Let the category `target_id` take the place of `category_id`, whose links, aliases and children move there.

    The merged one stays where it is, unlisted, with `merged_into`; what was merged into it before names the target too.
    There is no undoing: names in the tree would have to be free again.

    Locks: the tree, then both. Raises: MergeRefused (into itself or into what lies below it, a child's name is taken),
    CategoryUnknown (either was merged already), CategoryMoveRefused, NotThere, StaleVersion.
    Announces: `category_merged`. Returns the target.
    """
    if category_id == target_id:
        raise MergeRefused("A category cannot be merged into itself. Choose another one.")
    tree_lock()
    first, second = sorted((category_id, target_id))
    rows = {
        pk: locked_category(pk, expected_version=expected_version if pk == category_id else None)
        for pk in (first, second)
    }
    source, target = rows[category_id], rows[target_id]
    if target.path.startswith(source.path):
        raise MergeRefused(
            f"“{target}” lies below “{source}”. Move it out first, or merge the other way round."
        )
    with refused_as(MergeRefused):
        for child in Category.objects.get_children(source):
            branch_move(child, target)
        # Moving the children may have shifted paths; the counts have changed.
        source.refresh_from_db()
        target.refresh_from_db()
        moved = {
            "streams": _move_links(StreamCategory, "stream", source, target),
            "performers": _move_links(PerformerCategory, "performer", source, target),
        }
        _move_aliases(source, target)
        Category.objects.filter(merged_into=source).update(merged_into=target)
        source.is_listed = False
        source.merged_into = target
        source.save(update_fields=["is_listed", "merged_into"])
    category_merged.send(
        sender=Category,
        actor=actor,
        subject=source,
        reason=reason,
        changed=("merged_into", "is_listed"),
        detail={"into": str(target.pk), **moved},
    )
    return target


def _move_links(model: Any, parent: str, source: Category, target: Category) -> int:
    """Every link to the source becomes one to the target; who has both keeps that one, first if either was."""
    both = model.objects.filter(
        Exists(model.objects.filter(**{parent: OuterRef(parent), "category": target})), category=source
    )
    first = list(both.filter(is_primary=True).values_list(f"{parent}_id", flat=True))
    both.delete()
    model.objects.filter(category=target, **{f"{parent}__in": first}).update(is_primary=True)
    moved: int = model.objects.filter(category=source).update(category=target)
    return moved


def _move_aliases(source: Category, target: Category) -> None:
    """Other names move; one that the target has, or a second name in one language, stays behind and goes."""
    for alias in source.aliases.order_by("pk"):
        clash = target.aliases.filter(language=alias.language, name_key=alias.name_key)
        if alias.kind == "translation":
            clash = clash | target.aliases.filter(language=alias.language, kind="translation")
        if clash.exists():
            alias.delete()
        else:
            alias.category = target
            alias.save(update_fields=["category"])
