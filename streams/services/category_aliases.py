"""Other names of categories: their names in other languages, and what people call them besides."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import NotThere
from core.db.refusals import refused_as
from streams.announcements import category_alias_added, category_alias_removed
from streams.choices import CategoryNameKind
from streams.errors import CatalogueRefused
from streams.models import Category, CategoryAlias
from streams.naming import one_line
from streams.services.category_locking import locked_category


@transaction.atomic
def category_alias_add(
    *,
    category_id: UUID,
    kind: CategoryNameKind | str,
    language: str,
    name: str,
    actor: User | None,
    reason: str = "",
) -> CategoryAlias:
    """Give a category another name. `language` is a BCP 47 tag. Locks: the category.

    Raises: CatalogueRefused (it has this name, or a name in this language), CategoryUnknown, NotThere.
    Announces: `category_alias_added`.
    """
    category = locked_category(category_id)
    alias = CategoryAlias(category=category, kind=kind, language=language.strip(), name=one_line(name))
    with refused_as(CatalogueRefused):
        alias.save(force_insert=True)
    category_alias_added.send(
        sender=CategoryAlias,
        actor=actor,
        subject=category,
        reason=reason,
        detail={"kind": alias.kind, "language": alias.language},
    )
    return alias


@transaction.atomic
def category_alias_remove(*, category_alias_id: UUID, actor: User, reason: str) -> None:
    """Take another name away. Locks: its row. Raises: NotThere. Announces: `category_alias_removed`."""
    alias = CategoryAlias.objects.select_for_update().filter(pk=category_alias_id).first()
    if alias is None:
        raise NotThere("There is no such name, or your role may not take it away.")
    category = Category.objects.get(pk=alias.category_id)
    detail = {"kind": alias.kind, "language": alias.language}
    alias.delete()
    category_alias_removed.send(
        sender=CategoryAlias, actor=actor, subject=category, reason=reason, detail=detail
    )
