"""Signed-in devices."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.announcements import session_revoked, signed_in, signed_out
from accounts.errors import AlreadyEnded
from accounts.models import User, UserSession
from core.db.locking import locked

USED_EVERY = timedelta(minutes=5)
"""How exactly `last_used_at` is kept: a write on every request would be one too many."""


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


def session_use(session: UserSession) -> None:
    """Note that the session is in use and its person here, at most once in `USED_EVERY`."""
    now = timezone.now()
    if now - session.last_used_at >= USED_EVERY:
        UserSession.objects.filter(pk=session.pk).update(last_used_at=now)
        User.objects.filter(pk=session.user_id).update(last_seen_at=now)


def sessions_end(*, user: User, actor: User | None) -> int:
    """End every session of the person, in the name of `actor`; returns how many."""
    return (
        UserSession.objects.in_force().filter(user=user).update(revoked_at=timezone.now(), revoked_by=actor)
    )


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
