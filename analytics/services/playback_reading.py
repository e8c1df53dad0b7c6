"""What a player reports, and whether it can be: no access to the database."""

import datetime as dt
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from analytics.models.playback_event import COUNTRY, LANGUAGE, LARGEST
from analytics.playback_choices import AgeBand, DeviceClass, PlaybackEventKind, ReferrerClass, RejectionReason
from analytics.rollups.engine import Grain
from analytics.services.playback_salts import SALT_LIFE
from core.models.identity import MILLISECOND, uuid7_derived, uuid7_instant

CLOCK_TOLERANCE = dt.timedelta(seconds=5)
"""How far the clock of a player may run ahead within a play; as `analytics.playback_triggers` says it."""

STREAM_TOLERANCE = dt.timedelta(minutes=2)
"""How long after its end a stream may still be watched: players are behind by what they have buffered."""

MARGIN = dt.timedelta(minutes=1)
"""How long before its salts are destroyed a play is closed, so that no batch meets their end."""


KINDS = frozenset(PlaybackEventKind.values)
NOTHING = (None,) * 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedEvent:
    """One event of a player.

    `playback_id` is the UUIDv7 that the server issued when the play began; `offset_milliseconds` counts from then, by
    the player's monotonic clock. `viewer_id` is the person's id, or for guests the random id of the device. What
    follows after `dropped_frames` belongs to the start alone.
    """

    playback_id: UUID
    stream_id: UUID
    viewer_id: UUID
    is_signed_in: bool
    sequence: int
    offset_milliseconds: int
    kind: PlaybackEventKind | str
    stalled_milliseconds: int = 0
    bitrate: int | None = None
    errors: int = 0
    dropped_frames: int = 0
    country: str | None = None
    language: str | None = None
    device_class: DeviceClass | str | None = None
    referrer_class: ReferrerClass | str | None = None
    age_band: AgeBand | str | None = None


@dataclass(frozen=True, slots=True)
class StreamTimes:
    """When a stream could be watched."""

    started_at: dt.datetime | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound event with its id and the day of its play."""

    id: UUID
    day: dt.date
    event: ReportedEvent


@dataclass(frozen=True, slots=True)
class _Play:
    """What the id of a play says: when it began, its day, the end of it, and the id as text."""

    begun: dt.datetime
    day: dt.date
    day_ends: dt.datetime
    said: str


class Admission:
    """Decides about events of one batch, received at `now`."""

    def __init__(
        self,
        now: dt.datetime,
        streams: Mapping[UUID, StreamTimes],
        people: AbstractSet[UUID],
        *,
        is_import: bool,
    ) -> None:
        self.now, self.streams, self.people, self.is_import = now, streams, people, is_import
        self._plays: dict[UUID, _Play | None] = {}

    def placed(self, event: ReportedEvent) -> Placed | RejectionReason:
        """The event with its id, or why it is not taken: the first reason that applies, in this order."""
        if reason := _unsound(event):
            return reason
        play = self._play_of(event.playback_id)
        if play is None:
            return RejectionReason.MALFORMED
        stream = self.streams.get(event.stream_id)
        if stream is None:
            return RejectionReason.UNKNOWN_STREAM
        if event.is_signed_in and event.viewer_id not in self.people:
            return RejectionReason.UNKNOWN_VIEWER
        happened = play.begun + event.offset_milliseconds * MILLISECOND
        if happened > self.now + CLOCK_TOLERANCE:
            return RejectionReason.FUTURE
        if happened > play.day_ends:
            return RejectionReason.AFTER_DAY
        if stream.started_at is None or play.begun < _to_millisecond(stream.started_at):
            return RejectionReason.BEFORE_STREAM
        if stream.ended_at is not None and happened > stream.ended_at + STREAM_TOLERANCE:
            return RejectionReason.AFTER_STREAM
        if not self.is_import and self._is_closed(play.day_ends, stream.ended_at):
            return RejectionReason.TOO_LATE
        return Placed(uuid7_derived(play.begun, f"{play.said}:{event.sequence}"), play.day, event)

    def _play_of(self, playback_id: UUID) -> "_Play | None":
        """What the id of a play says, read once a batch; None: it is no id of a play."""
        if playback_id not in self._plays:
            self._plays[playback_id] = _read(playback_id)
        return self._plays[playback_id]

    def _is_closed(self, *ends: dt.datetime | None) -> bool:
        return any(end is not None and end + SALT_LIFE - MARGIN <= self.now for end in ends)


def _to_millisecond(instant: dt.datetime) -> dt.datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _unsound(event: ReportedEvent) -> RejectionReason | None:
    """Why it can be no event, whatever there is in the database."""
    bitrate = 0 if event.bitrate is None else event.bitrate
    numbers = (
        event.offset_milliseconds,
        event.stalled_milliseconds,
        event.errors,
        event.dropped_frames,
        bitrate,
        event.sequence,
    )
    for number in numbers:
        if type(number) is not int or number > LARGEST:
            return RejectionReason.MALFORMED
    if min(numbers[:-1]) < 0:
        return RejectionReason.NEGATIVE
    return None if event.sequence >= 1 and _is_known(event) else RejectionReason.MALFORMED


def _read(playback_id: UUID) -> _Play | None:
    try:
        begun = uuid7_instant(playback_id)
        day = Grain.DAY.floor(begun)
        # Two months of room: what lies at the very end of the calendar has no next day.
        day + dt.timedelta(days=60)
    except (ValueError, OverflowError):
        return None
    return _Play(begun, day.date(), Grain.DAY.after(day), str(playback_id))


def _is_known(event: ReportedEvent) -> bool:
    said = (event.country, event.language, event.device_class, event.referrer_class, event.age_band)
    if event.kind != PlaybackEventKind.START:
        return event.kind in KINDS and said == NOTHING
    return said == NOTHING or (
        (event.country is None or re.fullmatch(COUNTRY, event.country) is not None)
        and (event.language is None or re.fullmatch(LANGUAGE, event.language) is not None)
        and all(
            value is None or value in choices.values
            for value, choices in zip(said[2:], (DeviceClass, ReferrerClass, AgeBand), strict=True)
        )
    )
