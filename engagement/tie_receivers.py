"""Of what people are told about ties: who follows them."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from engagement.models import Follow
from engagement.services.notification_events import notification_event_record
from engagement.tie_announcements import follow_begun


@receiver(follow_begun)
def tell_followed(sender: Any, follow: Follow, actor: User | None, **_: Any) -> None:
    """The performer hears of a follower once, however often that person ends the follow and begins anew."""
    notification_event_record(
        trigger="new_follower",
        idempotency_key=f"{follow.user_id} follows {follow.performer_id}",
        variables={"follower": str(follow.user)},
        recipient_ids=[follow.performer_id],
        actor=actor,
    )
