"""What happened of which people are told: recorded in the transaction of what happened, spread by a job."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.refusals import refused_as
from core.jobs.job import job_named
from engagement.models import NotificationEvent
from engagement.notification_choices import NotificationEventStatus
from engagement.notification_errors import EventRefused

RECORD = "SELECT * FROM engagement_notification_event_record(%s, %s, %s::jsonb, %s::uuid[], %s, %s, %s)"


@transaction.atomic
def notification_event_record(
    *,
    trigger: str,
    idempotency_key: str,
    variables: Mapping[str, str | int],
    recipient_ids: Sequence[UUID] | None = None,
    followers_of: UUID | None = None,
    actor: User | None,
    deep_link: str = "",
) -> NotificationEvent:
    """Record a happening for those it concerns: up to 1,000 people by id, or the followers of a performer.

    The same key of the same trigger passes and returns the first event. Whoever did it (`actor`) is told nothing of it,
    unless the trigger is mandatory. Any role may call it; viewers and performers for what they do themselves. Locks:
    the key, until the transaction ends. Raises: EventRefused (unknown trigger, a variable missing or unknown, nobody or
    too many concerned, a link that leads away).
    """
    with refused_as(EventRefused):
        event = _recorded(
            trigger,
            idempotency_key,
            json.dumps(dict(variables)),
            list(recipient_ids or ()),
            followers_of,
            actor.pk if actor else None,
            deep_link,
        )
    if event.status != NotificationEventStatus.SPREAD:
        job_named("notification_event_spread").enqueue(event_id=event.pk, key=str(event.pk))
    return event


def _recorded(*arguments: Any) -> NotificationEvent:
    found = list(NotificationEvent.objects.raw(RECORD, arguments))
    if not found:
        raise EventRefused("This was recorded so long ago that the event is gone. Give it another key.")
    return found[0]
