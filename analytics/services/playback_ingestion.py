"""Events of players taken in: in bulk, each once, and what cannot be is counted and leaves the rest alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from accounts.models import User
from analytics.models import PlaybackViewer
from analytics.playback_choices import RejectionReason
from analytics.rollups.engine import Touch
from analytics.rollups.viewer_sessions import NAME, bucket_of
from analytics.services.playback_reading import Admission, Placed, ReportedEvent, StreamTimes
from analytics.services.playback_salts import Salts, salts_derived, salts_take
from analytics.services.rollups import touches_record
from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from streams.models import Stream

AT_ONCE = 5_000
"""Events that one statement writes."""

WRITE = """
INSERT INTO analytics_playbackevent (
  id, playback, stream_id, sequence, offset_milliseconds, kind, day_key, stream_key, is_signed_in, stalled_milliseconds,
  bitrate, errors, dropped_frames, country, language, device_class, referrer_class, age_band
)
SELECT u.* FROM unnest(
  %s::uuid[], %s::uuid[], %s::uuid[], %s::integer[], %s::integer[], %s::text[], %s::uuid[], %s::uuid[], %s::boolean[],
  %s::integer[], %s::integer[], %s::integer[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]
) u
ON CONFLICT DO NOTHING
RETURNING id
"""
REJECT = """
INSERT INTO analytics_playbackrejection AS r (id, day, stream_id, reason, events)
SELECT uuidv7(), %s, u.stream, u.reason, u.events FROM unnest(%s::uuid[], %s::text[], %s::bigint[])
  u (stream, reason, events)
ORDER BY u.stream, u.reason
ON CONFLICT (day, stream_id, reason) DO UPDATE SET events = r.events + excluded.events
"""


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What became of a batch: events that are new, and by reason those that were not taken."""

    taken: int
    rejected: Mapping[RejectionReason, int]

    @property
    def sent(self) -> int:
        """All events of the batch; none is lost between the two."""
        return self.taken + sum(self.rejected.values())


@transaction.atomic
def playback_events_record(*, events: Iterable[ReportedEvent]) -> Ingested:
    """Take events of any plays, in any order and as often as they are sent; what cannot be taken is counted by reason.

    Each event is one row, whoever sends it how often. The plays of new ones are touched, so that their sessions are
    computed anew. Runs as the worker. Locks: the counters of rejections, in order, at the end. Raises: IntegrityError
    when somebody is erased meanwhile: send the batch again.
    """
    with acting(Role.WORKER):
        batch = _Batch(list(events), is_import=False)
        salts = salts_take(days=batch.days, stream_ids=batch.stream_ids)
        taken = batch.write(salts)
        PlaybackViewer.objects.bulk_create(batch.links(), ignore_conflicts=True, batch_size=AT_ONCE)
        return batch.report(taken)


@transaction.atomic
def playback_events_import(*, events: Iterable[ReportedEvent], secret: bytes) -> Ingested:
    """Take events of the past, such as those of a public data set, whose viewers are nobody.

    As `playback_events_record`, without end of the time in which they may come; keys follow from `secret`, which is
    kept nowhere, and nothing leads from a play to a person. The partitions of their days must be there. Runs as the
    worker.
    """
    with acting(Role.WORKER):
        batch = _Batch(list(events), is_import=True)
        taken = batch.write(salts_derived(secret=secret, days=batch.days, stream_ids=batch.stream_ids))
        return batch.report(taken)


class _Batch:
    """Events of one call: those that are sound, each once and in order, and the reasons of the others."""

    def __init__(self, events: list[ReportedEvent], *, is_import: bool) -> None:
        self.now = database_now()
        self.rejected: Counter[tuple[UUID | None, RejectionReason]] = Counter()
        streams = _streams(event.stream_id for event in events)
        admission = Admission(self.now, streams, _people(events), is_import=is_import)
        sound: dict[UUID, Placed] = {}
        for event in events:
            placed = admission.placed(event)
            if isinstance(placed, RejectionReason):
                self._reject(event.stream_id if event.stream_id in streams else None, placed)
            elif placed.id in sound:
                self._reject(event.stream_id, RejectionReason.REPEATED)
            else:
                sound[placed.id] = placed
        self.sound = [sound[key] for key in sorted(sound)]
        self.days = {placed.day for placed in self.sound}
        self.stream_ids = {placed.event.stream_id for placed in self.sound}

    def _reject(self, stream_id: UUID | None, reason: RejectionReason) -> None:
        self.rejected[stream_id, reason] += 1

    def links(self) -> list[PlaybackViewer]:
        """Who plays what, of people with an account; in order."""
        viewers = {
            placed.event.playback_id: placed.event for placed in self.sound if placed.event.is_signed_in
        }
        return [
            PlaybackViewer(id=play, user_id=event.viewer_id, stream_id=event.stream_id)
            for play, event in sorted(viewers.items())
        ]

    def write(self, salts: Salts) -> int:
        """Write what is new, touch its plays, and count what is there already; how many are new."""
        taken: set[UUID] = set()
        rows = iter(self.sound)
        while chunk := list(islice(rows, AT_ONCE)):
            with connection.cursor() as cursor:
                cursor.execute(WRITE, _columns(chunk, salts))
                taken.update(key for (key,) in cursor.fetchall())
        plays = set()
        for placed in self.sound:
            if placed.id in taken:
                plays.add(placed.event.playback_id)
            else:
                self._reject(placed.event.stream_id, RejectionReason.REPEATED)
        touched = (bucket_of(play) for play in plays)
        touches_record(touches=[Touch(NAME, bucket.subject, bucket.start) for bucket in touched])
        return len(taken)

    def report(self, taken: int) -> Ingested:
        """Count what was not taken, and say what became of the batch."""
        if self.rejected:
            of = list(self.rejected.items())
            with connection.cursor() as cursor:
                cursor.execute(
                    REJECT,
                    [
                        self.now.date(),
                        [stream for (stream, _), _ in of],
                        [str(reason) for (_, reason), _ in of],
                        [count for _, count in of],
                    ],
                )
        by_reason: Counter[RejectionReason] = Counter()
        for (_, reason), count in self.rejected.items():
            by_reason[reason] += count
        return Ingested(taken=taken, rejected=dict(by_reason))


def _streams(stream_ids: Iterator[UUID] | Iterable[UUID]) -> dict[UUID, StreamTimes]:
    rows = Stream.all_objects.filter(pk__in=set(stream_ids)).values_list("pk", "started_at", "ended_at")
    return {key: StreamTimes(started_at, ended_at) for key, started_at, ended_at in rows}


def _people(events: list[ReportedEvent]) -> set[UUID]:
    asked = {event.viewer_id for event in events if event.is_signed_in}
    return set(User.objects.filter(pk__in=asked, erased_at__isnull=True).values_list("pk", flat=True))


def _columns(chunk: Sequence[Placed], salts: Salts) -> list[list[object]]:
    rows = []
    for placed in chunk:
        event = placed.event
        keys = salts.keys(placed.day, event.stream_id, event.viewer_id)
        rows.append(
            (
                placed.id,
                event.playback_id,
                event.stream_id,
                event.sequence,
                event.offset_milliseconds,
                str(event.kind),
                keys.day,
                keys.stream,
                event.is_signed_in,
                event.stalled_milliseconds,
                event.bitrate,
                event.errors,
                event.dropped_frames,
                event.country,
                event.language,
                event.device_class and str(event.device_class),
                event.referrer_class and str(event.referrer_class),
                event.age_band and str(event.age_band),
            )
        )
    return [list(column) for column in zip(*rows, strict=True)]
