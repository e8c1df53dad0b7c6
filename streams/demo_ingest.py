"""What an ingest server would do, for the demo: puts performers on air, gives signs of life, counts viewers.

Everything goes through the services: each performer starts her own stream, and the worker counts.
"""

import random
from collections.abc import Iterator
from itertools import cycle, islice
from uuid import UUID

from core.db.clock import database_now
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from performers.demo import admitted
from performers.models import PerformerProfile
from streams.models import Category, Stream
from streams.services.broadcasts import stream_go_live, stream_heartbeat, stream_schedule, stream_start
from streams.services.catalogue_links import stream_categorise, stream_tag
from streams.services.viewer_counts import ViewerCount, viewer_counts_record

ON_AIR = 12
TITLES = (
    ("Any percent until it works", ("speedrun", "retro")),
    ("Late night talk", ("talk", "cosy")),
    ("Painting your requests", ("art", "requests")),
    ("First time through, no hints", ("blind", "story")),
    ("Ranked with viewers", ("ranked", "viewers")),
    ("Songs by request", ("music", "requests")),
)


def go_on_air(count: int = ON_AIR) -> int:
    """Bring the number of streams on air up to `count`; returns how many began."""
    with acting(Role.WORKER):
        busy = set(Stream.objects.on_air().values_list("performer_id", flat=True))
        categories = list(
            Category.objects.listed().filter(numchild=0).order_by("pk").values_list("pk", flat=True)[:60]
        )
    free = [profile for profile in _candidates() if profile.pk not in busy]
    begun = 0
    for profile, (title, tags) in zip(free, islice(cycle(TITLES), len(free)), strict=True):
        if len(busy) + begun >= count:
            break
        try:
            _begin(profile, title, tags, categories[begun % len(categories) :][:1] if categories else [])
        except Refused:
            continue  # her documents ran out meanwhile, say; the next one takes the place
        begun += 1
    return begun


def _candidates() -> list[PerformerProfile]:
    with acting(Role.COMPLIANCE):
        return admitted(4 * ON_AIR)


def _begin(profile: PerformerProfile, title: str, tags: tuple[str, ...], categories: list[UUID]) -> None:
    with acting(Role.PERFORMER, user_id=profile.pk):
        stream = stream_schedule(
            performer_id=profile.pk,
            title=title,
            actor=profile.user,
            language=profile.user.locale.partition("-")[0],
        )
        stream_categorise(stream_id=stream.pk, category_ids=categories, actor=profile.user)
        stream_tag(stream_id=stream.pk, tags=tags, actor=profile.user)
        lease = stream_start(stream_id=stream.pk, actor=profile.user)
        stream_go_live(stream_id=stream.pk, lease=lease, actor=profile.user)


def give_signs_of_life() -> int:
    """A heartbeat of every session, and the viewers of this minute; returns how many streams are on air."""
    with acting(Role.WORKER):
        streams = list(Stream.objects.on_air().only("pk", "lease", "status"))
        for stream in streams:
            stream_heartbeat(stream_id=stream.pk, lease=stream.lease)
        viewer_counts_record(counts=list(_counts(streams)))
    return len(streams)


def _counts(streams: list[Stream]) -> Iterator[ViewerCount]:
    now = database_now()
    for stream in streams:
        regulars = 20 + stream.pk.int % 4000
        yield ViewerCount(
            stream_id=stream.pk,
            at=now,
            viewers=round(regulars * random.uniform(0.85, 1.15)),  # noqa: S311  (a demo's crowd)
        )
