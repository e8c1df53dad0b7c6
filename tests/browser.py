"""A browser whose every request reaches the database as the login of the site, with no right to spare."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from core.db.roles import Role
from tests.database import TESTERS


@contextmanager
def connected_as(role: Role) -> Iterator[None]:
    """What the block sends is sent as `role`, as if the connection had logged in with it.

    A test that commits logs in anew, as the site does: behind a pooler a role lasts no longer than a transaction.
    """
    if not connection.in_atomic_block:
        with _logged_in(role):
            yield
        return
    _take(role)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _take(Role.OWNER)


@contextmanager
def _logged_in(role: Role) -> Iterator[None]:
    django = connections["default"]
    kept, settings = django.connection, django.settings_dict
    (login,) = (login for login, acts_as in TESTERS.items() if acts_as is role)
    django.connection, django.settings_dict = None, {**settings, "USER": login}
    try:
        yield
    finally:
        django.close()
        django.connection, django.settings_dict = kept, settings


def _take(role: Role) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role.value}")


class Browser(Client):
    """Django's test client as the login role; `send` fills in what the page would.

    Unlike Django's, it shows an error page instead of raising, as the site does.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(raise_request_exception=False, **options)
        self.role: Role | None = None
        self.user: Any = None

    def request(self, **request: Any) -> HttpResponse:
        with connected_as(Role.APP):
            return super().request(**request)

    def sign_in(self, handle: str, password: str, role: Role | None = None) -> HttpResponse:
        """Through the page; then, where several roles are offered, choose `role`."""
        response = self.post(reverse("admin:login"), {"username": handle, "password": password})
        if role and response.status_code == 302 and response["Location"] == reverse("admin:role"):
            response = self.choose(role)
        self.role = role
        return response

    def choose(self, role: Role) -> HttpResponse:
        """Switch the acting role through its page. Forms opened before keep the role they had."""
        return self.post(reverse("admin:role"), {"role": role.short})

    def send(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> HttpResponse:
        """POST a form that was opened in the role signed in with."""
        assert self.role is not None
        return self.post(url, {"acting_role": self.role.short, **(data or {})}, **options)

    def fill_in(self, url: str, **answers: Any) -> dict[str, Any]:
        """Open the confirmation page at `url`; its hidden inputs, with `answers` in the fields."""
        page = self.get(url)
        assert page.status_code == 200, (page.status_code, page.get("Location"))
        ((_, version),) = page.context["objects"]
        hidden = {"submission": page.context["token"]} | ({} if version is None else {"version": version})
        return {**hidden, "reason": "seen by a colleague", **answers}

    def do(self, url: str, **answers: Any) -> HttpResponse:
        """Open the confirmation page, fill it in and send it."""
        return self.send(url, self.fill_in(url, **answers))
