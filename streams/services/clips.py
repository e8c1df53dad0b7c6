"""Clips: made by viewers, removed by their authors, by performers or by moderators."""

from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange

from accounts.errors import OwnAccount
from accounts.models import User
from core.db.clock import database_now
from core.db.context import current_role
from core.db.locking import locked
from core.db.refusals import refused_as
from core.db.roles import STAFF_ROLES
from core.errors import NotPermitted
from streams.announcements import clip_created, clip_removed
from streams.choices import ClipStatus
from streams.errors import ClipRefused
from streams.models import Archive, Clip


@transaction.atomic
def clip_create(*, archive_id: UUID, start: int, end: int, title: str, actor: User) -> Clip:
    """Make a clip of an archive that the actor may see: from `start` to `end`, in seconds, half-open.

    Raises: ClipRefused (no such archive, beyond its end, a negative, empty, too short or too long range, a
    title that is no text). Announces: `clip_created`.
    """
    archive = Archive.objects.filter(pk=archive_id).first()
    if archive is None:
        raise ClipRefused("There is no such archive to clip.")
    if start >= end:
        raise ClipRefused("A clip ends after it begins.")
    clip = Clip(
        archive=archive,
        performer_id=archive.performer_id,
        author=actor,
        title=title,
        seconds=NumericRange(start, end),
    )
    with refused_as(ClipRefused):
        clip.save(force_insert=True)
    clip_created.send(sender=Clip, actor=actor, subject=_nameless(clip), detail={"archive": str(archive.pk)})
    return clip


@transaction.atomic
def clip_remove(
    *, clip_id: UUID, actor: User | None, reason: str = "", expected_version: int | None = None
) -> Clip:
    """Take a clip from everybody's sight: by its author, its performer, or a moderator who is neither.

    Locks: the clip. Raises: ClipRefused (removed before), OwnAccount, NotPermitted, NotThere, StaleVersion.
    Announces: `clip_removed`.
    """
    if actor is not None and current_role() in STAFF_ROLES:
        own = Clip.objects.filter(pk=clip_id).values_list("author_id", "performer_id").first()
        if own is not None and actor.pk in own:
            raise OwnAccount("Nobody decides about their own clips. Ask a colleague.")
    clip = locked(Clip, clip_id, expected_version=expected_version)
    owners = (clip.author_id, clip.performer_id)
    if current_role() not in STAFF_ROLES and actor is not None and actor.pk not in owners:
        raise NotPermitted("Only the author and the performer remove this clip.")
    if clip.status == ClipStatus.REMOVED:
        raise ClipRefused("This clip was removed before.")
    clip.status, clip.removed_by, clip.removed_at = ClipStatus.REMOVED, actor, database_now()
    clip.removal_reason = reason
    with refused_as(ClipRefused):
        clip.save(update_fields=["status", "removed_by", "removed_at", "removal_reason"])
    clip_removed.send(sender=Clip, actor=actor, subject=_nameless(clip), reason=reason, changed=("status",))
    return clip


def _nameless(clip: Clip) -> Clip:
    """The clip without its title, which is its author's and would stay in the trail."""
    return Clip(
        pk=clip.pk, archive_id=clip.archive_id, performer_id=clip.performer_id, author_id=clip.author_id
    )
