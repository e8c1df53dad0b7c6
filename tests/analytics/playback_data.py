"""Plays of the tests: a stream, its players, and what they report."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from analytics.services.playback_ingestion import Ingested, playback_events_record
from analytics.services.playback_reading import ReportedEvent
from core.models.identity import uuid7_derived
from streams.models import Stream
from tests.analytics.rolling import run_all
from tests.streams.factories_watching import performer, stream

HALF_MINUTE = 30_000


def morning() -> dt.datetime:
    """Yesterday, eight in the morning (UTC): late events of that day are still taken."""
    today = timezone.now().astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - dt.timedelta(hours=16)


def broadcast(began: dt.datetime | None = None, **fields: Any) -> Stream:
    """A stream that is on air since then."""
    began = began or morning()
    return stream(performer(), status="live", started_at=began, **fields)


def play_at(instant: dt.datetime) -> UUID:
    """The id of a play that begins then."""
    return uuid7_derived(instant, str(uuid4()))


def event(
    play: UUID,
    of: Stream | UUID,
    viewer: UUID,
    sequence: int,
    offset: int,
    kind: str = "heartbeat",
    **said: Any,
) -> ReportedEvent:
    """One event of a guest's player, `offset` milliseconds after the play began."""
    return ReportedEvent(
        playback_id=play,
        stream_id=of if isinstance(of, UUID) else of.pk,
        viewer_id=viewer,
        sequence=sequence,
        offset_milliseconds=offset,
        kind=kind,
        **{"is_signed_in": False, **said},
    )


def watching(
    play: UUID, of: Stream, viewer: UUID, *, seconds: int, start: dict[str, Any] | None = None, **said: Any
) -> list[ReportedEvent]:
    """Start, a heartbeat each half minute, and stop."""
    ends = seconds * 1000
    beats = range(HALF_MINUTE, ends, HALF_MINUTE)
    return [
        event(play, of, viewer, 1, 0, "start", **said, **(start or {})),
        *(event(play, of, viewer, number, beat, **said) for number, beat in enumerate(beats, 2)),
        event(play, of, viewer, len(beats) + 2, ends, "stop", **said),
    ]


def record(events: Sequence[ReportedEvent]) -> Ingested:
    """Send a batch."""
    return playback_events_record(events=events)


def roll_up() -> None:
    """Compute everything that is committed."""
    run_all()
