"""What somebody was told, and what they did with it: the list, the badge, seen, read, put away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from core.db.asking import CountUpTo, ask
from engagement.models import Notification

BADGE_LIMIT = 100
"""Where the badge stops counting: it shows 99+ then."""

PAGE = 50


@dataclass(frozen=True)
class Group:
    """What is shown together: the newest of it, and how many of the page belong to it."""

    newest: Notification
    count: int
    unread: int


def unread_badge(*, user_id: UUID) -> int:
    """How many unread notifications somebody has, at most 100; reads no more than that. One query."""
    (count,) = ask([CountUpTo(Notification.objects.unread().filter(recipient_id=user_id), BADGE_LIMIT)])
    return int(count or 0)


def badge_words(count: int) -> str:
    """What the badge shows."""
    return f"{BADGE_LIMIT - 1}+" if count >= BADGE_LIMIT else str(count)


def notifications_page(*, user_id: UUID, after: UUID | None = None, size: int = PAGE) -> list[Notification]:
    """What somebody is told, newest first, by key: one query."""
    rows = Notification.objects.shown().filter(recipient_id=user_id)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return list(rows.order_by("-pk")[:size])


def grouped(page: Sequence[Notification]) -> list[Group]:
    """A page with what belongs together put together, each in the place of its newest."""
    together: dict[str, list[Notification]] = {}
    for notification in page:
        together.setdefault(notification.group_key, []).append(notification)
    return [Group(rows[0], len(rows), sum(row.read_at is None for row in rows)) for rows in together.values()]


@transaction.atomic
def notifications_see(*, user_id: UUID, notification_ids: Iterable[UUID]) -> int:
    """Note that they were on the screen; returns how many were not before."""
    rows = Notification.objects.filter(recipient_id=user_id, pk__in=list(notification_ids))
    return int(rows.filter(seen_at__isnull=True).update(seen_at=Now()))


@transaction.atomic
def notifications_read(*, user_id: UUID, notification_ids: Iterable[UUID]) -> int:
    """Note that they were opened; returns how many were not before."""
    rows = Notification.objects.filter(recipient_id=user_id, pk__in=list(notification_ids))
    return int(rows.filter(read_at__isnull=True).update(read_at=Now()))


@transaction.atomic
def notifications_read_all(*, user_id: UUID) -> int:
    """Empty the badge; returns how many were unread."""
    return int(Notification.objects.unread().filter(recipient_id=user_id).update(read_at=Now()))


@transaction.atomic
def notifications_archive(*, user_id: UUID, notification_ids: Iterable[UUID]) -> int:
    """Put them away; returns how many were not before."""
    rows = Notification.objects.filter(recipient_id=user_id, pk__in=list(notification_ids))
    return int(rows.filter(archived_at__isnull=True).update(archived_at=Now()))
