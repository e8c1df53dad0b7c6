"""Where requests of the back office end up that cannot be answered, or go after they were."""

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from core.db.roles import Role

WAY_IN_AND_OUT = ("login", "logout", "role", "second_factor", "second_factor_enrol")
"""Pages where nobody wants to end up."""


def _way_in_and_out() -> Iterator[str]:
    for page in WAY_IN_AND_OUT:
        with suppress(NoReverseMatch):  # the pages of the second factor are brought by accounts
            yield reverse(f"admin:{page}")


def role_conflict(request: HttpRequest, acting: Role, opened: Role | None) -> HttpResponse:
    """409: the form belongs to another role than the one acted in; nothing was saved."""
    return HttpResponse(
        render_to_string(
            "409.html",
            {"acting": acting, "opened": opened, "home": reverse("admin:index"), "again": request.path},
        ),
        status=409,
    )


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go: the `next` of the request if it is a page of this site, else home.

    Pages of signing in and out are no destinations.
    """
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    home = reverse("admin:index")
    if not url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return home
    if urlsplit(wanted).path in set(_way_in_and_out()):
        return home
    return wanted
