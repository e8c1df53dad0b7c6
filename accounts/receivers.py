"""Django's signals of signing in and out, kept as sessions and log-in records."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.announcements import contact_verified
from accounts.choices import ContactKind, SignInFailure, UserStatus
from accounts.lock_out import failures_forget
from accounts.models import TotpDevice, User, UserContact
from accounts.services.login_events import login_event_record
from accounts.services.sessions import session_end, session_start
from accounts.services.users import user_activate
from core.db.context import acting
from core.db.roles import Role
from core.middleware.client_address import client_address
from core.middleware.second_factor import OWED, second_factor_passed


def browser_of(request: HttpRequest | None) -> str:
    """What the browser of a request calls itself."""
    return request.headers.get("user-agent", "") if request is not None else ""


@receiver(user_logged_in)
def remember_sign_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """Begin a session on this device."""
    if request.session.session_key is None:
        request.session.save()
    with acting(Role.APP, user_id=user.pk):
        session_start(
            user=user,
            session_key=str(request.session.session_key),
            expires_at=request.session.get_expiry_date(),
            address=client_address(),
            user_agent=browser_of(request),
        )
        login_event_record(user=user, failure=None, address=client_address(), user_agent=browser_of(request))
        request.session[OWED] = TotpDevice.objects.filter(user=user).exists()
    if second_factor_passed(request):
        failures_forget(request, user)


@receiver(user_login_failed)
def remember_failure(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:
    """Note an attempt that failed, and why; the backend leaves the reason on the request."""
    user = getattr(request, "sign_in_user", None)
    failure = SignInFailure(getattr(request, "sign_in_failure", None) or SignInFailure.UNKNOWN_HANDLE)
    with acting(Role.APP):
        login_event_record(
            user=user, failure=failure, address=client_address(), user_agent=browser_of(request)
        )


@receiver(user_logged_out)
def remember_sign_out(sender: Any, request: HttpRequest, user: User | None, **_: Any) -> None:
    """End the session on this device."""
    if user is not None and request.session.session_key:
        with acting(Role.APP, user_id=user.pk):
            session_end(user=user, session_key=request.session.session_key)


@receiver(contact_verified)
def let_in(sender: Any, subject: UserContact, actor: User | None, **_: Any) -> None:
    """A pending account becomes active when its first e-mail address is verified."""
    if subject.kind == ContactKind.EMAIL and subject.user.status == UserStatus.PENDING:
        user_activate(user_id=subject.user_id, actor=actor)
