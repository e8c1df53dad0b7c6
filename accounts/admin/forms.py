"""What confirmation pages ask for besides the reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from accounts.choices import FlagKind, FlagResolution, ReservationReason, RestrictionKind
from accounts.errors import HandleRefused
from accounts.models import ReservedHandle
from accounts.models.user import HANDLE_PATTERN, HANDLE_RULE
from accounts.services.handles import reservation_check
from core.db.roles import STAFF_ROLES


class UntilField(forms.DateTimeField):
    """An instant in UTC that lies ahead; empty means without end."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("help_text", "UTC. Leave empty for no end.")
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**options)

    def clean(self, value: Any) -> datetime | None:
        instant = super().clean(value)
        if instant is not None and instant <= timezone.now():
            raise forms.ValidationError("This lies in the past. Give an instant that is still to come.")
        return instant


class RestrictForm(forms.Form):
    """What is barred, and for how long."""

    kind = forms.ChoiceField(label="What may not be done", choices=RestrictionKind.choices)
    until = UntilField(label="Until")


class HandleForm(forms.Form):
    """Another handle."""

    handle = forms.RegexField(
        label="New handle",
        regex=HANDLE_PATTERN,
        help_text=HANDLE_RULE,
        error_messages={"invalid": HANDLE_RULE},
    )


class FlagForm(forms.Form):
    """What is suspected."""

    kind = forms.ChoiceField(label="What is suspected", choices=FlagKind.choices)


class ResolveForm(forms.Form):
    """How a flag ends."""

    resolution = forms.ChoiceField(label="The flag was", choices=FlagResolution.choices)


class GrantForm(forms.Form):
    """Which role, and for how long."""

    role = forms.ChoiceField(label="Role", choices=[(role.value, role.label) for role in STAFF_ROLES])
    until = UntilField(label="Until")


class ReserveForm(forms.ModelForm):
    """A handle that nobody may take, and why; quarantines are made by changing handles."""

    note = forms.CharField(
        label="Reason",
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Your colleagues read this in the trail. At least 10 characters.",
    )

    class Meta:
        model = ReservedHandle
        fields = ("handle", "reason")
        labels = {"reason": "Kind"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].choices = [  # type: ignore[attr-defined]
                (kind.value, kind.label) for kind in (ReservationReason.BRAND, ReservationReason.SYSTEM)
            ]

    def clean_handle(self) -> str:
        """Ask the service first. Raises ValidationError with its sentence."""
        handle = self.cleaned_data["handle"]
        try:
            reservation_check(handle)
        except HandleRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return handle
