"""One's own signed-in devices, and signing out of them from afar."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from accounts.admin.second_factor import own, page_of_own_account, render
from accounts.models import UserSession
from accounts.services.sessions import own_sessions_end, session_digest
from core.admin.site import backoffice


@page_of_own_account
def devices(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, this device first; POST ends another one (`session`), or all others without."""
    here = str(request.session.session_key)
    if request.method == "POST":
        ended = own_sessions_end(
            user=own(request), but=here, user_session_id=_id(request.POST.get("session"))
        )
        if ended:
            messages.success(request, f"Signed out of {ended} other device{'' if ended == 1 else 's'}.")
        else:
            messages.info(request, "Nothing to do: that device is signed out already.")
        return HttpResponseRedirect(reverse("admin:devices"))
    sessions = list(UserSession.objects.in_force().filter(user=own(request)).order_by("-pk"))
    digest = session_digest(here)
    return render(
        request,
        "devices.html",
        "Your devices",
        here=[session for session in sessions if bytes(session.token_digest) == digest],
        others=[session for session in sessions if bytes(session.token_digest) != digest],
    )


def _id(value: str | None) -> UUID | None:
    """The device that a form names; None: all others. A name that is no id names no device."""
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError:
        return UUID(int=0)


backoffice.add_pages(path("account/devices/", devices, name="devices"))
backoffice.add_account_link("Your devices", "devices")
