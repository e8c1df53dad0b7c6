"""Whether performers are here. Called often, so nothing is announced and what is the same is not written."""

from uuid import UUID

from django.db import transaction

from core.db.clock import database_now
from core.db.refusals import refused_as
from performers.choices import PresenceState
from performers.errors import SettingsRefused
from performers.models import Presence


@transaction.atomic
def presence_set(*, performer_id: UUID, state: PresenceState | str) -> Presence:
    """Show a performer as online, in a private show, or away, since now; the same state again changes nothing.

    Raises: SettingsRefused (not verified, no such state).
    """
    now, own = database_now(), Presence.objects.filter(performer_id=performer_id)
    with refused_as(SettingsRefused):
        if not own.exclude(state=state).update(state=state, since=now) and not own.exists():
            Presence.objects.bulk_create(
                [Presence(performer_id=performer_id, state=state, since=now)],
                update_conflicts=True,
                unique_fields=["performer"],
                update_fields=["state", "since"],
            )
    return own.get()


@transaction.atomic
def presence_clear(*, performer_id: UUID) -> None:
    """Show a performer as not here. Does nothing when that is so already."""
    Presence.objects.filter(performer_id=performer_id).delete()
