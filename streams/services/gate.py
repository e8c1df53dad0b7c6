"""The gate before going live: everybody in the stream may perform now, and has consented.

The database keeps it too (`streams.broadcast_triggers.GoLiveGate`); here it is told in sentences, all at once.
"""

from uuid import UUID

from django.db import connection

from performers.models import PerformerProfile
from streams.errors import MayNotGoLive

CONSENT = {
    "not_released": "has not consented to being shown live; record the release first.",
    "not_released_for_recording": (
        "has not consented to being recorded; record that release too, or start without recording."
    ),
}


def stream_obstacles(*, stream_id: UUID) -> tuple[str, ...]:
    """Why the stream may not go on air now, a sentence each; empty: it may.

    Asked as the worker, or as the performer about her own streams: anything else is refused by the database.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, code FROM streams_obstacles(%s)", [stream_id])
        found = [(UUID(str(person_id)), str(code)) for person_id, code in cursor.fetchall()]
    return _in_words(found) if found else ()


def refuse_obstacles(*, stream_id: UUID) -> None:
    """Raise MayNotGoLive with every obstacle, if there is any."""
    if obstacles := stream_obstacles(stream_id=stream_id):
        raise MayNotGoLive(obstacles)


def performer_obstacles(*, performer_id: UUID) -> tuple[str, ...]:
    """Why the performer may not perform now, a sentence each; empty: she may."""
    from performers.services.admission import admission_obstacles

    found = admission_obstacles(performer_ids=[performer_id])
    return tuple(obstacle.words for obstacle in found[performer_id])


def _in_words(found: list[tuple[UUID, str]]) -> tuple[str, ...]:
    from performers.services.admission import admission_obstacles

    people = {person_id for person_id, _ in found}
    names = dict(PerformerProfile.objects.filter(pk__in=people).values_list("pk", "stage_name"))
    admission = admission_obstacles(performer_ids=people)
    sentences = []
    for person_id in sorted(people):
        name = names.get(person_id) or "A participant"
        sentences += [f"{name}: {obstacle.words}" for obstacle in admission[person_id]]
        sentences += [
            f"{name} {CONSENT[code]}" for other, code in found if other == person_id and code in CONSENT
        ]
    return tuple(sentences)
