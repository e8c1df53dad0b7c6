"""Rooms in which rows are edited on their page, by a service that asks for a reason."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest

from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST
from core.admin.models import BackOfficeModelAdmin


class ReasonedForm(forms.ModelForm):
    """A row as it is, why it is changed, and which state of it the person saw."""

    reason = forms.CharField(
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="Your colleagues read this in the trail.",
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["seen_version"].initial = self.instance.version

    def changes(self, *own: str) -> dict[str, Any]:
        """What the person changed, of the fields named."""
        return {name: self.cleaned_data[name] for name in own if name in self.changed_data}


class EditedRoom(BackOfficeModelAdmin):
    """Adding and changing go through services; what they refuse is said, and nothing is saved.

    `permission` is asked besides Django's own for the table.
    """

    adds = True
    changes = True
    permission = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm(self.permission)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.has_perm(self.permission)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Choices of other rows without Django's way to make one in a second window: that is done in their room."""
        form = super().get_form(request, obj, change, **kwargs)
        for field in form.base_fields.values():
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                field.widget = field.widget.widget
        return form
