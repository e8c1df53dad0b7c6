"""The tip menu: items put on it, changed, taken off."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.interaction_announcements import (
    tip_menu_item_added,
    tip_menu_item_changed,
    tip_menu_item_retired,
)
from engagement.interaction_errors import TipMenuRefused
from engagement.models import TipMenuItem


def _refuse_fractions(*numbers: int) -> None:
    if any(type(number) is not int for number in numbers):
        raise TipMenuRefused("Tokens and places are whole numbers.")


@transaction.atomic
def tip_menu_item_add(
    *, performer_id: UUID, label: str, tokens: int, actor: User | None, position: int = 1
) -> TipMenuItem:
    """Put something on a performer's menu.

    Raises: TipMenuRefused (is on it already, words or numbers that make no sense). Announces: `tip_menu_item_added`.
    """
    _refuse_fractions(tokens, position)
    item = TipMenuItem(performer_id=performer_id, label=label.strip(), tokens=tokens, position=position)
    with refused_as(TipMenuRefused):
        item.save(force_insert=True)
    tip_menu_item_added.send(sender=TipMenuItem, actor=actor, subject=item, detail={"tokens": tokens})
    return item


@transaction.atomic
def tip_menu_item_change(
    *,
    item_id: UUID,
    label: str,
    tokens: int,
    position: int,
    actor: User | None,
    expected_version: int | None = None,
) -> TipMenuItem:
    """Say anew what an item is, what it costs and where it stands.

    Locks: the item. Raises: TipMenuRefused (off the menu, words or numbers that make no sense), NotThere, StaleVersion.
    Announces: `tip_menu_item_changed`.
    """
    _refuse_fractions(tokens, position)
    item = locked(TipMenuItem, item_id, expected_version=expected_version)
    if item.retired_at is not None:
        raise TipMenuRefused("This is off the menu. Put it on again as a new item.")
    item.label, item.tokens, item.position = label.strip(), tokens, position
    with refused_as(TipMenuRefused):
        item.save(update_fields=["label", "tokens", "position"])
    tip_menu_item_changed.send(
        sender=TipMenuItem, actor=actor, subject=item, changed=("label", "tokens", "position")
    )
    return item


@transaction.atomic
def tip_menu_item_retire(
    *, item_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> TipMenuItem:
    """Take an item off the menu: its performer, or a moderator.

    Locks: the item. Raises: TipMenuRefused (off already), NotThere, StaleVersion. Announces: `tip_menu_item_retired`.
    """
    item = locked(TipMenuItem, item_id, expected_version=expected_version)
    if item.retired_at is not None:
        raise TipMenuRefused("This is off the menu already.")
    item.retired_at = database_now()
    item._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(TipMenuRefused):
        item.save(update_fields=["retired_at"])
    tip_menu_item_retired.send(
        sender=TipMenuItem, actor=actor, subject=item, reason=reason, changed=("retired_at",)
    )
    return item
