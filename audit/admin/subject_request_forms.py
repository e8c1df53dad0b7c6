"""What the pages of subject requests ask for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.admin.filters import user_named
from audit.models import SubjectRequest
from audit.request_choices import IdentityMethod, RefusalGround, RequestChannel
from audit.services.rectifications import REMEDIES
from audit.services.subject_requests import FURTHER_MONTHS


class FileForm(forms.ModelForm):
    """A request as it came by letter, mail or from an authority."""

    whose = forms.CharField(label="About whom", max_length=100, help_text="A handle, or the id of a person.")
    channel = forms.ChoiceField(
        label="How it came",
        choices=[choice for choice in RequestChannel.choices if choice[0] != RequestChannel.FORM],
    )
    received_at = forms.SplitDateTimeField(
        label="Received", required=False, help_text="UTC. Leave empty for now; the month counts from it."
    )

    class Meta:
        model = SubjectRequest
        fields = ("kind", "channel", "asked_by", "asker", "wish")
        labels = {
            "kind": "What is asked for",
            "asked_by": "Who asks",
            "asker": "Their name, if not the person",
            "wish": "In their words",
        }
        widgets = {"asker": forms.TextInput(), "wish": forms.Textarea(attrs={"rows": 6})}

    def clean(self) -> dict[str, Any]:
        """Turn a handle into an id. Raises ValidationError with a sentence."""
        values: dict[str, Any] = super().clean() or {}
        if "whose" in values:
            try:
                values["person_id"] = user_named(values["whose"].strip())
            except ValidationError as error:
                self.add_error("whose", error)
        return values

    def _post_clean(self) -> None:
        """The service and the database check the row: person, deadline and reference are not known here yet."""


class IdentityForm(forms.Form):
    """How the identity was confirmed."""

    method = forms.ChoiceField(choices=IdentityMethod.choices, label="How it was confirmed")


class ExtensionForm(forms.Form):
    """By how much."""

    months = forms.TypedChoiceField(
        coerce=int,
        choices=[(months, f"{months} month{'' if months == 1 else 's'}") for months in FURTHER_MONTHS],
        label="By",
    )


class GroundForm(forms.Form):
    """By which law."""

    ground = forms.ChoiceField(choices=[("", "Choose one"), *RefusalGround.choices], label="Ground in law")


class PartForm(GroundForm):
    """Which part is refused, and by which law."""

    words = forms.CharField(
        label="Which part",
        min_length=3,
        max_length=500,
        help_text="Without names and values: the person reads it.",
    )


class RemedyForm(forms.Form):
    """What is corrected, and what is right."""

    what = forms.ChoiceField(
        choices=[(name, remedy.words.capitalize()) for name, remedy in REMEDIES.items()], label="What"
    )
    value = forms.CharField(
        label="What is right",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A country as two letters; an address that is not theirs by its id. It goes to the row, not here.",
    )


class AnswerForm(forms.Form):
    """The answer, and why a part was refused where one was."""

    answer = forms.CharField(
        label="Answer",
        min_length=3,
        max_length=10000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="As the person is told. Steps and what is kept by law are listed for them beside it.",
    )
    ground = forms.ChoiceField(
        choices=[("", "Nothing was refused"), *RefusalGround.choices],
        label="Ground, where a part was refused",
        required=False,
    )
