"""Of what people are told: raids, goals, polls, rewards, tips with words and gifts, in the transaction of each."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from engagement.interaction_announcements import (
    gift_presented,
    goal_reached,
    poll_closed,
    raid_executed,
    redemption_cancelled,
    redemption_expired,
    redemption_fulfilled,
    redemption_rejected,
    reward_redeemed,
    tip_message_sent,
)
from engagement.models import GiftSent, Goal, Poll, Raid, Redemption, TipMessage
from engagement.services.notification_events import notification_event_record


@receiver(raid_executed)
def tell_raided(sender: Any, subject: Raid, actor: User | None, **_: Any) -> None:
    """The performer to whom viewers come hears how many."""
    notification_event_record(
        trigger="raid_received",
        idempotency_key=str(subject.pk),
        variables={"performer": str(subject.performer), "viewers": subject.viewers or 0},
        recipient_ids=[subject.target_id],
        actor=actor,
    )


@receiver(goal_reached)
def tell_goal_reached(sender: Any, subject: Goal, actor: User | None, **_: Any) -> None:
    """The performer hears that she owes what she promised."""
    notification_event_record(
        trigger="goal_reached",
        idempotency_key=str(subject.pk),
        variables={"title": subject.title, "tokens": subject.target_tokens},
        recipient_ids=[subject.performer_id],
        actor=actor,
    )


@receiver(poll_closed)
def tell_poll_closed(sender: Any, subject: Poll, actor: User | None, **_: Any) -> None:
    """The performer hears what came of it, unless she closed it herself."""
    if actor is not None and actor.pk == subject.performer_id:
        return
    winner = subject.choices.order_by("-votes", "position").first()
    notification_event_record(
        trigger="poll_closed",
        idempotency_key=str(subject.pk),
        variables={
            "performer": str(subject.performer),
            "question": subject.question,
            "winner": winner.label if winner is not None and winner.votes else "nothing",
        },
        recipient_ids=[subject.performer_id],
        actor=actor,
    )


@receiver(redemption_fulfilled)
@receiver(redemption_rejected)
@receiver(redemption_cancelled)
@receiver(redemption_expired)
def tell_redemption_decided(sender: Any, subject: Redemption, actor: User | None, **_: Any) -> None:
    """The viewer hears what became of it, unless the viewer took it back."""
    notification_event_record(
        trigger="redemption_decided",
        idempotency_key=str(subject.pk),
        variables={
            "performer": str(subject.performer),
            "reward": subject.reward.title,
            "decision": subject.get_status_display().lower(),
        },
        recipient_ids=[subject.viewer_id],
        actor=actor,
    )


@receiver(reward_redeemed)
def tell_reward_redeemed(sender: Any, subject: Redemption, actor: User | None, **_: Any) -> None:
    """The performer hears that somebody waits for her."""
    notification_event_record(
        trigger="reward_redeemed",
        idempotency_key=str(subject.pk),
        variables={"viewer": str(subject.viewer), "reward": subject.reward.title},
        recipient_ids=[subject.performer_id],
        actor=actor,
    )


@receiver(tip_message_sent)
def tell_tip(sender: Any, subject: TipMessage, actor: User | None, **_: Any) -> None:
    """The performer hears who tipped how much; what was said stands in its own row, which may be hidden."""
    notification_event_record(
        trigger="tip_received",
        idempotency_key=str(subject.pk),
        variables={"sender": str(subject.sender), "tokens": subject.tokens},
        recipient_ids=[subject.performer_id],
        actor=actor,
    )


@receiver(gift_presented)
def tell_gift(sender: Any, subject: GiftSent, actor: User | None, **_: Any) -> None:
    """The performer hears of the gift; the same gift again is the same event."""
    notification_event_record(
        trigger="gift_received",
        idempotency_key=str(subject.pk),
        variables={
            "sender": str(subject.sender),
            "gift": str(subject.gift_item.product),
            "tokens": subject.tokens,
        },
        recipient_ids=[subject.performer_id],
        actor=actor,
    )
