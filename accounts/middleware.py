"""A revoked session ends at the next request."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from accounts.services.sessions import session_find, session_use
from core.db.context import acting
from core.db.roles import Role


class SessionInForceMiddleware:
    """Sign out whoever presents a session that was revoked or has expired; note the use of every other one.

    Stands after Django's AuthenticationMiddleware and before `ActingRoleMiddleware`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            with acting(Role.APP, user_id=request.user.pk):
                session = session_find(request.session.session_key or "")
                if session is None:
                    logout(request)
                else:
                    session_use(session)
        return self.get_response(request)
