"""How far viewers have watched: written often, read by themselves alone, told to nobody."""

from uuid import UUID

from django.db import transaction

from core.db.refusals import refused_as
from streams.errors import ProgressRefused
from streams.models import Archive, ViewingProgress


@transaction.atomic
def progress_record(*, viewer_id: UUID, archive_id: UUID, seconds: int) -> None:
    """Note up to which second a viewer has watched an archive; the last word counts, also when it goes back.

    Two at once for the same archive both succeed and leave one row. Raises: ProgressRefused (no such archive for
    this viewer, a negative position, one beyond the end). Announces nothing: nobody else is to know.
    """
    performer_id = Archive.objects.filter(pk=archive_id).values_list("performer_id", flat=True).first()
    if performer_id is None:
        raise ProgressRefused("There is no such archive to watch.")
    row = ViewingProgress(
        viewer_id=viewer_id, archive_id=archive_id, performer_id=performer_id, seconds=seconds
    )
    with refused_as(ProgressRefused):
        ViewingProgress.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["viewer", "archive"], update_fields=["seconds"]
        )


@transaction.atomic
def progress_forget(*, viewer_id: UUID, archive_id: UUID | None = None) -> int:
    """Forget where a viewer was, in one archive or in all; returns how many positions."""
    rows = ViewingProgress.objects.filter(viewer_id=viewer_id)
    if archive_id is not None:
        rows = rows.filter(archive_id=archive_id)
    return rows.delete()[0]
