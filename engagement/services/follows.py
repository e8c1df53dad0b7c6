"""Following performers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.db.clock import database_now
from core.db.refusals import refused_as
from core.models.identity import uuid7
from engagement.errors import FollowRefused
from engagement.models import Follow
from engagement.tie_announcements import follow_begun, follow_ended
from engagement.tie_choices import FollowEnd, NotifyLevel

BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class NewFollow:
    """A follow from elsewhere: who follows which performer."""

    user_id: UUID
    performer_id: UUID


def _level(notify: NotifyLevel | str) -> NotifyLevel:
    try:
        return NotifyLevel(notify)
    except ValueError:
        raise FollowRefused(f"One hears of {', '.join(NotifyLevel.values)}, not of {notify!r}.") from None


def _held(performer_id: UUID, actor: User) -> Follow:
    """The person's follow in force, locked."""
    follow = (
        Follow.objects.select_for_update().in_force().filter(user=actor, performer_id=performer_id).first()
    )
    if follow is None:
        raise FollowRefused("You do not follow this performer.")
    return follow


@transaction.atomic
def follow_begin(*, performer_id: UUID, actor: User, notify: NotifyLevel | str = NotifyLevel.ALL) -> Follow:
    """Let the acting person follow a performer, from now on.

    Locks: both people against erasure, in the order of keys, and against a block of one by the other. Raises:
    FollowRefused (oneself, followed already, not public, blocked, erased). Announces: `follow_begun`.
    """
    level = _level(notify)
    follow = Follow(user=actor, performer_id=performer_id, notify=level)
    with refused_as(FollowRefused):
        follow.save(force_insert=True)
    follow_begun.send(sender=Follow, follow=follow, actor=actor)
    return follow


@transaction.atomic
def follow_end(*, performer_id: UUID, actor: User) -> Follow:
    """End the acting person's follow of a performer.

    Locks: the follow. Raises: FollowRefused (not followed). Announces: `follow_ended`.
    """
    follow = _held(performer_id, actor)
    follow.ended_at, follow.end_cause = database_now(), FollowEnd.UNFOLLOWED
    with refused_as(FollowRefused):
        follow.save(update_fields=["ended_at", "end_cause"])
    follow_ended.send(sender=Follow, follow=follow, actor=actor)
    return follow


@transaction.atomic
def follow_notify(*, performer_id: UUID, actor: User, notify: NotifyLevel | str) -> Follow:
    """Change what the acting person wants to hear of a performer they follow.

    Locks: the follow. Raises: FollowRefused (not followed, no such level).
    """
    level = _level(notify)
    follow = _held(performer_id, actor)
    follow.notify = level
    with refused_as(FollowRefused):
        follow.save(update_fields=["notify"])
    return follow


@transaction.atomic
def follows_import(*, follows: Sequence[NewFollow]) -> int:
    """Take over follows from elsewhere, many at once; returns how many are new. Runs as the worker.

    Whoever follows already, or did once and ended it here, is left as they are, so that a second run changes nothing.
    The performer need not be examined yet. Nobody is told. Locks: everybody against erasure, in the order of keys.
    Raises: FollowRefused: nothing of the batch is written then.
    """
    wanted = {(new.user_id, new.performer_id): new for new in follows}
    known = set(
        Follow.objects.filter(
            user_id__in={user for user, _ in wanted}, performer_id__in={performer for _, performer in wanted}
        ).values_list("user_id", "performer_id")
    )
    fresh = sorted(pair for pair in wanted if pair not in known)
    with refused_as(FollowRefused):
        made = Follow.objects.bulk_create(
            [Follow(id=uuid7(), user_id=user, performer_id=performer) for user, performer in fresh],
            batch_size=BATCH,
            ignore_conflicts=False,
        )
    return len(made)
