"""Pictures of profiles: added by people, shown once a moderator approved them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.announcements import (
    gallery_ordered,
    media_added,
    media_approved,
    media_rejected,
    media_withdrawn,
)
from accounts.choices import MediaKind, MediaStatus, MediaType
from accounts.errors import MediaRefused, OwnAccount
from accounts.models import ProfileMedia, User
from accounts.models.profile_media import GALLERY_PLACES
from core.db.locking import NotThere, locked
from core.db.refusals import refused_as

LIVING = (MediaStatus.PENDING, MediaStatus.APPROVED)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that lies in object storage. `sha256` has 32 bytes; sides are in pixels."""

    kind: MediaKind
    object_key: str
    sha256: bytes
    size_bytes: int
    media_type: MediaType
    width: int
    height: int


def object_folder(user_id: UUID) -> str:
    """Where the objects of a person lie; every key begins with it."""
    return f"people/{user_id}/"


@transaction.atomic
def media_add(*, user_id: UUID, picture: Picture, actor: User | None) -> ProfileMedia:
    """Add a picture, which waits for a moderator; an avatar or cover that waits already is withdrawn for it.

    Locks: the person's pictures of the kind. Raises: MediaRefused (too large, not in the person's folder, the
    gallery is full). Announces: `media_added`.
    """
    kind = MediaKind(picture.kind)
    position = _free_place(user_id) if kind is MediaKind.GALLERY else None
    if kind is not MediaKind.GALLERY:
        for waiting in ProfileMedia.objects.waiting().filter(user_id=user_id, kind=kind).select_for_update():
            waiting.status = MediaStatus.WITHDRAWN
            waiting.save(update_fields=["status"])
    media = ProfileMedia(
        user_id=user_id,
        kind=kind,
        object_key=picture.object_key,
        sha256=picture.sha256,
        size_bytes=picture.size_bytes,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        position=position,
    )
    with refused_as(MediaRefused):
        media.save(force_insert=True)
    media_added.send(
        sender=ProfileMedia, actor=actor, subject=User.objects.get(pk=user_id), detail={"kind": kind.value}
    )
    return media


def _free_place(user_id: UUID) -> int:
    taken = set(
        ProfileMedia.objects.filter(user_id=user_id, kind=MediaKind.GALLERY, status__in=LIVING).values_list(
            "position", flat=True
        )
    )
    if len(taken) >= GALLERY_PLACES:
        raise MediaRefused(f"A gallery holds {GALLERY_PLACES} pictures. Withdraw one first.")
    return next(place for place in range(2 * GALLERY_PLACES) if place not in taken)


def _decide(
    media_id: UUID, status: MediaStatus, actor: User, reason: str, expected_version: int | None
) -> ProfileMedia:
    media = locked(ProfileMedia, media_id, expected_version=expected_version)
    if actor.pk == media.user_id:
        raise OwnAccount("Nobody decides about their own pictures. Ask a colleague.")
    ProfileMedia.status_machine.check(media.status, status)
    media.status, media.decided_by, media.decided_at = status, actor, timezone.now()
    media.decision_reason = reason
    return media


DECIDED = ("status", "decided_by", "decided_at", "decision_reason")


@transaction.atomic
def media_approve(
    *, profile_media_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ProfileMedia:
    """Show a picture; an avatar or cover takes the place of the one shown before.

    Locks: the picture, then the one shown. Raises: OwnAccount, IllegalTransition, MediaRefused, NotThere, StaleVersion.
    Announces: `media_approved`.
    """
    media = _decide(profile_media_id, MediaStatus.APPROVED, actor, reason, expected_version)
    if media.kind != MediaKind.GALLERY:
        for shown in (
            ProfileMedia.objects.shown().filter(user_id=media.user_id, kind=media.kind).select_for_update()
        ):
            shown.status = MediaStatus.REPLACED
            shown.save(update_fields=["status"])
    with refused_as(MediaRefused):
        media.save(update_fields=DECIDED)
    _tell(media_approved, media, actor, reason)
    return media


@transaction.atomic
def media_reject(
    *, profile_media_id: UUID, actor: User, reason: str, expected_version: int | None = None
) -> ProfileMedia:
    """Do not show a picture, or not any more.

    Locks: the picture. Raises: OwnAccount, IllegalTransition, MediaRefused, NotThere, StaleVersion.
    Announces: `media_rejected`.
    """
    media = _decide(profile_media_id, MediaStatus.REJECTED, actor, reason, expected_version)
    with refused_as(MediaRefused):
        media.save(update_fields=DECIDED)
    _tell(media_rejected, media, actor, reason)
    return media


@transaction.atomic
def media_withdraw(*, profile_media_id: UUID, actor: User | None) -> ProfileMedia:
    """Take one's own picture back. Locks: the picture. Raises: IllegalTransition, NotThere.

    Announces: `media_withdrawn`.
    """
    media = locked(ProfileMedia, profile_media_id)
    ProfileMedia.status_machine.check(media.status, MediaStatus.WITHDRAWN)
    media.status = MediaStatus.WITHDRAWN
    media.save(update_fields=["status"])
    _tell(media_withdrawn, media, actor, "")
    return media


def _tell(announcement, media: ProfileMedia, actor: User | None, reason: str) -> None:  # type: ignore[no-untyped-def]
    announcement.send(
        sender=ProfileMedia,
        actor=actor,
        subject=User.objects.get(pk=media.user_id),
        reason=reason,
        changed=("status",),
        detail={"kind": media.kind, "picture": str(media.pk)},
    )


@transaction.atomic
def gallery_order(*, user_id: UUID, media_ids: Sequence[UUID], actor: User | None) -> None:
    """Put the pictures of a gallery in this order. Locks: the gallery, in the order of keys.

    Raises: MediaRefused unless exactly the pictures of the gallery are named, each once; NotThere for an empty one.
    Announces: `gallery_ordered`.
    """
    gallery = list(
        ProfileMedia.objects.filter(user_id=user_id, kind=MediaKind.GALLERY, status__in=LIVING)
        .order_by("pk")
        .select_for_update()
    )
    if not gallery:
        raise NotThere("There is no picture in this gallery.")
    if sorted(media_ids) != sorted(media.pk for media in gallery):
        raise MediaRefused("Name every picture of the gallery once; it changed meanwhile. Look at it again.")
    places = {key: place for place, key in enumerate(media_ids)}
    # The upper half of the places is free for moving: no two pictures may share one on the way.
    used = {media.position for media in gallery}
    parking = [place for place in range(2 * GALLERY_PLACES) if place not in used and place >= len(gallery)]
    with refused_as(MediaRefused):
        for media, place in zip(gallery, parking, strict=False):
            ProfileMedia.objects.filter(pk=media.pk).update(position=place)
        for media in gallery:
            ProfileMedia.objects.filter(pk=media.pk).update(position=places[media.pk])
    gallery_ordered.send(
        sender=ProfileMedia, actor=actor, subject=User.objects.get(pk=user_id), changed=("position",)
    )
