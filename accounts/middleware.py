"""A revoked session ends at the next request."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.models import UserSession
from accounts.services.sessions import session_find, session_renew, session_use
from core.db.context import acting
from core.db.roles import Role


class SessionInForceMiddleware:
    """Sign out whoever presents a session that was revoked or has expired; note the use of every other one.
    A device whose session key Django changes stays signed in under the new key.

    Stands after Django's AuthenticationMiddleware and before `ActingRoleMiddleware`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session, key = None, request.session.session_key or ""
        if request.user.is_authenticated:
            with acting(Role.APP, user_id=request.user.pk):
                session = session_find(key)
                if session is None:
                    logout(request)
                else:
                    session_use(session)
        response = self.get_response(request)
        if session is not None and request.user.pk == session.user_id:
            self._follow(session, key, request.session.session_key or "")
        return response

    def _follow(self, session: UserSession, before: str, after: str) -> None:
        if after and after != before:
            with acting(Role.APP, user_id=session.user_id):
                session_renew(session=session, session_key=after)
