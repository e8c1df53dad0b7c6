"""Recordings and archives, written as the owner: valid rows, without the services under test."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.models import User
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from streams.models import Archive, Clip, Recording, Rendition, Stream
from streams.services.archive_decisions import archive_approve, archive_remove
from streams.services.archives import archive_create, archive_publish
from tests.accounts.factories import UserFactory, letters

BEGAN = datetime(2026, 3, 1, 20, tzinfo=UTC)
LENGTH = 3600
"""Seconds of every archive made here."""

_numbers = count(1)


def make_performer(user: User | None = None) -> PerformerProfile:
    """A verified performer."""
    user = user or UserFactory()
    name = f"Star {letters(next(_numbers))}"
    profile = PerformerProfile.objects.create(
        id=user.pk, user=user, stage_name=name, slug=name.lower().replace(" ", "-")
    )
    for change in (
        {"status": "submitted", "submitted_at": BEGAN},
        {"status": "verified", "verified_at": BEGAN},
    ):
        PerformerProfile.objects.filter(pk=profile.pk).update(**change)
    return PerformerProfile.objects.get(pk=profile.pk)


def make_stream(performer: PerformerProfile | None = None, **fields: Any) -> Stream:
    """A stream that is over."""
    stream = Stream.objects.create(
        performer=performer or make_performer(), **{"title": "An evening", **fields}
    )
    rows = Stream.objects.filter(pk=stream.pk)
    lease = {"lease": stream.pk, "last_heartbeat_at": BEGAN}
    rows.update(status="starting", **lease)
    rows.update(status="live", started_at=BEGAN)
    end = {"ended_at": BEGAN + timedelta(hours=1), "end_reason": "performer"}
    rows.update(status="ended", lease=None, last_heartbeat_at=None, **end)
    return rows.get()


def make_recording(
    performer: PerformerProfile | None = None, status: str = "complete", **fields: Any
) -> Recording:
    """A recording of an hour, in any state that the machine leads to."""
    stream = fields.pop("stream", None) or make_stream(performer)
    recording = Recording.objects.create(
        performer_id=stream.performer_id,
        stream=stream,
        provider_reference=f"EG_{letters(next(_numbers))}",
        started_at=BEGAN,
    )
    changes: dict[str, Any] = {"status": status, **fields}
    if status not in ("starting", "active", "ending"):
        changes.setdefault("ended_at", BEGAN + timedelta(seconds=LENGTH))
    if status == "failed":
        changes.setdefault("error_code", "disk_full")
    Recording.objects.filter(pk=recording.pk).update(**changes)
    return Recording.objects.get(pk=recording.pk)


def key_of(performer_id: Any, name: str = "") -> str:
    """A key in the folder of a performer that nobody else has."""
    return f"people/{performer_id}/archives/{name or letters(next(_numbers))}.mp4"


def make_rendition(recording: Recording, height: int = 720, codec: str = "h264", **fields: Any) -> Rendition:
    """A file of a recording."""
    values = {"object_key": key_of(recording.performer_id), "size_bytes": 10**9, **fields}
    return Rendition.objects.create(
        recording=recording, performer_id=recording.performer_id, codec=codec, height=height, **values
    )


def make_archive(
    performer: PerformerProfile | None = None,
    status: str = "published",
    title: str = "An evening",
    **fields: Any,
) -> Archive:
    """An archive by way of the services: pending, approved, published (approved and out), removed; then `fields`."""
    recording = make_recording(performer)
    make_rendition(recording)
    with acting(Role.WORKER):
        archive = archive_create(recording_id=recording.pk, actor=None, title=title)
        if status != "pending":
            archive_approve(archive_id=archive.pk, actor=None, reason="imported")
        if status == "published":
            archive_publish(archive_id=archive.pk, actor=None)
        if status == "removed":
            archive_remove(archive_id=archive.pk, actor=None, reason="imported")
    if fields:
        Archive.all_objects.filter(pk=archive.pk).update(**fields)
    return Archive.all_objects.get(pk=archive.pk)


def make_clip(
    archive: Archive, author: User | None = None, start: int = 10, end: int = 40, **fields: Any
) -> Clip:
    """A clip of half a minute."""
    return Clip.objects.create(
        archive=archive,
        performer_id=archive.performer_id,
        author=author or UserFactory(),
        title=fields.pop("title", "The best of it"),
        seconds=NumericRange(start, end),
        **fields,
    )
