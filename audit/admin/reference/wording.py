"""The wording of a policy in a form."""

from typing import Any

from django import forms

from audit.moderation_choices import PolicyGround, Severity
from audit.services.moderation_policies import Wording

WORDING = (
    "title",
    "text",
    "ground",
    "legal_reference",
    "transparency_category",
    "severity",
    "strike_points",
    "strike_days",
)


class WordingForm(forms.ModelForm):
    """What a version says."""

    title = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"size": 80}))
    text = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 10, "cols": 90}),
        help_text="What is not allowed, in words that people understand: they read it in statements of reasons.",
    )
    ground = forms.ChoiceField(choices=PolicyGround.choices, label="Rests on")
    legal_reference = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"size": 80}),
        help_text="Law and article; empty where it rests on the terms alone.",
    )
    transparency_category = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text="As the transparency database names it: STATEMENT_CATEGORY_OTHER.",
    )
    severity = forms.ChoiceField(choices=Severity.choices)
    strike_points = forms.IntegerField(
        min_value=0, max_value=100, label="Points of a strike", help_text="0: a violation brings no strike."
    )
    strike_days = forms.IntegerField(min_value=1, max_value=1830, label="Days until it expires", initial=180)


def wording_of(form: Any) -> Wording:
    """What was written, as the services take it."""
    return Wording(**{name: form.cleaned_data[name] for name in WORDING})
