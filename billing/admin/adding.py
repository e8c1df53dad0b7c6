"""Rooms in which something is added by a service, from a form of its own."""

from abc import abstractmethod
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest

from core.admin.models import BackOfficeModelAdmin


class AddedByService(BackOfficeModelAdmin):
    """`add_form` asks, `add(request, answers)` calls the service and returns the row; `may_add` is the permission."""

    adds = True
    may_add = ""
    add_form: type[forms.ModelForm]

    @abstractmethod
    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        """Call the service with what the form says. Raises Refused."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.may_add)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = self.add_form
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else tuple(self.add_form.base_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        obj.__dict__.update(self.add(request, form.cleaned_data).__dict__)
