"""What the pages of legal holds ask for."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from accounts.admin.filters import user_named
from accounts.admin.forms import UntilField
from audit.choices import HoldScope
from audit.models import LegalHold
from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST


class PlaceForm(forms.ModelForm):
    """A hold as somebody with authority demands it."""

    which = forms.CharField(
        label="Which one", max_length=100, help_text="A handle for a person; an id for everything."
    )
    until = UntilField(
        label="Until", help_text="UTC. Leave empty for a hold that stays until it is released."
    )
    why = forms.CharField(
        label="Reason",
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"What is to be kept, and for what. At least {REASON_AT_LEAST} characters.",
    )

    class Meta:
        model = LegalHold
        fields = ("scope_kind", "authority_kind", "authority", "reference", "basis")
        labels = {
            "scope_kind": "What is kept",
            "authority_kind": "Who demands it",
            "authority": "By name",
            "reference": "File number",
            "basis": "Law or order",
        }
        widgets = {name: forms.TextInput() for name in ("authority", "reference", "basis")}

    def clean(self) -> dict[str, Any]:
        """Turn a handle into an id. Raises ValidationError with a sentence."""
        values: dict[str, Any] = super().clean() or {}
        if "which" in values and "scope_kind" in values:
            try:
                values["scope_id"] = _identity(values["scope_kind"], values["which"].strip())
            except ValidationError as error:
                self.add_error("which", error)
        return values

    def _post_clean(self) -> None:
        """The service and the database check the row: beginning, person and author are not known here yet."""


class ProlongForm(forms.Form):
    """A later end, or none."""

    until = UntilField(
        label="Until", help_text="UTC. Leave empty for a hold that stays until it is released."
    )


def _identity(scope_kind: str, text: str) -> UUID:
    if scope_kind == HoldScope.PERSON:
        return user_named(text)
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError("Give the id that stands on its page.") from None
