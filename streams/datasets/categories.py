"""Categories that imported streams need: found by name, or added."""

import re
from uuid import UUID

from anyascii import anyascii

from streams.models import Category
from streams.naming import fold, one_line
from streams.services.categories import category_create

GAMES = "Games"
LONGEST_SLUG = 60


def category_named(name: str, *, parent_id: UUID | None = None) -> UUID:
    """The category with this name below `parent_id` (None: a root), added when there is none. Runs as the worker."""
    parent = Category.objects.get(pk=parent_id) if parent_id else None
    known = Category.objects.filter(
        name_key=fold(one_line(name)), parent_path=parent.path if parent else None, merged_into__isnull=True
    ).first()
    if known is not None:
        return UUID(str(known.pk))
    return UUID(str(category_create(name=name, slug=_slug(name), actor=None, parent_id=parent_id).pk))


def _slug(name: str) -> str:
    """The name in Latin letters; a number follows when another category has that slug."""
    slug = (
        re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:LONGEST_SLUG].strip("-") or "category"
    )
    taken = set(Category.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    number = 1
    while (found := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return found
