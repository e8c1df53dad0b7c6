"""Streams from the plan to the end: scheduled, started under a lease, live, interrupted, over."""

import datetime as dt
from dataclasses import asdict
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES
from streams.announcements import (
    stream_aborted,
    stream_deleted,
    stream_ended,
    stream_interrupted,
    stream_resumed,
    stream_scheduled,
    stream_started,
    stream_went_live,
)
from streams.choices import StreamEnd, StreamStatus, Visibility
from streams.encoding import STUDIO, Encoding
from streams.errors import LeaseLost, StreamRefused
from streams.models import Stream, StreamConfiguration
from streams.models.stream import ON_AIR
from streams.services.gate import refuse_obstacles
from streams.services.moves import stream_move

LOST = "This session does not hold the stream any more: it was ended, or never began. Start a new one."


@transaction.atomic
def stream_schedule(
    *,
    performer_id: UUID,
    title: str,
    actor: User | None,
    description: str = "",
    language: str = "en",
    visibility: Visibility | str = Visibility.PUBLIC,
    scheduled_start_at: dt.datetime | None = None,
) -> Stream:
    """Plan a stream; without a time it begins unannounced.

    Raises: StreamRefused (a title that is blank or too long, an unknown language or visibility).
    Announces: `stream_scheduled`.
    """
    stream = Stream(
        performer_id=performer_id,
        title=title,
        description=description,
        language=language,
        visibility=visibility,
        scheduled_start_at=scheduled_start_at,
    )
    with refused_as(StreamRefused):
        stream.save(force_insert=True)
    stream_scheduled.send(sender=Stream, actor=actor, subject=stream)
    return stream


@transaction.atomic
def stream_start(
    *,
    stream_id: UUID,
    actor: User | None,
    encoding: Encoding = STUDIO,
    expected_version: int | None = None,
) -> UUID:
    """Take the performer's place on air and keep how the stream is sent; returns the lease.

    The lease is the ingest session's: whoever sends signs of life, goes live or interrupts shows it. Locks: the
    stream. Raises: MayNotGoLive (all obstacles at once), StreamRefused (on air with another stream, settings that make
    no sense), IllegalTransition, NotThere, StaleVersion. Announces: `stream_started`.
    """
    stream = locked(Stream, stream_id, expected_version=expected_version)
    _refuse_deleted(stream)
    Stream.status_machine.check(stream.status, StreamStatus.STARTING)
    settings = asdict(encoding)
    configuration = StreamConfiguration(
        stream=stream, performer_id=stream.performer_id, **{**settings, "ladder": list(settings["ladder"])}
    )
    with refused_as(StreamRefused):
        configuration.save(force_insert=True)
    refuse_obstacles(stream_id=stream.pk)
    lease = uuid4()
    stream_move(stream, StreamStatus.STARTING, lease=lease, last_heartbeat_at=database_now())
    stream_started.send(sender=Stream, actor=actor, subject=stream, changed=("status",))
    return lease


@transaction.atomic
def stream_go_live(*, stream_id: UUID, lease: UUID, actor: User | None) -> Stream:
    """Show the stream to viewers. The gate is asked again: a document may have expired since the start.

    Locks: the stream. Raises: LeaseLost, MayNotGoLive, IllegalTransition, NotThere. Announces: `stream_went_live`.
    """
    stream = _held(stream_id, lease)
    Stream.status_machine.check(stream.status, StreamStatus.LIVE)
    refuse_obstacles(stream_id=stream.pk)
    now = database_now()
    stream_move(stream, StreamStatus.LIVE, started_at=stream.started_at or now, last_heartbeat_at=now)
    stream_went_live.send(sender=Stream, actor=actor, subject=stream, changed=("status",))
    return stream


def stream_heartbeat(*, stream_id: UUID, lease: UUID) -> None:
    """Note a sign of life. One statement, no history, no announcement: it comes every few seconds.

    Raises: LeaseLost when the session does not hold the stream, or the stream is over.
    """
    alive = Stream.objects.filter(pk=stream_id, lease=lease, status__in=ON_AIR)
    if not alive.update(last_heartbeat_at=database_now()):
        raise LeaseLost(LOST)


@transaction.atomic
def stream_interrupt(*, stream_id: UUID, lease: UUID, actor: User | None, reason: str = "") -> Stream:
    """Note that nothing arrives; the place on air stays taken until the stream resumes or is over.

    Locks: the stream. Raises: LeaseLost, IllegalTransition, NotThere. Announces: `stream_interrupted`.
    """
    stream = stream_move(_held(stream_id, lease), StreamStatus.INTERRUPTED, reason=reason)
    stream_interrupted.send(sender=Stream, actor=actor, subject=stream, reason=reason, changed=("status",))
    return stream


@transaction.atomic
def stream_resume(*, stream_id: UUID, lease: UUID, actor: User | None) -> Stream:
    """Go on after an interruption. The gate is asked again.

    Locks: the stream. Raises: LeaseLost, MayNotGoLive, IllegalTransition, NotThere. Announces: `stream_resumed`.
    """
    stream = _held(stream_id, lease)
    Stream.status_machine.check(stream.status, StreamStatus.LIVE)
    if stream.status != StreamStatus.INTERRUPTED:
        raise StreamRefused("This stream was never live: it goes live, it does not resume.")
    refuse_obstacles(stream_id=stream.pk)
    stream_move(stream, StreamStatus.LIVE, last_heartbeat_at=database_now())
    stream_resumed.send(sender=Stream, actor=actor, subject=stream, changed=("status",))
    return stream


@transaction.atomic
def stream_end(
    *,
    stream_id: UUID,
    actor: User | None,
    reason: str = "",
    lease: UUID | None = None,
    expected_version: int | None = None,
) -> Stream:
    """End a stream that is on air; one that viewers never saw is aborted.

    The performer, the ingest session (which shows its lease) and moderators end streams; whether staff did is kept as
    `end_reason`. Locks: the stream. Raises: LeaseLost, IllegalTransition (it is over, or was never started), NotThere,
    StaleVersion. Announces: `stream_ended` or `stream_aborted`.
    """
    stream = locked(Stream, stream_id, expected_version=expected_version)
    if lease is not None and stream.lease != lease:
        raise LeaseLost(LOST)
    by_staff = current_role() in STAFF_ROLES
    if stream.status == StreamStatus.STARTING:
        return stream_close(stream, actor, reason, StreamEnd.STAFF if by_staff else StreamEnd.NEVER_LIVE)
    Stream.status_machine.check(stream.status, StreamStatus.ENDED)
    if stream.status == StreamStatus.SCHEDULED:
        raise StreamRefused("This stream has not begun; cancel it instead.")
    return stream_close(stream, actor, reason, StreamEnd.STAFF if by_staff else StreamEnd.PERFORMER)


@transaction.atomic
def stream_abort(
    *, stream_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Stream:
    """Cancel a stream that was not shown to viewers.

    Locks: the stream. Raises: IllegalTransition, NotThere, StaleVersion. Announces: `stream_aborted`.
    """
    stream = locked(Stream, stream_id, expected_version=expected_version)
    Stream.status_machine.check(stream.status, StreamStatus.ABORTED)
    cancelled = stream.status == StreamStatus.SCHEDULED
    return stream_close(stream, actor, reason, StreamEnd.CANCELLED if cancelled else StreamEnd.NEVER_LIVE)


@transaction.atomic
def stream_delete(*, stream_id: UUID, actor: User | None, expected_version: int | None = None) -> Stream:
    """Take a stream out of view; the row stays. A stream on air is ended first, a planned one cancelled.

    Locks: the stream. Raises: StreamRefused, NotThere, StaleVersion. Announces: `stream_deleted`.
    """
    stream = locked(Stream, stream_id, expected_version=expected_version)
    _refuse_deleted(stream)
    if stream.status == StreamStatus.SCHEDULED:
        stream = stream_close(stream, actor, "", StreamEnd.CANCELLED)
    stream.deleted_at = database_now()
    with refused_as(StreamRefused):
        stream.save(update_fields=["deleted_at"])
    stream_deleted.send(sender=Stream, actor=actor, subject=stream, changed=("deleted_at",))
    return stream


def _held(stream_id: UUID, lease: UUID) -> Stream:
    """The stream, locked, for the session that holds it."""
    stream = locked(Stream, stream_id)
    if stream.lease is None or stream.lease != lease:
        raise LeaseLost(LOST)
    return stream


def _refuse_deleted(stream: Stream) -> None:
    if stream.deleted_at is not None:
        raise NotThere("This stream was deleted.")


def stream_close(
    stream: Stream,
    actor: User | None,
    reason: str,
    why: StreamEnd,
    at: dt.datetime | None = None,
) -> Stream:
    """End a locked stream that viewers saw, abort another one; `at` is the last moment on air, None: now.

    For the services of this app, which have decided that it is over. Raises: IllegalTransition, StreamRefused.
    Announces: `stream_ended` or `stream_aborted`.
    """
    shown = stream.status in (StreamStatus.LIVE, StreamStatus.INTERRUPTED)
    stream_move(
        stream,
        StreamStatus.ENDED if shown else StreamStatus.ABORTED,
        reason=reason,
        ended_at=at or database_now(),
        end_reason=why,
        lease=None,
    )
    (stream_ended if shown else stream_aborted).send(
        sender=Stream,
        actor=actor,
        subject=stream,
        reason=reason,
        changed=("status",),
        detail={"end_reason": why.value},
    )
    return stream
