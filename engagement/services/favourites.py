"""Favourites: what people keep to find again."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from engagement.errors import FavouriteRefused
from engagement.models import Favourite


def _target(performer_id: UUID | None, archive_id: UUID | None, category_id: UUID | None) -> dict[str, UUID]:
    """Raises FavouriteRefused unless exactly one is given."""
    given = {"performer_id": performer_id, "archive_id": archive_id, "category_id": category_id}
    target = {name: value for name, value in given.items() if value is not None}
    if len(target) != 1:
        raise FavouriteRefused("A favourite is one performer, one archive, or one category.")
    return target


@transaction.atomic
def favourite_keep(
    *,
    actor: User,
    performer_id: UUID | None = None,
    archive_id: UUID | None = None,
    category_id: UUID | None = None,
) -> Favourite:
    """Keep a performer, an archive or a category among the acting person's favourites.

    Locks: the person against erasure. Raises: FavouriteRefused (not exactly one, kept already, oneself, blocked, not
    there).
    """
    favourite = Favourite(user=actor, **_target(performer_id, archive_id, category_id))
    with refused_as(FavouriteRefused):
        favourite.save(force_insert=True)
    return favourite


@transaction.atomic
def favourite_drop(
    *,
    actor: User,
    performer_id: UUID | None = None,
    archive_id: UUID | None = None,
    category_id: UUID | None = None,
) -> None:
    """Take a performer, an archive or a category from the acting person's favourites.

    Locks: the favourite. Raises: FavouriteRefused (not exactly one, not kept).
    """
    target = _target(performer_id, archive_id, category_id)
    if "performer_id" in target:
        target |= {"archive_id__isnull": True}  # type: ignore[dict-item]
    if not Favourite.objects.filter(user=actor, **target).delete()[0]:
        raise FavouriteRefused("This is not among your favourites.")
