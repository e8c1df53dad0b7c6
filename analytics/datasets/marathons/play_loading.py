"""The plays of a marathon into the ordinary ingestion, whole plays at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from uuid import UUID

from analytics.datasets.marathons.generation import plays_of
from analytics.datasets.marathons.plays import Play
from analytics.datasets.marathons.standing import DAY, Standing
from analytics.errors import OtherPlaysThere
from analytics.models import PlaybackEvent
from analytics.services.playback_ingestion import playback_events_import
from analytics.services.playback_reading import ReportedEvent
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7_derived, uuid7_floor
from streams.datasets.marathon_streams import SET

EVENTS_AT_ONCE = 20_000
"""About so many events are one transaction."""


@dataclass
class Loaded:
    """What was handed to the ingestion, and what it did not take."""

    plays: int = 0
    events: int = 0
    there_before: int = 0
    rejected: int = 0


def reported(play: Play, *, stream_id: UUID, heartbeat: int) -> Iterator[ReportedEvent]:
    """The events of a play as its player sends them."""
    playback_id, viewer = play.id, play.viewer
    for event in play.events(heartbeat):
        is_start = event.sequence == 1
        yield ReportedEvent(
            playback_id=playback_id,
            stream_id=stream_id,
            viewer_id=viewer.person or viewer.device,
            is_signed_in=viewer.person is not None,
            sequence=event.sequence,
            offset_milliseconds=event.offset,
            kind=event.kind,
            stalled_milliseconds=event.stalled,
            bitrate=event.bitrate,
            errors=event.errors,
            dropped_frames=event.dropped,
            country=viewer.country if is_start else None,
            language=viewer.language if is_start else None,
            device_class=play.device_class if is_start else None,
            referrer_class=play.referrer_class if is_start else None,
            age_band=viewer.age_band if is_start else None,
        )


def marathon_plays_load(
    *,
    standing: Standing,
    scale: Fraction,
    seed: int,
    since: date,
    until: date,
    heartbeat: int,
    people: list[UUID],
    progress: Callable[[Loaded], None] = lambda loaded: None,
) -> Loaded:
    """Have the plays of days (UTC) taken in; those that are there are not sent again.

    A batch of whole plays is a transaction: ended anywhere and called again, it goes on where it was. The partitions of
    the days must be there. Raises: OtherPlaysThere, where a day holds plays of another seed or scale: twice as many
    would watch.
    """
    loaded, asked = Loaded(), set[date]()
    plays = plays_of(
        standing.curve,
        scale=scale,
        seed=seed,
        moved=standing.moved,
        people=people,
        since=since,
        until=until,
    )
    for batch in _batches(plays, heartbeat):
        with acting(Role.WORKER):
            there = _there(batch)
            _refuse_others(standing, batch, there, asked)
            missing = [play for play in batch if play.id not in there]
            events = [
                event
                for play in missing
                for event in reported(play, stream_id=standing.stream.pk, heartbeat=heartbeat)
            ]
            taken = playback_events_import(events=events, secret=f"{SET}:{seed}".encode())
        loaded.plays += len(missing)
        loaded.there_before += len(there)
        loaded.events += taken.taken
        loaded.rejected += sum(taken.rejected.values())
        progress(loaded)
    return loaded


def _batches(plays: Iterator[Play], heartbeat: int) -> Iterator[list[Play]]:
    batch, events = [], 0
    for play in plays:
        batch.append(play)
        events += 2 + (play.end - play.start) // (heartbeat * 1000)
        if events >= EVENTS_AT_ONCE:
            yield batch
            batch, events = [], 0
    if batch:
        yield batch


def _there(batch: list[Play]) -> set[UUID]:
    """The plays whose start was taken before; all of a play is, since it is sent in one transaction."""
    starts = {uuid7_derived(play.started_at, f"{play.id}:1"): play.id for play in batch}
    found = PlaybackEvent.objects.filter(
        id__gte=min(starts), id__lte=max(starts), id__in=list(starts)
    ).values_list("id", flat=True)
    return {starts[key] for key in found}


def _refuse_others(standing: Standing, batch: list[Play], there: set[UUID], asked: set[date]) -> None:
    """A day that is met for the first time holds some of these plays, or none at all of the stream."""
    ours = {play.started_at.date() for play in batch if play.id in there}
    for day in sorted({play.started_at.date() for play in batch} - asked):
        asked.add(day)
        begins = datetime.combine(day, time(), UTC)
        others = PlaybackEvent.objects.filter(
            id__gte=uuid7_floor(begins), id__lt=uuid7_floor(begins + DAY), stream=standing.stream
        )
        if day not in ours and others.exists():
            raise OtherPlaysThere(
                f"{day:%Y-%m-%d} of {standing.title} holds other plays, of another seed or scale perhaps. "
                "Use those of before: two audiences would watch at once."
            )
