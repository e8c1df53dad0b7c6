"""What the pages of filings ask for beside a reason."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.admin.filters import user_named
from accounts.admin.forms import UntilField
from audit.filing_choices import FilingKind, FilingOutcome
from audit.models import Case, ComplianceFiling, TakedownNotice
from audit.services.filings import LONGEST
from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST


class PastField(forms.DateTimeField):
    """An instant in UTC that has been; empty means now."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("help_text", "UTC. Leave empty for now.")
        options.setdefault("widget", forms.DateTimeInput(attrs={"type": "datetime-local"}))
        super().__init__(**options)

    def clean(self, value: Any) -> datetime | None:
        instant = super().clean(value)
        if instant is not None and instant > timezone.now():
            raise forms.ValidationError("This lies in the future. Give an instant that has been.")
        return instant


class WordsField(forms.CharField):
    """What is reported; encrypted at once."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", "What is reported")
        options.setdefault("widget", forms.Textarea(attrs={"rows": 8}))
        options.setdefault("help_text", "Encrypted at once. Link to evidence; do not paste it.")
        super().__init__(max_length=LONGEST, **options)


class PrepareForm(forms.ModelForm):
    """A filing at its beginning."""

    filing_kind = forms.ChoiceField(label="What is filed", choices=[("", "Choose"), *FilingKind.choices])
    to = forms.CharField(
        label="Authority",
        max_length=200,
        required=False,
        help_text="Empty: NCMEC CyberTipline or FinCEN, where the kind says so.",
    )
    basis = forms.CharField(
        label="Law or order", max_length=300, required=False, help_text="Empty: the law of the kind."
    )
    aware = PastField(
        label="Aware since",
        help_text="UTC. When the house became aware: the deadline runs from then. Empty for a tax report alone.",
    )
    year = forms.IntegerField(
        label="Reporting year",
        min_value=2000,
        max_value=2200,
        required=False,
        help_text="Of a tax report alone.",
    )
    due = UntilField(
        label="Due",
        help_text="UTC. Empty: by the law of the kind. An order of an authority has its own; else only earlier ones.",
    )
    whom = forms.CharField(
        label="Person", max_length=100, required=False, help_text="A handle or an id; empty for nobody."
    )
    which_case = forms.CharField(
        label="Case", max_length=100, required=False, help_text="The id on the page of the case."
    )
    which_notice = forms.CharField(
        label="Copyright notice", max_length=100, required=False, help_text="Its reference or id."
    )
    text = WordsField(required=False)
    why = forms.CharField(
        label="Reason",
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=(
            f"Your colleagues read this in the trail. At least {REASON_AT_LEAST} characters; keep secrets "
            "out of it."
        ),
    )

    class Meta:
        model = ComplianceFiling
        fields: tuple[str, ...] = ()

    def clean_whom(self) -> UUID | None:
        """A handle becomes an id."""
        text = self.cleaned_data["whom"].strip()
        return user_named(text) if text else None

    def clean_which_case(self) -> UUID | None:
        """The id of a case that is there."""
        text = self.cleaned_data["which_case"].strip()
        if not text:
            return None
        key = _identity(text, "Give the id that stands on the page of the case.")
        if not Case.objects.filter(pk=key).exists():
            raise ValidationError("There is no such case.")
        return key

    def clean_which_notice(self) -> UUID | None:
        """A reference becomes an id."""
        text = self.cleaned_data["which_notice"].strip()
        if not text:
            return None
        try:
            found = TakedownNotice.objects.filter(pk=UUID(text))
        except ValueError:
            found = TakedownNotice.objects.filter(reference=text.upper())
        key = found.values_list("pk", flat=True).first()
        if key is None:
            raise ValidationError(f"There is no copyright notice {text}.")
        return key

    def _post_clean(self) -> None:
        """The service and the database check the row."""


class ReviseForm(forms.Form):
    """The words anew."""

    words = WordsField()
    authority = forms.CharField(
        label="Authority", max_length=200, required=False, help_text="Empty: as it is."
    )
    legal_basis = forms.CharField(
        label="Law or order", max_length=300, required=False, help_text="Empty: as it is."
    )


class FileForm(forms.Form):
    """What the authority gave back."""

    authority_reference = forms.CharField(
        label="Reference of the authority", max_length=100, help_text="The number of the report or receipt."
    )
    filed_at = PastField(label="Filed at")


class AmendForm(forms.Form):
    """Since when there is something new."""

    aware_at = PastField(label="Aware of what is new since")
    words = WordsField(required=False)


class AnswerForm(forms.Form):
    """What the authority made of it."""

    outcome = forms.ChoiceField(
        label="What the authority made of it", choices=[("", "Choose"), *FilingOutcome.choices]
    )
    outcome_at = PastField(label="Answered at")


class PreserveForm(forms.Form):
    """Until when what it is about is kept."""

    until = UntilField(
        label="Until", help_text="UTC. Leave empty for a hold that stays until it is released."
    )


def _identity(text: str, sentence: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ValidationError(sentence) from None
