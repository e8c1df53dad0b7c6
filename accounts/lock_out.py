"""Lock-out after failed attempts to sign in: django-axes, told who is meant and kept from storing what was typed.

Counted by account and address, so that an attack from somewhere locks out nobody at home. People type passwords and
e-mail addresses into the field for the handle: an account that exists is counted by its id, and any other by a keyed
hash of what was typed. Of the request nothing is kept but address and time.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.authentication import person_named
from accounts.choices import SignInFailure
from accounts.models import User, UserSession
from core.middleware.client_address import address_of

Credentials = dict[str, Any] | None
SALT = "accounts.lock_out.account_key"
UNKNOWN = "unknown "
"""Begins the key of a name that no account has."""


def account_key(request: Any, credentials: Credentials = None) -> str:
    """By what django-axes knows an account: its id, or HMAC-SHA-256 of a name that no account has.

    The HMAC's key is derived from SECRET_KEY. One look-up per request and name.
    """
    name = str((credentials or {}).get("username") or request.POST.get("username", ""))
    known: dict[str, str] | None = getattr(request, "account_keys", None)
    if known is None:
        known = request.account_keys = {}
    if name not in known:
        person = person_named(name) if name else None
        known[name] = str(person.pk) if person else UNKNOWN + _digest(name)
    return known[name]


def _digest(name: str) -> str:
    return salted_hmac(SALT, name.strip().casefold(), algorithm="sha256").hexdigest()


class LockOutBackend(AxesStandaloneBackend):
    """Refuses who is locked out, before any password is looked at. It signs nobody in and permits nothing."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> None:
        """None, so that the next backend looks; raises PermissionDenied for who is locked out.

        Without a request there is no address to count by, and nobody outside: a command asks.
        """
        if request is None:
            return
        try:
            super().authenticate(request, username=username, password=password)
        except AxesBackendPermissionDenied:
            request.sign_in_user = person_named(username or "")  # type: ignore[attr-defined]
            request.sign_in_failure = SignInFailure.LOCKED_OUT  # type: ignore[attr-defined]
            raise

    def has_perm(self, *_: Any, **__: Any) -> bool:
        return False

    def has_module_perms(self, *_: Any, **__: Any) -> bool:
        return False


class _Bare:
    """A request without what was typed, clicked or told by the browser, which django-axes would keep."""

    GET = POST = QueryDict()
    axes_user_agent = axes_http_accept = axes_path_info = ""

    def __init__(self, request: HttpRequest) -> None:
        object.__setattr__(self, "_request", request)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_request"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._request, name, value)


class LockOutHandler(AxesDatabaseHandler):
    """Counts in the database: five of one account from one address, more of one account from strange addresses."""

    def is_locked(self, request: Any, credentials: Credentials = None) -> bool:
        """Whether this address has tried this account too often, or so many have that no stranger may."""
        return super().is_locked(request, credentials) or _guessed_from_everywhere(
            account_key(request, credentials), request.axes_ip_address
        )

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a failure. Nothing that was typed reaches the table."""
        if request is not None:
            named = {"username": credentials.get("username") or request.POST.get("username", "")}
            account_key(request, named)
            super().user_login_failed(sender, named, _Bare(request), **kwargs)


def _recent(**which: Any) -> Any:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(attempt_time__gte=since, **which)


def _guessed_from_everywhere(key: str, address: str | None) -> bool:
    """Whether the account is tried from so many addresses that only familiar ones may go on."""
    tried = _recent(username=key).aggregate(tried=Sum("failures_since_start"))["tried"] or 0
    if tried < settings.LOCK_OUT_FAILURES_ANYWHERE:
        return False
    return key.startswith(UNKNOWN) or not UserSession.objects.filter(user_id=key, address=address).exists()


def is_locked_out(request: HttpRequest, user: User) -> bool:
    """Whether the person may try nothing from this address for a while; the answer is then `locked_out_response`."""
    credentials = {"username": user.get_username()}
    locked = not AxesProxyHandler.is_allowed(request, credentials)
    if locked:
        request.axes_locked_out = True  # type: ignore[attr-defined]
        request.axes_credentials = credentials  # type: ignore[attr-defined]
    return locked


def failures_forget(request: HttpRequest, user: User) -> None:
    """The person is in, with every factor asked for: what failed from this address before does not count."""
    AccessAttempt.objects.filter(username=str(user.pk), ip_address=address_of(request)).delete()


def ends_at(last_attempt: datetime) -> datetime:
    """When a lock-out is over whose last counted attempt was then."""
    return last_attempt + cast(timedelta, settings.AXES_COOLOFF_TIME)


def locked_out_response(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Credentials = None
) -> HttpResponse:
    """429: when to try again, in the same words for accounts that exist and that do not."""
    key = account_key(request, credentials)
    here = _recent(username=key, ip_address=address_of(request))
    last = here.aggregate(last=Max("attempt_time"))["last"]
    last = last or _recent(username=key).aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    seconds = max(1, int((ends_at(last) - timezone.now()).total_seconds()) + 1)
    minutes = -(-seconds // 60)
    response = render(request, "429.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
