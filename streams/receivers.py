"""What streams hear of performers: a new name, a return or a farewell changes what search finds."""

from typing import Any

from core.announcements import Announcement, listen
from performers.models import PerformerProfile
from streams.services.listings import search_refresh

ERASURE = "user_erased"


@listen
def follow_performer(sender: Any, announcement: Announcement, **named: Any) -> None:
    """In the transaction of the change, whoever made it."""
    subject = named["subject"]
    if isinstance(subject, PerformerProfile) or sender is PerformerProfile or announcement.action == ERASURE:
        search_refresh(performer_ids=[subject.pk])
