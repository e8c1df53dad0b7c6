"""What a stream is called, and what it was called at any moment."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from accounts.models import User
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from streams.announcements import stream_metadata_changed
from streams.choices import StreamStatus
from streams.errors import StreamRefused
from streams.models import Category, Stream

OVER = (StreamStatus.ENDED, StreamStatus.ARCHIVED, StreamStatus.ABORTED)


@transaction.atomic
def metadata_change(
    *,
    stream_id: UUID,
    actor: User | None,
    title: str | None = None,
    description: str | None = None,
    language: str | None = None,
    category_id: UUID | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Stream:
    """Call a stream something else, on air too; what is None stays.

    Triggers close the version that no longer holds and open the next. `category_id` becomes the primary category.
    Locks: the stream. Raises: StreamRefused (blank or malformed words, an unknown category, the stream is over, nothing
    changes), NotThere, StaleVersion. Announces: `stream_metadata_changed`.
    """
    stream = locked(Stream, stream_id, expected_version=expected_version)
    if stream.deleted_at is not None:
        raise NotThere("This stream was deleted.")
    if stream.status in OVER:
        raise StreamRefused("This stream is over; what it was called stays as it was.")
    asked: dict[str, Any] = {"title": title, "description": description, "language": language}
    changed = [name for name, value in asked.items() if value is not None and value != getattr(stream, name)]
    if changed:
        for name in changed:
            setattr(stream, name, asked[name])
        stream._change_reason = reason  # type: ignore[attr-defined]
        with refused_as(StreamRefused):
            stream.save(update_fields=changed)
    if category_id is not None and _categorise(stream, category_id):
        changed.append("category")
    if not changed:
        raise StreamRefused("Nothing would change.")
    stream_metadata_changed.send(sender=Stream, actor=actor, subject=stream, reason=reason, changed=changed)
    return stream


def _categorise(stream: Stream, category_id: UUID) -> bool:
    """Make a category the primary one of a locked stream; False when it was."""
    if not Category.objects.filter(pk=category_id).exists():
        raise StreamRefused("There is no such category. Choose one of the directory.")
    link = apps.get_model("streams", "StreamCategory")
    links = {row.category_id: row for row in link.objects.filter(stream=stream)}
    first = next((row for row in links.values() if row.is_primary), None)
    if first is not None and first.category_id == category_id:
        return False
    with refused_as(StreamRefused):
        if first is not None:
            first.is_primary = False
            first.save(update_fields=["is_primary"])
        if (row := links.get(category_id)) is not None:
            row.is_primary = True
            row.save(update_fields=["is_primary"])
        else:
            link(
                stream=stream, performer_id=stream.performer_id, category_id=category_id, is_primary=True
            ).save(force_insert=True)
    return True
