"""The pages of the second factor: the code at sign-in, setting up an app, and one's own account."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.admin.second_factor_forms import CodeForm, EnrolForm, OwnEnrolForm, ReplaceForm
from accounts.choices import SignInFailure
from accounts.lock_out import failures_forget, is_locked_out
from accounts.models import TotpDevice, User
from accounts.services.recovery_codes import recovery_codes_left, recovery_codes_make
from accounts.services.second_factor import (
    code_verify,
    enrolment_uri,
    second_factor_enrol,
    second_factor_remove,
    second_factor_replace,
)
from accounts.services.sessions import session_verify
from core.admin.roles import roles_in_force
from core.admin.sign_in import after_sign_in, towards, without_role
from core.admin.site import backoffice
from core.errors import Refused
from core.middleware import as_login_role, second_factor_passed
from core.middleware.second_factor import OWED

View = Callable[..., HttpResponse]
logger = logging.getLogger(__name__)
UNAVAILABLE = (
    "Codes cannot be checked at the moment; nothing was counted. Tell whoever runs this site, and try later."
)


def page_of_sign_in(view: View) -> View:
    """A page between the password and the first role: for staff who signed in, as the login role."""

    @never_cache
    @csrf_protect
    @as_login_role
    @sensitive_post_parameters()
    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(towards("admin:login", request))
        if not roles_in_force(request.user):
            return without_role(request)
        return locked_out(request) or view(request)

    return page


def page_of_own_account(view: View) -> View:
    """A page about oneself, for staff at work, as the login role."""
    entered = as_login_role(sensitive_post_parameters()(view))
    return backoffice.admin_view(never_cache(entered))  # type: ignore[no-any-return]


def locked_out(request: HttpRequest) -> HttpResponse | None:
    """An answer in place of a page on which a locked-out person could try codes; AxesMiddleware fills it."""
    return HttpResponse(status=429) if is_locked_out(request, own(request)) else None


def own(request: HttpRequest) -> User:
    """The person themselves, without the wrapping of middleware."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def code_passes(request: HttpRequest, form: forms.Form, field: str = "code") -> bool:
    """Check the code of a form; a refused one is said in the form, put on record and counted for the lock-out."""
    try:
        verdict = code_verify(user=own(request), code=form.cleaned_data[field])
    except Refused as refusal:
        # The process lacks the key: nothing that the person could do, and nothing to count.
        logger.error("The second factor cannot be checked: %s", refusal)
        form.add_error(field, UNAVAILABLE)
        return False
    if verdict.passed:
        if verdict.by_recovery_code:
            left = recovery_codes_left(own(request))
            messages.warning(request, f"You used a recovery code. {left} of them are left.")
        return True
    form.add_error(field, verdict.sentence)
    # The next code is typed into an empty field.
    form.data = {**form.data, form.add_prefix(field): ""}
    if verdict.failure is not None:
        note_failure(request, verdict.failure)
    return False


def note_failure(request: HttpRequest, failure: SignInFailure) -> None:
    """A wrong code or password inside counts as a failed sign-in."""
    user = own(request)
    request.sign_in_user, request.sign_in_failure = user, failure  # type: ignore[attr-defined]
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


def enter(request: HttpRequest, device: TotpDevice) -> None:
    """The session has passed the second factor: it gets another key, so that nobody goes on with an earlier one."""
    old_key = str(request.session.session_key)
    request.session.cycle_key()
    rotate_token(request)
    django_otp.login(request, device)
    request.session[OWED] = True
    session_verify(user=own(request), old_key=old_key, new_key=str(request.session.session_key))
    failures_forget(request, own(request))


def render(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page in the frame of the back office."""
    request.current_app = backoffice.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request, f"admin/{template}", {**backoffice.each_context(request), "title": title, **context}
    )


def qr_code(user: User, secret: str) -> SafeString:
    """The QR code of an enrolment as SVG, drawn here: the secret goes to nobody else."""
    drawn = segno.make(enrolment_uri(user=user, secret=secret), error="m", micro=False)
    svg = drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308  (drawn by segno from numbers)


@page_of_sign_in
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a code, after the password and before the role."""
    if second_factor_passed(request):
        return HttpResponseRedirect(after_sign_in(request))
    if not TotpDevice.objects.filter(user=own(request)).exists():
        if settings.SECOND_FACTOR_REQUIRED:
            return HttpResponseRedirect(towards("admin:second_factor_enrol", request))
        # It was removed since this session began.
        request.session[OWED] = False
        return HttpResponseRedirect(after_sign_in(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and code_passes(request, form):
        enter(request, TotpDevice.objects.get(user=own(request)))
        return HttpResponseRedirect(after_sign_in(request))
    form.fields["code"].widget.attrs["autofocus"] = True
    return render(request, "second_factor.html", "Enter your code", form=form, next=_next(request))


@page_of_sign_in
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up an app: where staff must have one as a step of signing in, elsewhere from one's own account."""
    at_work = backoffice.has_permission(request)
    if TotpDevice.objects.filter(user=own(request)).exists():
        return HttpResponseRedirect(reverse("admin:second_factor_own") if at_work else after_sign_in(request))
    if not at_work and second_factor_passed(request):
        return HttpResponseRedirect(after_sign_in(request))
    form = (OwnEnrolForm if at_work else EnrolForm)(request.POST or None, user=own(request))
    if request.method == "POST":
        if form.is_valid():
            try:
                device, codes = second_factor_enrol(
                    user=own(request),
                    secret=form.secret,
                    code=form.cleaned_data["code"],
                    session_key=str(request.session.session_key),
                )
            except Refused as refusal:
                form.add_error("code", str(refusal))
            else:
                enter(request, device)
                return show_codes(request, codes, towards("admin:login", request))
        elif form.has_error("password", "wrong_password"):
            note_failure(request, SignInFailure.WRONG_PASSWORD)
    return _enrolment(request, form, "Set up your second factor", at_work)


@page_of_own_account
def manage(request: HttpRequest) -> HttpResponse:
    """One's own second factor: since when, how many recovery codes are left, what can be done."""
    return _own(request)


@page_of_own_account
def replace(request: HttpRequest) -> HttpResponse:
    """Put another app in place of the present one."""
    if not TotpDevice.objects.filter(user=own(request)).exists():
        return HttpResponseRedirect(reverse("admin:second_factor_enrol"))
    if answer := locked_out(request):
        return answer
    form = ReplaceForm(request.POST or None, user=own(request))
    if request.method == "POST" and form.is_valid() and code_passes(request, form, "present"):
        try:
            device = second_factor_replace(
                user=own(request),
                secret=form.secret,
                code=form.cleaned_data["code"],
                session_key=str(request.session.session_key),
            )
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            enter(request, device)
            messages.success(request, "The new app is in place. Remove the old entry from the old one.")
            return HttpResponseRedirect(reverse("admin:second_factor_own"))
    return _enrolment(request, form, "Replace your app", at_work=True)


@page_of_own_account
def new_codes(request: HttpRequest) -> HttpResponse:
    """Make ten new recovery codes, with a fresh code."""
    form = CodeForm(request.POST or None, prefix="codes")
    if answer := locked_out(request):
        return answer
    if request.method == "POST" and form.is_valid() and code_passes(request, form):
        return show_codes(request, recovery_codes_make(user=own(request)), reverse("admin:second_factor_own"))
    return _own(request, codes_form=form)


@page_of_own_account
def remove(request: HttpRequest) -> HttpResponse:
    """Sign in without a second factor again, where that is allowed; with a fresh code."""
    form = CodeForm(request.POST or None, prefix="remove")
    if answer := locked_out(request):
        return answer
    if request.method == "POST" and form.is_valid() and code_passes(request, form):
        try:
            second_factor_remove(user=own(request), session_key=str(request.session.session_key))
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session[OWED] = False
            request.session.pop(django_otp.DEVICE_ID_SESSION_KEY, None)
            messages.success(request, "Your second factor is removed. You sign in with your password alone.")
            return HttpResponseRedirect(reverse("admin:second_factor_own"))
    return _own(request, remove_form=form)


def show_codes(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    """The only page that ever shows recovery codes; it is the answer to a form, so nothing has to remember them."""
    return render(request, "recovery_codes.html", "Keep your recovery codes", codes=codes, onward=onward)


def _enrolment(request: HttpRequest, form: EnrolForm, title: str, at_work: bool) -> HttpResponse:
    first = next((name for name in form.fields if name in form.errors), None)
    first = first or next(name for name, field in form.fields.items() if not field.widget.is_hidden)
    form.fields[first].widget.attrs["autofocus"] = True
    return render(
        request,
        "second_factor_enrol.html",
        title,
        form=form,
        qr=qr_code(own(request), form.secret),
        next=_next(request),
        at_work=at_work,
    )


def _own(
    request: HttpRequest, codes_form: CodeForm | None = None, remove_form: CodeForm | None = None
) -> HttpResponse:
    return render(
        request,
        "second_factor_own.html",
        "Your second factor",
        device=TotpDevice.objects.filter(user=own(request)).first(),
        codes_left=recovery_codes_left(own(request)),
        codes_form=codes_form or CodeForm(prefix="codes"),
        remove_form=None if settings.SECOND_FACTOR_REQUIRED else remove_form or CodeForm(prefix="remove"),
    )


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""


backoffice.add_pages(
    path("second-factor/", ask, name="second_factor"),
    path("second-factor/set-up/", enrol, name="second_factor_enrol"),
    path("account/second-factor/", manage, name="second_factor_own"),
    path("account/second-factor/replace/", replace, name="second_factor_replace"),
    path("account/second-factor/recovery-codes/", new_codes, name="recovery_codes"),
    path("account/second-factor/remove/", remove, name="second_factor_remove"),
)
backoffice.add_account_link("Second factor", "second_factor_own")
