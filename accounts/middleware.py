"""A revoked session ends at the next request, an idle one too."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.models import UserSession
from accounts.services.sessions import (
    session_find,
    session_is_idle,
    session_time_out,
    session_use,
    session_use_is_due,
)
from core.db.context import acting
from core.db.roles import Role


class SessionInForceMiddleware:
    """Sign out whoever presents a session that was revoked, has expired or idled; note the use of every other one.

    Stands after Django's AuthenticationMiddleware and before `ActingRoleMiddleware`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            session = session_find(request.session.session_key or "")
            # The login reads sessions as it reads people; what is written is written in the person's name.
            if session is None or session_is_idle(session) or session_use_is_due(session):
                with acting(Role.APP, user_id=request.user.pk):
                    self._write(request, session)
        return self.get_response(request)

    def _write(self, request: HttpRequest, session: UserSession | None) -> None:
        if session is None:
            logout(request)
        elif session_is_idle(session):
            session_time_out(session)
            logout(request)
            request.idled = True  # type: ignore[attr-defined]
        else:
            session_use(session)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Say why somebody has to sign in again: here, where messages can be left for the sign-in page."""
        if getattr(request, "idled", False):
            minutes = settings.STAFF_IDLE_SECONDS // 60
            pause = f"{minutes} minute{'' if minutes == 1 else 's'}" if minutes else "a pause"
            messages.info(
                request,
                f"You were signed out after {pause} without a click. Sign in to go on where you were.",
            )
