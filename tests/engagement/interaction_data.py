"""People of the tests of interaction, and what they do, by the services as those who would do it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from billing.catalogue_choices import ProductKind
from billing.models import GiftItem, Product, TokenSpend
from billing.services.gifts import gift_send
from core.db.context import acting
from core.db.roles import Role
from engagement.models import Block, Goal, Poll, PollVote, Raid, Redemption, Reward, TipMenuItem, TipMessage
from engagement.services.goals import goal_open
from engagement.services.poll_votes import poll_vote_cast
from engagement.services.polls import poll_open
from engagement.services.raids import raid_announce
from engagement.services.redemptions import reward_redeem
from engagement.services.rewards import reward_offer
from engagement.services.tip_menu_items import tip_menu_item_add
from engagement.services.tip_messages import tip_message_send
from performers.models import PerformerProfile
from tests.billing.factories_wallets import settled
from tests.sql import run

CHOICES = ("Red", "Green", "Blue")


def as_viewer(person: User) -> Any:
    """Act as somebody who watches."""
    return acting(Role.VIEWER, user_id=person.pk)


def as_her(performer: PerformerProfile) -> Any:
    """Act as the performer."""
    return acting(Role.PERFORMER, user_id=performer.pk)


def blocked(one: User | PerformerProfile, other: User | PerformerProfile) -> Block:
    """One has blocked the other, written as the owner."""
    return Block.objects.create(blocker_id=one.pk, blocked_id=other.pk)


def goal_of(performer: PerformerProfile, target: int = 100, **options: Any) -> Goal:
    """An open goal."""
    with as_her(performer):
        return goal_open(
            performer_id=performer.pk, title="A dance", target_tokens=target, actor=performer.user, **options
        )


def poll_of(performer: PerformerProfile, **options: Any) -> Poll:
    """An open poll of three choices."""
    with as_her(performer):
        return poll_open(
            performer_id=performer.pk,
            actor=performer.user,
            **{
                "question": "Which colour?",
                "choices": CHOICES,
                "closes_at": timezone.now() + timedelta(hours=1),
                **options,
            },
        )


def vote(viewer: User, poll: Poll, *places: int) -> list[PollVote]:
    """Vote for the choices at these places, from 1."""
    choices = [poll.choices.get(position=place).pk for place in places]
    with as_viewer(viewer):
        return poll_vote_cast(choice_ids=choices, voter_id=viewer.pk, actor=viewer)


def reward_of(performer: PerformerProfile, **options: Any) -> Reward:
    """An offered reward, for nothing unless told otherwise."""
    with as_her(performer):
        return reward_offer(
            performer_id=performer.pk, actor=performer.user, **{"title": "Drink water", **options}
        )


def redeem(viewer: User, reward: Reward, key: str = "", **options: Any) -> Redemption:
    """Redeem a reward."""
    with as_viewer(viewer):
        return reward_redeem(
            reward_id=reward.pk,
            viewer_id=viewer.pk,
            idempotency_key=key or str(uuid4()),
            actor=viewer,
            **options,
        )


def menu_item_of(performer: PerformerProfile, tokens: int = 20, label: str = "Say a name") -> TipMenuItem:
    """An item of her menu."""
    with as_her(performer):
        return tip_menu_item_add(performer_id=performer.pk, label=label, tokens=tokens, actor=performer.user)


def say(viewer: User, performer: PerformerProfile, key: str = "", **options: Any) -> TipMessage:
    """Tip with words."""
    with as_viewer(viewer):
        return tip_message_send(
            viewer_id=viewer.pk,
            performer_id=performer.pk,
            idempotency_key=key or str(uuid4()),
            actor=viewer,
            **options,
        )


def raid(one: PerformerProfile, other: PerformerProfile) -> Raid:
    """Announce a raid; both are on air."""
    with as_her(one):
        return raid_announce(performer_id=one.pk, target_id=other.pk, actor=one.user)


def gift_item(tokens: int = 25, code: str = "rose") -> GiftItem:
    """A gift of the catalogue."""
    product = Product.objects.create(code=f"gift_{code}", kind=ProductKind.GIFT, name=code.capitalize())
    return GiftItem.objects.create(product=product, tokens=tokens)


def give(
    viewer: User, performer: PerformerProfile, item: GiftItem, key: str = "", **options: Any
) -> TokenSpend:
    """Send gifts."""
    with as_viewer(viewer):
        return gift_send(
            viewer_id=viewer.pk,
            performer_id=performer.pk,
            gift_item_id=item.pk,
            idempotency_key=key or str(uuid4()),
            actor=viewer,
            **options,
        )


def rewritten(table: str, assignments: str, row: Any) -> None:
    """Let a row say something that no service and no trigger would write, such as a time long ago."""
    settled()
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    run(f"UPDATE {table} SET {assignments} WHERE id = %s", [row.pk])
    settled()
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
