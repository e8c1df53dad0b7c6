"""What streams hear of performers: a new name, a return or a farewell changes what search finds."""

from typing import Any

from core.announcements import Announcement, listen
from performers.models import IdentityRecord, PerformerProfile
from streams.services.listings import search_refresh

ADMISSION = (PerformerProfile, IdentityRecord)
"""Senders of what changes whether a performer is found, and under which name. An erasure takes documents itself."""


@listen
def follow_performer(sender: Any, announcement: Announcement, **named: Any) -> None:
    """In the transaction of the change, whoever made it."""
    if sender in ADMISSION:
        # The subject is the performer or the person, who share an id.
        search_refresh(performer_ids=[named["subject"].pk])
