"""The tree of categories: added, renamed, moved, listed."""

from uuid import UUID

from django.db import transaction
from treebeard.exceptions import PathOverflow

from accounts.models import User
from core.announcements import Announcement
from core.db.refusals import refused_as
from streams.announcements import (
    category_added,
    category_listed,
    category_moved,
    category_renamed,
    category_unlisted,
)
from streams.errors import CatalogueRefused, CategoryMoveRefused
from streams.models import Category
from streams.models.category import DEEPEST
from streams.naming import one_line
from streams.services.category_locking import locked_category, tree_lock

FULL = "There is no more room at this place of the tree."


@transaction.atomic
def category_create(
    *,
    name: str,
    slug: str,
    actor: User | None,
    parent_id: UUID | None = None,
    is_listed: bool = True,
    reason: str = "",
) -> Category:
    """Add a category as the last child of `parent_id`, or as the last root.

    Locks: the tree. Raises: CatalogueRefused (name or slug taken or no name, too deep), CategoryUnknown, NotThere.
    Announces: `category_added`.
    """
    tree_lock()
    parent = locked_category(parent_id) if parent_id else None
    _room_below(parent, 1)
    values = {"name": one_line(name), "slug": slug.strip(), "is_listed": is_listed}
    with refused_as(CatalogueRefused):
        try:
            category: Category = (
                Category.objects.add_child(parent, values) if parent else Category.objects.add_root(values)
            )
        except PathOverflow:
            raise CatalogueRefused(FULL) from None
    category_added.send(sender=Category, actor=actor, subject=category, reason=reason)
    return category


@transaction.atomic
def category_rename(
    *,
    category_id: UUID,
    name: str,
    actor: User,
    reason: str,
    slug: str = "",
    expected_version: int | None = None,
) -> Category:
    """Give a category another name. The slug stays, so that addresses do, unless a new one is given.

    Locks: the category. Raises: CatalogueRefused, CategoryUnknown, NotThere, StaleVersion.
    Announces: `category_renamed`.
    """
    category = locked_category(category_id, expected_version=expected_version)
    category.name = one_line(name)
    category.slug = slug.strip() or category.slug
    with refused_as(CatalogueRefused):
        category.save(update_fields=["name", "slug"])
    category_renamed.send(
        sender=Category, actor=actor, subject=category, reason=reason, changed=("name", "slug")
    )
    return category


@transaction.atomic
def category_move(
    *,
    category_id: UUID,
    parent_id: UUID | None,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> Category:
    """Put a category with all below it under another one (None: among the roots), as its last child.

    Locks: the tree. Raises: CategoryMoveRefused (below itself, below what was merged, too deep), CatalogueRefused (the
    name is taken there), CategoryUnknown, NotThere, StaleVersion. Announces: `category_moved`.
    """
    tree_lock()
    category = locked_category(category_id, expected_version=expected_version)
    parent = locked_category(parent_id) if parent_id else None
    if parent is not None and parent.path.startswith(category.path):
        raise CategoryMoveRefused(
            f"“{category}” cannot lie below itself"
            + ("." if parent.pk == category.pk else f", and “{parent}” is below it.")
            + " Choose a place outside of it."
        )
    if category.parent_path == (parent.path if parent else None):
        raise CategoryMoveRefused(f"“{category}” is at this place already. Choose another one.")
    _room_below(parent, _levels(category))
    with refused_as(CatalogueRefused):
        _put_below(category, parent)
    _keep_history(category)
    category_moved.send(sender=Category, actor=actor, subject=category, reason=reason, changed=("path",))
    return category


def branch_move(category: Category, parent: Category) -> None:
    """Put a category below `parent`, as part of a merge that holds the lock of the tree.

    Raises: CategoryMoveRefused when the tree would become too deep; what the database says of names.
    """
    _room_below(parent, _levels(category))
    _put_below(category, parent)
    _keep_history(category)


def _put_below(category: Category, parent: Category | None) -> None:
    try:
        if parent is not None:
            Category.objects.move(category, parent, pos="last-child")
        else:
            Category.objects.move(category, Category.objects.get_last_root_node(), pos="last-sibling")
    except PathOverflow:
        raise CategoryMoveRefused(FULL) from None


def _keep_history(category: Category) -> None:
    """The library moves by statements that no history sees; saving the row as it is leaves a state."""
    category.refresh_from_db()
    category.save(update_fields=["slug"])


def _levels(category: Category) -> int:
    deepest = Category.objects.within(category.path).order_by("-depth").values_list("depth", flat=True)[0]
    return int(deepest - category.depth + 1)


def _room_below(parent: Category | None, levels: int) -> None:
    if (parent.depth if parent else 0) + levels > DEEPEST:
        raise CategoryMoveRefused(f"The tree has at most {DEEPEST} levels. Choose a place higher up.")


def _show(
    category_id: UUID,
    is_listed: bool,
    announcement: Announcement,
    actor: User,
    reason: str,
    expected_version: int | None,
) -> Category:
    category = locked_category(category_id, expected_version=expected_version)
    category.is_listed = is_listed
    category.save(update_fields=["is_listed"])
    announcement.send(sender=Category, actor=actor, subject=category, reason=reason, changed=("is_listed",))
    return category


@transaction.atomic
def category_list(
    *, category_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Category:
    """Show a category in the directory. Locks: the category. Raises: CategoryUnknown, NotThere, StaleVersion.

    Announces: `category_listed`.
    """
    return _show(category_id, True, category_listed, actor, reason, expected_version)


@transaction.atomic
def category_unlist(
    *, category_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> Category:
    """Take a category out of the directory; streams keep it. Locks, raises: as `category_list`.

    Announces: `category_unlisted`.
    """
    return _show(category_id, False, category_unlisted, actor, reason, expected_version)
