"""Signed-in devices."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.announcements import session_revoked, signed_in, signed_out
from accounts.errors import AlreadyEnded
from accounts.models import User, UserSession
from core.db.locking import locked

USED_EVERY = timedelta(minutes=1)
"""How exactly `last_used_at` is kept: a write on every request would be one too many.

Idle sessions end by it, so it is much shorter than `STAFF_IDLE_SECONDS`: a session ends at that time after its last
use at the latest, and a minute before at the earliest.
"""

SEEN_EVERY = timedelta(minutes=5)
"""How exactly `User.last_seen_at` is kept."""


def session_digest(session_key: str) -> bytes:
    """The SHA-256 by which a session is known here; 32 bytes."""
    return sha256(session_key.encode()).digest()


@transaction.atomic
def session_start(
    *, user: User, session_key: str, expires_at: datetime, address: str | None, user_agent: str
) -> UserSession:
    """Note a sign-in on a device. Announces: `signed_in`."""
    session = UserSession.objects.create(
        user=user,
        token_digest=session_digest(session_key),
        address=address,
        user_agent=user_agent[:400],
        last_used_at=timezone.now(),
        expires_at=expires_at,
    )
    User.objects.filter(pk=user.pk).update(last_seen_at=session.last_used_at)
    signed_in.send(sender=UserSession, actor=user, subject=user)
    return session


def session_find(session_key: str) -> UserSession | None:
    """The session in force with this key, or None."""
    return UserSession.objects.in_force().filter(token_digest=session_digest(session_key)).first()


def session_use_is_due(session: UserSession) -> bool:
    """Whether its use was not noted for so long that it is to be noted again."""
    return timezone.now() - session.last_used_at >= USED_EVERY


def session_use(session: UserSession) -> None:
    """Note that the session is in use, at most once in `USED_EVERY`, and its person here, in `SEEN_EVERY`."""
    now = timezone.now()
    if session_use_is_due(session):
        UserSession.objects.filter(pk=session.pk).update(last_used_at=now)
        User.objects.filter(pk=session.user_id).exclude(last_seen_at__gt=now - SEEN_EVERY).update(
            last_seen_at=now
        )


def session_is_idle(session: UserSession) -> bool:
    """Whether nobody has used the session for `STAFF_IDLE_SECONDS`."""
    return timezone.now() - session.last_used_at > timedelta(seconds=settings.STAFF_IDLE_SECONDS)


def session_time_out(session: UserSession) -> None:
    """End an idle session, in nobody's name."""
    UserSession.objects.filter(pk=session.pk).update(revoked_at=timezone.now())


def session_verify(*, user: User, old_key: str, new_key: str) -> None:
    """The second factor was passed on this device, whose session has a new key since."""
    UserSession.objects.filter(user=user, token_digest=session_digest(old_key)).update(
        token_digest=session_digest(new_key), second_factor_at=timezone.now()
    )


def sessions_end(*, user: User, actor: User | None, but: str = "") -> int:
    """End every session of the person, in the name of `actor`, except that with the key `but`; returns how many."""
    return (
        UserSession.objects.in_force()
        .filter(user=user)
        .exclude(token_digest=session_digest(but))
        .update(revoked_at=timezone.now(), revoked_by=actor)
    )


@transaction.atomic
def own_sessions_end(*, user: User, but: str, user_session_id: UUID | None = None) -> int:
    """Sign oneself out of another device, or of all others; returns of how many. Announces: `session_revoked` each.

    `but` is the key of the session that stays: the one in which somebody asks for it. Locks: the sessions.
    """
    others = UserSession.objects.in_force().filter(user=user).exclude(token_digest=session_digest(but))
    if user_session_id is not None:
        others = others.filter(pk=user_session_id)
    keys = [session.pk for session in others.order_by("pk").select_for_update()]
    UserSession.objects.filter(pk__in=keys).update(revoked_at=timezone.now(), revoked_by=user)
    for _ in keys:
        session_revoked.send(sender=UserSession, actor=user, subject=user, reason="ended by its person")
    return len(keys)


@transaction.atomic
def session_end(*, user: User, session_key: str) -> None:
    """Sign out of one device. Announces: `signed_out` unless it was over."""
    ended = UserSession.objects.filter(
        user=user, token_digest=session_digest(session_key), revoked_at__isnull=True
    ).update(revoked_at=timezone.now(), revoked_by=user)
    if ended:
        signed_out.send(sender=UserSession, actor=user, subject=user)


@transaction.atomic
def session_revoke(*, user_session_id: UUID, actor: User | None, reason: str) -> UserSession:
    """Sign a person out of one device at its next request.

    Locks: the session. Raises: AlreadyEnded, NotThere. Announces: `session_revoked`.
    """
    session = locked(UserSession, user_session_id)
    if session.revoked_at is not None:
        raise AlreadyEnded("This session has ended already.")
    session.revoked_at, session.revoked_by = timezone.now(), actor
    UserSession.objects.filter(pk=session.pk).update(revoked_at=session.revoked_at, revoked_by=actor)
    session_revoked.send(
        sender=UserSession, actor=actor, subject=User.objects.get(pk=session.user_id), reason=reason
    )
    return session
