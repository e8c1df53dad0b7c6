"""Questions about the catalogue that other parts ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Q

from streams.errors import CategoryUnknown
from streams.models import Category, Tag, TagAlias
from streams.naming import fold, one_line, tag_spelling


@dataclass
class KnownFor:
    """What a performer is known for: ids of categories, the first one before the others, and of tags."""

    category_ids: list[UUID] = field(default_factory=list)
    tag_ids: list[UUID] = field(default_factory=list)


def category_at(slug: str) -> Category:
    """The category with this slug, or the one that took its place. One query.

    Raises CategoryUnknown.
    """
    found = Category.objects.select_related("merged_into").filter(slug=slug).first()
    if found is None:
        raise CategoryUnknown(f"There is no category “{slug[:80]}”. Choose one of the list.")
    return found.merged_into or found


def categories_named(text: str) -> list[Category]:
    """The categories that a word may mean, by name or by another name in whatever language; in tree order.

    Several, where a name stands in several branches. What was merged is given as what took its place. One query.
    """
    key = fold(one_line(text))
    found = (
        Category.objects.select_related("merged_into")
        .filter(
            Q(name_key=key) | Q(pk__in=Category.objects.order_by().filter(aliases__name_key=key).values("pk"))
        )
        .order_by("path")
    )
    standing = {category.pk: category for category in (row.merged_into or row for row in found)}
    return sorted(standing.values(), key=lambda category: category.path)


def tags_meant(names: Iterable[str]) -> dict[str, Tag]:
    """The tag that each spelling means, by its normalised spelling; what is unknown is left out. Two queries.

    Other spellings and merged tags lead to the tag that stands.
    """
    wanted = {spelt for spelt in map(tag_spelling, names) if spelt}
    tags = list(Tag.objects.select_related("merged_into").filter(name__in=wanted))
    found = {tag.name: tag.merged_into or tag for tag in tags}
    missing = wanted - found.keys()
    if missing:
        aliases = TagAlias.objects.select_related("tag__merged_into").filter(name__in=missing)
        found |= {alias.name: alias.tag.merged_into or alias.tag for alias in aliases}
    return found


def known_for(performer_ids: Iterable[UUID]) -> dict[UUID, KnownFor]:
    """What performers are known for, as far as anybody may see them. One query, for viewers and performers.

    The tables themselves show a performer her own rows alone: a row about somebody whose application is a draft would
    tell that this person applied.
    """
    found = {performer_id: KnownFor() for performer_id in performer_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT performer_id, category_id, tag_id FROM streams_known_for(%s) "
            "ORDER BY performer_id, is_primary DESC, category_id, tag_id",
            [list(found)],
        )
        for performer_id, category_id, tag_id in cursor.fetchall():
            known = found[performer_id]
            if category_id is not None:
                known.category_ids.append(category_id)
            else:
                known.tag_ids.append(tag_id)
    return found
