"""What somebody says who wants to decide many cases at once."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms

from audit.models import Case, PolicyVersion
from audit.models.moderation.bulk import MOST_ITEMS
from audit.moderation_choices import DecisionOutcome, EffectKind

LONGEST_LIST = (MOST_ITEMS + 100) * 38
REFERENCE = re.compile(r"C-[0-9A-F]{8}")
OUTCOMES = [(item.value, item.label) for item in DecisionOutcome if item is not DecisionOutcome.REVERSAL]


class GroundChoice(forms.ModelChoiceField):
    """One of the policies in force, by code and title."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.policy.code}: {obj.title}"


class BulkForm(forms.Form):
    """The cases, the decision, and the reasons that the people concerned are told."""

    title = forms.CharField(min_length=3, max_length=120, help_text="What it is about, for your colleagues.")
    cases = forms.CharField(
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=f"References such as C-1A2B3C4D, or ids; up to {MOST_ITEMS:,}.",
    )
    outcome = forms.ChoiceField(choices=OUTCOMES, widget=forms.RadioSelect)
    policy_version = GroundChoice(
        queryset=PolicyVersion.objects.none(),
        required=False,
        label="Ground",
        help_text="For a violation: the policy that was violated.",
    )
    effects = forms.MultipleChoiceField(
        choices=EffectKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For a violation: each is carried out on the cases whose subject admits it.",
    )
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1830,
        label="For how many days",
        help_text="Bars and suspensions end after so many days. Leave empty for no end.",
    )
    reasons = forms.CharField(
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Facts and circumstances, as every person concerned reads them. No names.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        in_force = PolicyVersion.objects.in_force().values("pk")
        self.fields["policy_version"].queryset = (  # type: ignore[attr-defined]
            PolicyVersion.objects.filter(pk__in=in_force, policy__retired_at__isnull=True)
            .select_related("policy")
            .order_by("policy__code")
        )

    def clean_cases(self) -> list[UUID]:
        """The ids of the cases. What is neither a reference nor an id, or finds no case, is named."""
        words = self.cleaned_data["cases"].replace(",", " ").split()
        ids: list[UUID] = []
        references: list[str] = []
        for word in words:
            if REFERENCE.fullmatch(word.upper()):
                references.append(word.upper())
                continue
            try:
                ids.append(UUID(word))
            except ValueError:
                raise forms.ValidationError(f"{word[:60]} is neither a reference nor an id.") from None
        if len(words) > MOST_ITEMS:
            raise forms.ValidationError(
                f"These are more than {MOST_ITEMS:,} cases. Narrow the filter, or make several bulk jobs."
            )
        found: dict[str, list[UUID]] = {}
        for reference, pk in Case.objects.filter(reference__in=references).values_list("reference", "pk"):
            found.setdefault(reference, []).append(pk)
        for reference in references:
            if len(found.get(reference, ())) != 1:
                what = "several cases: give the id" if found.get(reference) else "no case that you see"
                raise forms.ValidationError(f"{reference} names {what}.")
        return list(dict.fromkeys([*ids, *(pk for keys in found.values() for pk in keys)]))

    def clean_days(self) -> timedelta | None:
        """The duration."""
        days = self.cleaned_data["days"]
        return timedelta(days=days) if days else None


class UndoForm(forms.Form):
    """Why a bulk job is undone."""

    reasons = forms.CharField(
        label="Reasons",
        min_length=10,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Every person concerned reads them with the reversal, and your colleagues in the trail. No names.",
    )
