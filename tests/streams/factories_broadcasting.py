"""Streams of the tests, made by the services as those who would make them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.choices import ReleaseScope
from streams.encoding import Encoding
from streams.models import Participant, Release, Stream
from streams.services.broadcasts import stream_go_live, stream_schedule, stream_start
from streams.services.participants import participant_add
from streams.services.releases import release_record
from tests.performers.factories_admission import verified

RECORDED = Encoding(is_recorded=True)

__all__ = [
    "RECORDED",
    "as_performer",
    "live",
    "named",
    "released",
    "scheduled",
    "silenced",
    "started",
    "verified",
]


def as_performer(performer: PerformerProfile) -> Any:
    """Act as the performer."""
    return acting(Role.PERFORMER, user_id=performer.pk)


def actor_of(performer: PerformerProfile) -> User:
    """The person who performs."""
    return User.objects.get(pk=performer.pk)


def scheduled(performer: PerformerProfile, **options: Any) -> Stream:
    """A planned stream."""
    with as_performer(performer):
        return stream_schedule(
            performer_id=performer.pk, actor=actor_of(performer), **{"title": "Morning stretch", **options}
        )


def started(stream: Stream, **options: Any) -> UUID:
    """Start a stream; its lease."""
    with as_performer(stream.performer):
        return stream_start(stream_id=stream.pk, actor=actor_of(stream.performer), **options)


def live(performer: PerformerProfile | None = None, **options: Any) -> tuple[Stream, UUID]:
    """A stream on air and its lease."""
    stream = scheduled(performer or verified(), **options)
    lease = started(stream)
    with acting(Role.WORKER):
        stream_go_live(stream_id=stream.pk, lease=lease, actor=None)
    return Stream.objects.get(pk=stream.pk), lease


def silenced(stream: Stream, seconds: int) -> Stream:
    """Let the last sign of life of a stream be so many seconds ago; it went live before that."""
    spoke = timezone.now() - timedelta(seconds=seconds)
    Stream.objects.filter(pk=stream.pk, started_at__isnull=False).update(
        started_at=spoke - timedelta(minutes=5)
    )
    Stream.objects.filter(pk=stream.pk).update(last_heartbeat_at=spoke)
    return Stream.objects.get(pk=stream.pk)


def named(stream: Stream, person: PerformerProfile) -> Participant:
    """A participant who is to appear."""
    with as_performer(stream.performer):
        return participant_add(stream_id=stream.pk, person_id=person.pk, actor=actor_of(stream.performer))


def released(participant: Participant, scope: str = ReleaseScope.BROADCAST) -> Release:
    """A participant's consent, signed yesterday."""
    with acting(Role.PERFORMER, user_id=participant.performer_id):
        return release_record(
            participant_id=participant.pk,
            scope=scope,
            document="vault/releases/0001",
            signed_at=timezone.now() - timedelta(days=1),
            actor=None,
        )
