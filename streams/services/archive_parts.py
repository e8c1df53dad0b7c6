"""Captions and muted parts of archives."""

from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.context import current_role
from core.db.locking import NotThere
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES
from streams.announcements import caption_added, segment_muted
from streams.choices import CaptionKind, MuteReason
from streams.errors import ArchiveRefused
from streams.models import Archive, CaptionTrack, MutedSegment
from streams.services.archives import living, refuse_foreign, tell


@transaction.atomic
def caption_add(
    *,
    archive_id: UUID,
    language: str,
    object_key: str,
    actor: User | None,
    kind: CaptionKind | str = CaptionKind.CAPTIONS,
) -> CaptionTrack:
    """Add a track of text; its file lies under `people/<id of the performer>/`.

    Locks: the archive. Raises: ArchiveRefused (no language code, there is one already, a key of somebody else),
    NotPermitted, NotThere. Announces: `caption_added`.
    """
    archive = living(archive_id)
    refuse_foreign(archive, actor)
    track = CaptionTrack(
        archive=archive,
        performer_id=archive.performer_id,
        language=language,
        kind=kind,
        object_key=object_key,
    )
    with refused_as(ArchiveRefused):
        track.save(force_insert=True)
    tell(caption_added, archive, actor, detail={"language": language, "kind": str(kind)})
    return track


@transaction.atomic
def segment_mute(
    *,
    archive_id: UUID,
    start: int,
    end: int,
    why: MuteReason | str,
    actor: User | None,
    reason: str = "",
) -> MutedSegment:
    """Take the sound from `start` to `end`, in seconds from the beginning, half-open.

    The performer does it to her own archive, a moderator to that of somebody else, a job (None) to any. Locks: the
    archive. Raises: ArchiveRefused (an empty or negative range, beyond the end, muted already), OwnAccount,
    NotPermitted, NotThere. Announces: `segment_muted`.
    """
    archive = _mutable(archive_id, actor)
    if start >= end:
        raise ArchiveRefused("A muted part ends after it begins.")
    segment = MutedSegment(
        archive=archive, performer_id=archive.performer_id, seconds=NumericRange(start, end), why=why
    )
    with refused_as(ArchiveRefused):
        segment.save(force_insert=True)
    tell(
        segment_muted,
        archive,
        actor,
        reason=reason,
        detail={"start": start, "end": end, "why": str(why)},
    )
    return segment


def _mutable(archive_id: UUID, actor: User | None) -> Archive:
    if current_role() not in STAFF_ROLES:
        archive = living(archive_id)
        refuse_foreign(archive, actor)
        return archive
    performer_id = Archive.objects.filter(pk=archive_id).values_list("performer_id", flat=True).first()
    if performer_id is None:
        raise NotThere("There is no such archive, or it was deleted.")
    if actor is not None and actor.pk == performer_id:
        raise OwnAccount("Nobody decides about their own archives. Ask a colleague.")
    return living(archive_id)
