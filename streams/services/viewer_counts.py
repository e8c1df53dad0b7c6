"""How many watch: taken in by the minute."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from core.db.clock import database_now
from core.db.refusals import refused_as
from core.models.identity import uuid7_derived
from streams.errors import ViewerCountRefused
from streams.models import Stream, ViewerCountSample

BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class ViewerCount:
    """Viewers of a stream at the same time, in the minute (UTC) in which `at` lies."""

    stream_id: UUID
    at: dt.datetime
    viewers: int

    @property
    def minute(self) -> dt.datetime:
        """The beginning of the minute. Raises ValueError for a naive instant."""
        if self.at.tzinfo is None:
            raise ValueError(f"{self.at!r} has no time zone; a minute is of one instant.")
        return self.at.astimezone(dt.UTC).replace(second=0, microsecond=0)

    @property
    def id(self) -> UUID:
        """The id of the row: a second count of the same minute has the same."""
        return uuid7_derived(self.minute, str(self.stream_id))


@transaction.atomic
def viewer_counts_record(*, counts: Sequence[ViewerCount]) -> int:
    """Keep counts of many streams and minutes; returns how many rows are new. Run as the worker.

    The first count of a minute stays, so that a batch can be sent again. All or nothing. Raises: ViewerCountRefused (a
    negative number, a minute that has not begun, an unknown stream).
    """
    now = database_now()
    for count in counts:
        if count.viewers < 0:
            raise ViewerCountRefused(f"A number of viewers is not negative, as {count.viewers} is.")
        if count.minute > now:
            raise ViewerCountRefused(f"The minute of {count.at.isoformat()} has not begun.")
    performers = dict(
        Stream.all_objects.filter(pk__in={count.stream_id for count in counts}).values_list(
            "pk", "performer_id"
        )
    )
    for count in counts:
        if count.stream_id not in performers:
            raise ViewerCountRefused(f"There is no stream {count.stream_id}.")
    rows = {
        count.id: ViewerCountSample(
            id=count.id,
            stream_id=count.stream_id,
            performer_id=performers[count.stream_id],
            viewers=count.viewers,
        )
        for count in reversed(counts)
    }
    if not rows:
        return 0
    known = set(
        ViewerCountSample.objects.filter(
            id__gte=min(rows), id__lte=max(rows), stream_id__in=performers, id__in=rows
        ).values_list("pk", flat=True)
    )
    fresh = [row for key, row in sorted(rows.items()) if key not in known]
    with refused_as(ViewerCountRefused):
        ViewerCountSample.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    return len(fresh)
