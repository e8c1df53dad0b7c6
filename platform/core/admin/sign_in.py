"""Signing in: the form, and the step from a person to a role."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from core.admin.pages import safe_next
from core.admin.roles import roles_in_force, take_role
from core.middleware.second_factor import second_factor_passed

NO_ROLE = (
    "You have no staff role at the moment, so there is nothing to show you here and you were signed out. "
    "An administrator can grant you one."
)


class SignInForm(AuthenticationForm):
    """Handle and password. One message for every failure, so that no account is given away."""

    error_messages = {
        "invalid_login": "That combination does not sign you in. Check both fields and try again.",
        "inactive": "That combination does not sign you in. Check both fields and try again.",
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, label_suffix="", **kwargs)
        self.fields["username"].label = "Handle"
        self.fields["username"].widget.attrs.update(
            autofocus=True, autocapitalize="none", autocomplete="username", spellcheck="false"
        )

    def confirm_login_allowed(self, user: Any) -> None:
        """Refuse who is no staff before any session begins."""
        super().confirm_login_allowed(user)
        if not roles_in_force(user):
            self.request.sign_in_failure = "no_role"  # type: ignore[union-attr]
            user_login_failed.send(sender=__name__, credentials={}, request=self.request)
            raise ValidationError(NO_ROLE, code="no_role")


class SignInView(LoginView):
    """Sign in, then act in the only role, or choose one of several."""

    template_name = "admin/login.html"
    authentication_form = SignInForm

    def get_success_url(self) -> str:
        return after_sign_in(self.request)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        return safe_next(request or self.request)


def after_sign_in(request: HttpRequest) -> str:
    """Ask for the second factor if it is missing; then take the only role, or point to the choice of one.

    Returns the address to go to.
    """
    if not second_factor_passed(request):
        return towards("admin:second_factor", request)
    roles = roles_in_force(request.user)
    if len(roles) == 1:
        take_role(request, roles[0])
        return safe_next(request)
    return towards("admin:role", request)


def towards(page: str, request: HttpRequest) -> str:
    """The address of a page on the way in, which remembers where the person wants to go."""
    wanted = safe_next(request)
    query = "" if wanted == reverse("admin:index") else "?" + urlencode({"next": wanted})
    return reverse(page) + query


def without_role(request: HttpRequest) -> HttpResponse:
    """Somebody is signed in and acts in no role: lead them on to one, or sign them out with the reason."""
    if roles_in_force(request.user):
        return HttpResponseRedirect(after_sign_in(request))
    logout(request)
    messages.error(request, NO_ROLE)
    return HttpResponseRedirect(reverse("admin:login"))


class PasswordView(PasswordChangeView):
    """Change one's own password. It signs every device out, this one included, so that only the new one serves."""

    template_name = "admin/password_change.html"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        form.save()  # type: ignore[attr-defined]
        logout(self.request)
        messages.success(self.request, "Your password is changed. Sign in with the new one.")
        return HttpResponseRedirect(reverse("admin:login"))
