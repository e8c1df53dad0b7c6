"""What confirmation pages of performers ask for besides the reason."""

from typing import Any

import pycountry
from django import forms
from django.core.exceptions import ValidationError

from performers.choices import RejectionGround
from performers.models import AttributeDefinition
from performers.models.performer_alias import LONGEST
from performers.services.profiles import TEXTS


class AcceptForm(forms.Form):
    """What only the examiner can state: the birth date is sealed, and no program compares it."""

    adult_at_examination = forms.BooleanField(
        label="I revealed and read the birth date: the person is an adult today, here and where they live",
        error_messages={"required": "Only an adult is accepted. Reveal the birth date and state it."},
    )


class RejectForm(forms.Form):
    """Why an examination rejects."""

    ground = forms.ChoiceField(
        label="Ground", choices=RejectionGround.choices, help_text="The performer reads it."
    )


class CorrectForm(forms.Form):
    """Which texts break the rules."""

    texts = forms.MultipleChoiceField(
        label="Take off",
        choices=[(name, name.replace("_", " ").capitalize()) for name in TEXTS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what is to be taken off."},
    )


class ResidenceForm(forms.Form):
    """Where the performer lives."""

    country = forms.ChoiceField(
        label="Country",
        choices=lambda: sorted(
            ((country.alpha_2, country.name) for country in pycountry.countries), key=lambda pair: pair[1]
        ),
    )


class AliasForm(forms.Form):
    """Another name."""

    name = forms.CharField(
        label="Name", max_length=LONGEST, help_text="As the document or the source shows it."
    )


class DefinitionForm(forms.ModelForm):
    """An attribute that performers may set from now on."""

    choice_lines = forms.CharField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line; only where one of several is chosen.",
    )
    note = forms.CharField(
        label="Reason",
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Your colleagues read this in the trail. At least 10 characters.",
    )

    class Meta:
        model = AttributeDefinition
        fields = ("code", "label", "kind", "unit", "special_category")

    def clean_code(self) -> str:
        """Raises ValidationError for a code that is taken."""
        code = self.cleaned_data["code"]
        if AttributeDefinition.objects.filter(code=code).exists():
            raise ValidationError("There is an attribute with this code.")
        return str(code)

    def clean_choice_lines(self) -> list[str]:
        """The choices, in the order given."""
        return [line.strip() for line in self.cleaned_data["choice_lines"].splitlines() if line.strip()]

    def _post_clean(self) -> None:
        """The choices belong to the row before its rules are looked at."""
        self.instance.choices = self.cleaned_data.get("choice_lines", [])
        super()._post_clean()  # type: ignore[misc]

    def _get_validation_exclusions(self) -> Any:
        return super()._get_validation_exclusions() - {"choices"}  # type: ignore[misc]
