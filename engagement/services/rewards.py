"""Rewards: offered, changed, retired by the performer whose they are."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from engagement.interaction_announcements import reward_changed, reward_offered, reward_retired
from engagement.interaction_errors import RewardRefused
from engagement.models import Reward


def _refuse_fractions(*numbers: Any) -> None:
    if any(number is not None and type(number) is not int for number in numbers):
        raise RewardRefused("Tokens, stock and seconds are whole numbers.")


@transaction.atomic
def reward_offer(
    *,
    performer_id: UUID,
    title: str,
    actor: User | None,
    tokens: int = 0,
    description: str = "",
    stock: int | None = None,
    person_cooldown: int = 0,
    shared_cooldown: int = 0,
    asks_for_words: bool = False,
) -> Reward:
    """Offer a reward, for tokens or for nothing, so often in all, so many seconds apart.

    Raises: RewardRefused (words or numbers that make no sense). Announces: `reward_offered`.
    """
    _refuse_fractions(tokens, stock, person_cooldown, shared_cooldown)
    reward = Reward(
        performer_id=performer_id,
        title=title.strip(),
        description=description.strip(),
        tokens=tokens,
        stock=stock,
        person_cooldown=person_cooldown,
        shared_cooldown=shared_cooldown,
        asks_for_words=asks_for_words,
    )
    with refused_as(RewardRefused):
        reward.save(force_insert=True)
    reward_offered.send(sender=Reward, actor=actor, subject=reward, detail={"tokens": tokens})
    return reward


@transaction.atomic
def reward_change(
    *,
    reward_id: UUID,
    actor: User | None,
    title: str,
    tokens: int,
    description: str = "",
    stock: int | None = None,
    person_cooldown: int = 0,
    shared_cooldown: int = 0,
    asks_for_words: bool = False,
    expected_version: int | None = None,
) -> Reward:
    """Say anew what a reward is; what was redeemed keeps what it cost. The stock is never less than what is taken.

    Locks: the reward. Raises: RewardRefused (retired, words or numbers that make no sense, so many are redeemed
    already), NotThere, StaleVersion. Announces: `reward_changed`.
    """
    _refuse_fractions(tokens, stock, person_cooldown, shared_cooldown)
    reward = locked(Reward, reward_id, expected_version=expected_version)
    if reward.retired_at is not None:
        raise RewardRefused("This reward is retired. Offer another one.")
    said = {
        "title": title.strip(),
        "description": description.strip(),
        "tokens": tokens,
        "stock": stock,
        "person_cooldown": person_cooldown,
        "shared_cooldown": shared_cooldown,
        "asks_for_words": asks_for_words,
    }
    changed = tuple(name for name, value in said.items() if getattr(reward, name) != value)
    for name in changed:
        setattr(reward, name, said[name])
    if changed:
        with refused_as(RewardRefused):
            reward.save(update_fields=list(changed))
        reward_changed.send(sender=Reward, actor=actor, subject=reward, changed=changed)
    return reward


@transaction.atomic
def reward_retire(
    *, reward_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Reward:
    """Offer it no more: its performer, or a moderator. What was redeemed stays redeemed.

    Locks: the reward. Raises: RewardRefused (retired already), NotThere, StaleVersion. Announces: `reward_retired`.
    """
    reward = locked(Reward, reward_id, expected_version=expected_version)
    if reward.retired_at is not None:
        raise RewardRefused("This reward is retired already.")
    reward.retired_at = database_now()
    reward._change_reason = reason  # type: ignore[attr-defined]
    with refused_as(RewardRefused):
        reward.save(update_fields=["retired_at"])
    reward_retired.send(sender=Reward, actor=actor, subject=reward, reason=reason, changed=("retired_at",))
    return reward
