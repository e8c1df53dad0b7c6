"""What rooms do when something happens to their stream."""

from typing import Any

from django.dispatch import receiver

from engagement.models import ChatRoom
from streams.announcements import stream_went_live


@receiver(stream_went_live)
def open_room(subject: Any, **_: Any) -> None:
    """Whoever is live has a room; one that is there already is left as it is."""
    ChatRoom.objects.bulk_create(
        [ChatRoom(stream_id=subject.pk, performer_id=subject.performer_id)], ignore_conflicts=True
    )
