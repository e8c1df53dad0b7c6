"""What the pages of the second factor ask for."""

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.services.passwords import password_matches
from accounts.services.second_factor import secret_new

SALT = "accounts.second_factor.enrolment"
LONGEST_ENROLMENT = 30 * 60
"""Seconds between the QR code and its first code."""


class CodeField(forms.CharField):
    """A code of the app, or where it is lost a recovery code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 40)
        options.setdefault("error_messages", {"required": "Enter the code."})
        options.setdefault(
            "widget",
            forms.TextInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "autocapitalize": "none",
                    "spellcheck": "false",
                    "class": "code-input",
                }
            ),
        )
        super().__init__(**options)


class CodeForm(forms.Form):
    """One code."""

    code = CodeField(label="Code from your authenticator app")

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)


class EnrolForm(CodeForm):
    """The first code of a new app, whose secret comes back sealed: before that code passes it is stored nowhere."""

    code = CodeField(label="Code that the app shows")
    enrolment = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, user: User, **options: Any) -> None:
        self.user = user
        self.expired = False
        self.secret = self._secret(data.get("enrolment", "") if data else "")
        super().__init__(data, initial={"enrolment": self._sealed()}, **options)

    def _sealed(self) -> str:
        return signing.dumps({"user": str(self.user.pk), "secret": self.secret}, salt=SALT)

    def _secret(self, sealed: str) -> str:
        """The secret of the page that was sent, if it is this person's and fresh; else a new one."""
        try:
            found = signing.loads(sealed, salt=SALT, max_age=LONGEST_ENROLMENT) if sealed else {}
        except signing.BadSignature:
            found = {}
        if found.get("user") == str(self.user.pk):
            return str(found["secret"])
        self.expired = bool(sealed)
        return secret_new()

    def clean(self) -> dict[str, Any]:
        if self.expired:
            # The page shown again carries the new secret.
            self.data = {**self.data, "enrolment": self._sealed()}
            raise ValidationError(
                "This page was open for too long, so there is a new QR code. Remove the earlier entry from the app and "
                "scan again."
            )
        return super().clean() or {}

    @property
    def secret_in_groups(self) -> str:
        """The secret for typing, in groups of four."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


class OwnEnrolForm(EnrolForm):
    """Set up from within: somebody else at an open desk shall not put their own app in."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password."},
    )
    field_order = ("password", "code")

    def clean_password(self) -> str:
        raw = str(self.cleaned_data["password"])
        if not password_matches(user=self.user, raw=raw):
            raise ValidationError("This is not your password.", code="wrong_password")
        return raw


class ReplaceForm(EnrolForm):
    """A code of the present app or a recovery code, then the first code of the new app."""

    present = CodeField(
        label="Code of your present app, or a recovery code",
        error_messages={"required": "Enter a code of your present app, or a recovery code."},
    )
    code = CodeField(label="Code that the new app shows")
    field_order = ("present", "code")
