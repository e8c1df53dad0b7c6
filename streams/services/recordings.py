"""Recordings: asked for, given files, asked about when nothing is heard of them."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from core.db.clock import database_now
from core.db.locking import locked
from core.db.refusals import refused_as
from streams.announcements import recording_given_up, recording_overdue, recording_requested
from streams.choices import RecordingProvider, RecordingStatus, VideoCodec
from streams.errors import RecordingRefused
from streams.models import Recording, Rendition, Stream
from streams.models.recording import SILENCE
from streams.models.stream import ON_AIR

SILENCE_UNTIL_POLL = timedelta(minutes=15)
"""After so long without a report the provider is asked. A recorder reports changes of state only, so that a long
recording is silent in between: the poll tells it from one whose reports were lost."""

SILENCE_UNTIL_FAILED = timedelta(hours=6)
"""After so long without an answer, with the stream over, a recording is given up."""


@transaction.atomic
def recording_request(
    *,
    stream_id: UUID,
    provider_reference: str,
    actor: User | None,
    provider: RecordingProvider | str = RecordingProvider.LIVEKIT,
) -> Recording:
    """Note that a provider was asked to record a stream; its id names the recording in every report.

    Asked again with the same id for the same stream, the recording that is there is returned. Locks: the stream.
    Raises: RecordingRefused (the id belongs to another stream, the stream never was on air, a malformed id), NotThere.
    Announces: `recording_requested`.
    """
    stream = locked(Stream, stream_id)
    known = Recording.objects.filter(provider=provider, provider_reference=provider_reference).first()
    if known is not None:
        if known.stream_id == stream.pk:
            return known
        raise RecordingRefused("This id belongs to the recording of another stream.")
    recording = Recording(
        performer_id=stream.performer_id,
        stream=stream,
        provider=provider,
        provider_reference=provider_reference,
        heard_at=database_now(),
    )
    with refused_as(RecordingRefused):
        recording.save(force_insert=True)
    recording_requested.send(
        sender=Recording, actor=actor, subject=recording, detail={"provider": str(provider)}
    )
    return recording


def recording_known(recording_id: UUID) -> Recording:
    """The recording with this id. Raises: RecordingRefused."""
    recording = Recording.objects.filter(pk=recording_id).first()
    if recording is None:
        raise RecordingRefused("There is no such recording, or your role may not see it.")
    return recording


@transaction.atomic
def rendition_add(
    *, recording_id: UUID, codec: VideoCodec | str, height: int, size_bytes: int, object_key: str
) -> Rendition:
    """Note a file of a recording: `height` in pixels, its key under `people/<id of the performer>/`.

    Raises: RecordingRefused (no such recording, there is one of this codec and height, a key of somebody else, numbers
    out of range).
    """
    recording = recording_known(recording_id)
    rendition = Rendition(
        recording=recording,
        performer_id=recording.performer_id,
        codec=codec,
        height=height,
        size_bytes=size_bytes,
        object_key=object_key,
    )
    with refused_as(RecordingRefused):
        rendition.save(force_insert=True)
    return rendition


def recordings_poll(*, silence: timedelta = SILENCE_UNTIL_POLL, batch: int = 100) -> int:
    """Mark running recordings of which nothing was heard for so long; their provider is asked. Returns how many.

    What the provider answers comes in by `recording_report_take`, as any report. Runs as the worker, every few minutes.
    Locks: the recordings, leaving out those that somebody else holds. Announces: `recording_overdue`.
    """
    with transaction.atomic():
        found = list(
            Recording.objects.overdue(silence)
            .filter(poll_requested_at__isnull=True)
            .select_for_update(skip_locked=True)[:batch]
        )
        now = database_now()
        for recording in found:
            recording.poll_requested_at = now
            recording.save(update_fields=["poll_requested_at"])
            recording_overdue.send(
                sender=Recording, actor=None, subject=recording, changed=("poll_requested_at",)
            )
    return len(found)


def recordings_give_up(*, patience: timedelta = SILENCE_UNTIL_FAILED, batch: int = 100) -> int:
    """Fail recordings whose provider was asked so long ago and never answered, once their stream is over.

    Returns how many. A report that comes after all still makes such a recording complete. Runs as the worker. Locks:
    the recordings, leaving out those that somebody else holds. Announces: `recording_given_up`.
    """
    with transaction.atomic():
        found = list(
            Recording.objects.to_poll()
            .filter(poll_requested_at__lt=Now() - patience)
            .exclude(stream__status__in=ON_AIR)
            .select_for_update(skip_locked=True, of=("self",))[:batch]
        )
        now = database_now()
        for recording in found:
            recording.status = RecordingStatus.FAILED
            recording.error_code = SILENCE
            recording.error_words = "Nothing was heard of it, and the provider did not answer."
            recording.ended_at = max(now, recording.started_at or now)
            recording.poll_requested_at = None
            recording.save(
                update_fields=["status", "error_code", "error_words", "ended_at", "poll_requested_at"]
            )
            recording_given_up.send(
                sender=Recording, actor=None, subject=recording, changed=("status", "error_code")
            )
    return len(found)
