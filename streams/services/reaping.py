"""The reaper: streams whose ingest session fell silent are interrupted, then over."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from core.db.clock import database_now
from streams.announcements import stream_interrupted
from streams.choices import StreamEnd, StreamStatus
from streams.models import Stream
from streams.services.broadcasts import stream_close
from streams.services.moves import stream_move

SILENCE_SECONDS = 30
"""So long without a sign of life, a live stream counts as interrupted: three heartbeats of ten seconds missed."""

PATIENCE_SECONDS = 120
"""So long without a sign of life, a stream is over."""

SILENT = "No sign of life from the ingest server."


@dataclass
class Reaped:
    """What a run did: streams that were interrupted, and streams that are over."""

    interrupted: int = 0
    ended: int = 0


def streams_silent(*, silence_seconds: int, patience_seconds: int) -> list[UUID]:
    """The streams that the next batch takes, the longest silent first."""
    due = Stream.objects.silent(silence_seconds).filter(
        Q(status=StreamStatus.LIVE) | Q(pk__in=Stream.objects.silent(patience_seconds).values("pk"))
    )
    return list(due.order_by("last_heartbeat_at", "pk").values_list("pk", flat=True))


def streams_reap(
    *, silence_seconds: int = SILENCE_SECONDS, patience_seconds: int = PATIENCE_SECONDS, batch: int = 50
) -> Reaped:
    """Interrupt live streams that fell silent, and end those that stay silent; returns how many. Run as the worker.

    The end is the last sign of life. Each stream is a savepoint of its own; one that somebody is changing is left for
    the next run, and one that spoke meanwhile is let be. Raises ValueError unless patience is as long as silence.
    Announces: `stream_interrupted`, `stream_ended`, `stream_aborted`.
    """
    if not 0 < silence_seconds <= patience_seconds:
        raise ValueError(
            "A stream is interrupted before it is over: patience is at least as long as silence."
        )
    reaped = Reaped()
    for stream_id in streams_silent(silence_seconds=silence_seconds, patience_seconds=patience_seconds)[
        :batch
    ]:
        with transaction.atomic():
            _reap(stream_id, silence_seconds, patience_seconds, reaped)
    return reaped


def _reap(stream_id: UUID, silence_seconds: int, patience_seconds: int, reaped: Reaped) -> None:
    stream = (
        Stream.objects.silent(silence_seconds)
        .select_for_update(skip_locked=True)
        .filter(pk=stream_id)
        .first()
    )
    if stream is None:
        return
    if stream.status == StreamStatus.LIVE:
        stream_move(stream, StreamStatus.INTERRUPTED, reason=SILENT)
        stream_interrupted.send(sender=Stream, actor=None, subject=stream, reason=SILENT, changed=("status",))
        reaped.interrupted += 1
    last = stream.last_heartbeat_at
    if last is not None and (database_now() - last).total_seconds() > patience_seconds:
        why = StreamEnd.NEVER_LIVE if stream.status == StreamStatus.STARTING else StreamEnd.SILENCE
        stream_close(stream, None, SILENT, why, at=max(last, stream.started_at or last))
        reaped.ended += 1
