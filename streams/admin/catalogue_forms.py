"""What the forms of the catalogue ask for besides the reason."""

from typing import Any
from uuid import UUID

from django import forms

from streams.catalogue import category_at, tags_meant
from streams.choices import CategoryNameKind, LabelSeverity
from streams.errors import CategoryUnknown
from streams.models import ContentLabel, Tag
from streams.models.category import LONGEST_NAME
from streams.models.content_label import OLDEST
from streams.naming import LONGEST_TAG


class CategoryField(forms.CharField):
    """A category by its slug, as the list shows it; gives the id. Empty: none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "The slug of the category, as the list shows it.")
        super().__init__(max_length=200, **options)

    def clean(self, value: Any) -> UUID | None:
        slug = super().clean(value)
        if not slug:
            return None
        try:
            return category_at(slug).pk
        except CategoryUnknown as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class TagField(forms.CharField):
    """A tag in whatever spelling; gives the tag that is meant."""

    def clean(self, value: Any) -> Tag:
        text = super().clean(value)
        found = list(tags_meant([text]).values())
        if not found:
            raise forms.ValidationError(f"There is no tag “{text[:80]}”. Look it up in the list of tags.")
        return found[0]


class RenameCategoryForm(forms.Form):
    """Another name, and another address if it must be."""

    name = forms.CharField(label="New name", max_length=LONGEST_NAME)
    slug = forms.SlugField(
        label="New slug", required=False, help_text="Leave empty to keep the address, which others link to."
    )


class MoveCategoryForm(forms.Form):
    """Where a category goes."""

    parent_id = CategoryField(
        label="Below which category",
        required=False,
        help_text="The slug of the category. Leave empty to put it among the roots.",
    )


class MergeCategoryForm(forms.Form):
    """What takes the place of a category."""

    target_id = CategoryField(label="Which category takes its place")


class NewChildForm(forms.Form):
    """A category below another one."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    slug = forms.SlugField(
        label="Slug", help_text="Part of its address on the web: small letters, digits, hyphens."
    )


class CategoryAliasForm(forms.Form):
    """Another name of a category."""

    kind = forms.ChoiceField(label="What it is", choices=CategoryNameKind.choices)
    language = forms.CharField(label="Language", max_length=20, help_text="Such as ko, pt-BR or zh-Hant.")
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class TagAliasForm(forms.Form):
    """Another spelling of a tag."""

    name = forms.CharField(label="Other spelling", max_length=4 * LONGEST_TAG)


class MergeTargetForm(forms.Form):
    """Which tag takes the place."""

    target = TagField(
        label="Which tag takes its place",
        max_length=4 * LONGEST_TAG,
        help_text="In whatever spelling. The next page shows what would move; nothing is done yet.",
    )


class ContentLabelForm(forms.Form):
    """What a label says."""

    name = forms.CharField(label="Name", max_length=80)
    description = forms.CharField(
        label="What falls under it", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    severity = forms.ChoiceField(label="Severity", choices=LabelSeverity.choices)
    minimum_age = forms.IntegerField(label="Minimum age in years", min_value=0, max_value=OLDEST)
    is_in_use = forms.BooleanField(
        label="May be set", required=False, help_text="Untick to retire the label; where it is it stays."
    )


class StreamLabelForm(forms.Form):
    """Which label."""

    label_id = forms.ModelChoiceField(label="Label", queryset=ContentLabel.objects.order_by("name"))

    def clean_label_id(self) -> UUID:
        return self.cleaned_data["label_id"].pk  # type: ignore[no-any-return]
