"""Hiding streams from viewers, by staff, and showing them again."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.clock import database_now
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from streams.announcements import stream_hidden, stream_shown
from streams.choices import Visibility
from streams.errors import StreamRefused
from streams.models import Stream


@transaction.atomic
def stream_hide(
    *, stream_id: UUID, actor: User | None, reason: str, expected_version: int | None = None
) -> Stream:
    """Hide a stream from everybody but its performer and staff, whatever its state; the performer cannot show it.

    Locks: the stream. Raises: OwnAccount, StreamRefused (hidden already), NotThere, StaleVersion. Announces:
    `stream_hidden`.
    """
    stream = _opened(stream_id, actor, expected_version)
    if stream.hidden_at is not None:
        raise StreamRefused("This stream is hidden already.")
    stream.visibility = Visibility.PRIVATE
    stream.hidden_at = database_now()
    _save(stream, reason)
    stream_hidden.send(sender=Stream, actor=actor, subject=stream, reason=reason, changed=CHANGED)
    return stream


@transaction.atomic
def stream_show(
    *,
    stream_id: UUID,
    actor: User | None,
    reason: str,
    visibility: Visibility | str = Visibility.PUBLIC,
    expected_version: int | None = None,
) -> Stream:
    """Take the hiding of a stream back; it is then as visible as `visibility` says.

    Locks: the stream. Raises: OwnAccount, StreamRefused (not hidden, no such visibility), NotThere, StaleVersion.
    Announces: `stream_shown`.
    """
    stream = _opened(stream_id, actor, expected_version)
    if stream.hidden_at is None:
        raise StreamRefused("This stream is not hidden.")
    stream.visibility = visibility
    stream.hidden_at = None
    _save(stream, reason)
    stream_shown.send(sender=Stream, actor=actor, subject=stream, reason=reason, changed=CHANGED)
    return stream


CHANGED = ("hidden_at", "visibility")


def _opened(stream_id: UUID, actor: User | None, expected_version: int | None) -> Stream:
    if actor is not None and Stream.all_objects.filter(pk=stream_id, performer_id=actor.pk).exists():
        raise OwnAccount("Nobody decides about their own streams. Ask a colleague.")
    stream = locked(Stream, stream_id, expected_version=expected_version)
    if stream.deleted_at is not None:
        raise NotThere("This stream was deleted.")
    return stream


def _save(stream: Any, reason: str) -> None:
    stream._change_reason = reason
    with refused_as(StreamRefused):
        stream.save(update_fields=CHANGED)
