"""Django's signals of signing in and out, kept as sessions and log-in records."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.services.sessions import session_end, session_start
from core.db.context import acting
from core.db.roles import Role


def origin(request: HttpRequest) -> tuple[str | None, str]:
    """The network address and the browser of a request.

    The address is the one that the server saw: a proxy in front sets REMOTE_ADDR (docs/operations.md).
    """
    return request.META.get("REMOTE_ADDR") or None, request.headers.get("user-agent", "")


@receiver(user_logged_in)
def remember_sign_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Begin a session on this device."""
    address, user_agent = origin(request)
    if request.session.session_key is None:
        request.session.save()
    with acting(Role.APP, user_id=user.pk):
        session_start(
            user=user,
            session_key=str(request.session.session_key),
            expires_at=request.session.get_expiry_date(),
            address=address,
            user_agent=user_agent,
        )


@receiver(user_logged_out)
def remember_sign_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    """End the session on this device."""
    if user is not None and request.session.session_key:
        with acting(Role.APP, user_id=user.pk):
            session_end(user=user, session_key=request.session.session_key)
