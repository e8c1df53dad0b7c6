"""One request, one transaction, one acting role.

The transaction surrounds the whole response: Django's ATOMIC_REQUESTS ends before the admin's template
responses render, and they would read as the login role.
"""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from core.db.context import acting
from core.db.roles import STAFF_ROLES, Role
from core.middleware.second_factor import second_factor_passed

request_denied = Signal()
"""Sent after the transaction of a refused request was rolled back: `request`, `response`. Listeners record
the denial in a transaction of their own."""

SESSION_KEY = "acting_role"
View = TypeVar("View", bound=Callable[..., Any])


def as_login_role(view: View) -> View:
    """Mark a view that runs as the login role: signing in and out, second factor, password, role switch."""
    view.runs_as_login_role = True  # type: ignore[attr-defined]
    return view


def _runs_as_login_role(request: HttpRequest) -> bool:
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return True
    while view is not None:
        if getattr(view, "runs_as_login_role", False):
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def role_in_force(request: HttpRequest) -> Role | None:
    """The role that the session names, if the person still holds it; None for everybody else.

    Nobody acts in a role before the second factor that is asked of them.
    """
    user: Any = request.user
    chosen = request.session.get(SESSION_KEY)
    if not user.is_authenticated or not chosen or not second_factor_passed(request):
        return None
    return next(
        (role for role in user.roles_in_force() if role.value == chosen and role in STAFF_ROLES), None
    )


class ActingRoleMiddleware:
    """Runs the view and the rendering of its response in one durable transaction as the acting role.

    Any exception from the view rolls back, 403 and 404 included, and so does a 5xx response. Reads of the
    session, the person and the grants of roles happen before, as the login role.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4()  # type: ignore[attr-defined]
        role = role_in_force(request)
        request.acting_role = role  # type: ignore[attr-defined]
        if role is None or _runs_as_login_role(request):
            with acting(Role.APP, user_id=request.user.pk, request_id=request.request_id):  # type: ignore[attr-defined]
                response = self._respond(request)
        else:
            with acting(role, user_id=request.user.pk, request_id=request.request_id, durable=True):  # type: ignore[attr-defined]
                response = self._respond(request)
        if response.status_code in (403, 409):
            request_denied.send(sender=type(self), request=request, response=response)
        return response

    def _respond(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "view_failed", False) or response.status_code >= 500:
            transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Remember that the view raised; Django has not yet turned the exception into a response."""
        request.view_failed = True  # type: ignore[attr-defined]
