"""A play and the events that its player sends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from analytics.datasets.marathons.curves import EPOCH
from analytics.datasets.marathons.people import Viewer
from analytics.playback_choices import DeviceClass, PlaybackEventKind, ReferrerClass
from core.models.identity import uuid7_derived
from streams.datasets.marathon_streams import SET

HEARTBEAT = 30
"""Seconds between two heartbeats of a player."""

LONGEST_HEARTBEAT = 90
"""An event proves watching back to the one before it if that is at most so many seconds earlier."""

BITRATES = (1_500, 2_500, 4_500, 6_000)
"""Kilobits per second of the renditions."""

VANISHING = 0.05
"""This share of plays has no stop: the player was killed, and is last heard of by a heartbeat."""

SEEKING = 0.01
STALLING = 0.02
FAILING = 0.001
"""Shares of signs of life that are a seek, that tell of stalling, that tell of an error."""

MOST_STALLED = 4_000
MOST_DROPPED = 90


@dataclass(frozen=True, slots=True)
class Event:
    """What a player tells: when, by its own clock since the start of the play, and how well it plays.

    `offset` and `stalled` are milliseconds, the latter since the event before; `bitrate` is in kilobits per second.
    """

    sequence: int
    kind: PlaybackEventKind
    offset: int
    stalled: int
    bitrate: int
    errors: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Play:
    """What one player does with the stream within one UTC day.

    Times are milliseconds since 1970 (UTC). `silences` are pairs: the player is heard of at the first and not again
    before the second. Everything else about the play follows from it.
    """

    event: str
    number: int
    seed: int
    scale: str
    viewer: Viewer
    device_class: DeviceClass
    referrer_class: ReferrerClass
    start: int
    end: int
    silences: tuple[tuple[int, int], ...] = ()

    @property
    def started_at(self) -> datetime:
        """The start; the id carries the same instant."""
        return EPOCH + timedelta(milliseconds=self.start)

    @property
    def id(self) -> UUID:
        """The id that the same run always gives."""
        return uuid7_derived(
            self.started_at, SET, "play", self.event, str(self.seed), self.scale, str(self.number)
        )

    def watched(self) -> list[tuple[int, int]]:
        """Half-open ranges in which the events prove that somebody watched."""
        ranges, since = [], self.start
        for left, back in self.silences:
            ranges.append((since, left))
            since = back
        return [*ranges, (since, self.end)]

    def events(self, heartbeat: int = HEARTBEAT) -> Iterator[Event]:
        """What the player sends, a sign of life at least every `heartbeat` seconds except in silences."""
        chance = Random(f"{self.event}:{self.seed}:{self.number}")  # noqa: S311 - invented players, no secret
        bitrate = BITRATES[int(chance.random() * len(BITRATES))]
        vanishes = chance.random() < VANISHING
        offsets = list(self._offsets(heartbeat * 1000))
        for sequence, offset in enumerate(offsets, 1):
            luck = chance.random()
            stalls = sequence > 1 and luck < STALLING
            if sequence == 1:
                kind = PlaybackEventKind.START
            elif sequence == len(offsets):
                kind = PlaybackEventKind.HEARTBEAT if vanishes else PlaybackEventKind.STOP
            else:
                kind = PlaybackEventKind.SEEK if luck > 1 - SEEKING else PlaybackEventKind.HEARTBEAT
            room = offset - offsets[sequence - 2] if sequence > 1 else 0
            yield Event(
                sequence,
                kind,
                offset,
                min(room, int(chance.random() * MOST_STALLED)) if stalls else 0,
                bitrate,
                int(sequence > 1 and luck < FAILING),
                int(chance.random() * MOST_DROPPED) if stalls else 0,
            )

    def _offsets(self, every: int) -> Iterator[int]:
        for since, until in self.watched():
            yield from range(since - self.start, until - self.start, every)
            yield until - self.start
