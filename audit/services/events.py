"""The trail of who did what."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model

from audit.errors import ActorMismatch
from core.db.context import current_actor_id
from core.middleware.client_address import client_address

LONGEST_LABEL = 200
LONGEST_REASON = 2000

RECORD = "SELECT audit_record(%s, %s, %s, %s::text[], %s::jsonb, %s, %s, %s::inet, %s)"
SPEAK_FOR = "SELECT set_config('app.user_id', %s, true)"


def event_record(
    *,
    action: str,
    subject: Model,
    actor: Any = None,
    reason: str = "",
    changed: Iterable[str] = (),
    detail: Mapping[str, Any] | None = None,
) -> UUID:
    """Write one event, in the transaction of what it tells; returns its id.

    Actor and role are those of the transaction (`core.db.context.acting`); `actor` names the person and must be
    the same. Where nobody acts yet (a command, a test), the event is written in the name of `actor`, and in that of the
    system without one. `detail` holds no personal data: it can never be erased. Raises ActorMismatch.
    """
    acting = current_actor_id()
    if acting is not None and actor is not None and actor.pk != acting:
        raise ActorMismatch(f"{action} was announced in the name of {actor.pk}, and {acting} acts.")
    values = (
        action,
        subject._meta.label_lower,
        subject.pk,
        list(changed),
        json.dumps(dict(detail or {})),
        _label(actor),
        _label(subject),
        client_address(),
        reason.strip()[:LONGEST_REASON] or None,
    )
    if acting is not None or actor is None:
        return _record(values)
    with transaction.atomic():
        _speak_for(str(actor.pk))
        event_id = _record(values)
        _speak_for("")
    return event_id


def _record(values: tuple[Any, ...]) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(RECORD, values)
        (event_id,) = cursor.fetchone()
    return UUID(str(event_id))


def _speak_for(actor_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SPEAK_FOR, [actor_id])


def _label(row: Model | None) -> str | None:
    if row is None:
        return None
    # Words that somebody wrote would outlive their erasure here: such models name their rows for the trail themselves.
    return str(getattr(row, "trail_name", row))[:LONGEST_LABEL] or None
