"""What a stream is called, and what it was called at any moment."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as
from streams.announcements import stream_metadata_changed
from streams.errors import StreamRefused
from streams.models import Stream, StreamCategory
from streams.models.catalogue_links import MOST_CATEGORIES
from streams.models.stream import OVER
from streams.services.catalogue_links import stream_categorise


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
    Locks: the stream. Raises: StreamRefused (blank or malformed words, the stream is over, nothing changes),
    CategoryUnknown, NotThere, StaleVersion. Announces: `stream_metadata_changed`, `stream_categorised`.
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
    if category_id is not None and _categorise(stream, category_id, actor, reason):
        changed.append("category")
    if not changed:
        raise StreamRefused("Nothing would change.")
    stream_metadata_changed.send(sender=Stream, actor=actor, subject=stream, reason=reason, changed=changed)
    return stream


def _categorise(stream: Stream, category_id: UUID, actor: User | None, reason: str) -> bool:
    """Make a category the primary one of a locked stream, before its others; False when it was."""
    links = StreamCategory.objects.filter(stream=stream).order_by("-is_primary", "pk")
    others = list(links.values_list("category_id", "is_primary"))
    if (category_id, True) in others:
        return False
    ids = [category_id, *(other for other, _ in others if other != category_id)]
    stream_categorise(stream_id=stream.pk, category_ids=ids[:MOST_CATEGORIES], actor=actor, reason=reason)
    return True
