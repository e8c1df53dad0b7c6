"""Muting people and categories: not to hear of them, without a word to anybody."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.refusals import refused_as
from engagement.errors import MuteRefused
from engagement.models import Mute


def _target(person_id: UUID | None, category_id: UUID | None) -> dict[str, UUID]:
    """Raises MuteRefused unless exactly one is given."""
    given = {"person_id": person_id, "category_id": category_id}
    target = {name: value for name, value in given.items() if value is not None}
    if len(target) != 1:
        raise MuteRefused("One mutes one person or one category.")
    return target


@transaction.atomic
def mute_place(
    *,
    actor: User,
    person_id: UUID | None = None,
    category_id: UUID | None = None,
    until: datetime | None = None,
) -> Mute:
    """Let the acting person hear nothing of a person or a category, until `until` (UTC; None: until lifted).

    What is muted already gets the new end. Locks: the mute. Raises: MuteRefused (not exactly one, oneself, an end in
    the past or without a time zone, not there).
    """
    target = _target(person_id, category_id)
    if until is not None and (until.tzinfo is None or until <= database_now()):
        raise MuteRefused("The end of a mute lies in the future. Leave it empty for no end.")
    mute = Mute.objects.select_for_update().filter(muter=actor, **target).first()
    with refused_as(MuteRefused):
        if mute is None:
            mute = Mute(muter=actor, expires_at=until, **target)
            mute.save(force_insert=True)
        else:
            mute.expires_at = until
            mute.save(update_fields=["expires_at"])
    return mute


@transaction.atomic
def mute_lift(*, actor: User, person_id: UUID | None = None, category_id: UUID | None = None) -> None:
    """Let the acting person hear again of a person or a category.

    Locks: the mute. Raises: MuteRefused (not exactly one, not muted).
    """
    if not Mute.objects.filter(muter=actor, **_target(person_id, category_id)).delete()[0]:
        raise MuteRefused("You have not muted this.")
