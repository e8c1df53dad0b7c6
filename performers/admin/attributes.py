"""What performers may say of themselves: defined and retired here."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.models import BackOfficeModelAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.forms import DefinitionForm
from performers.choices import AttributeKind
from performers.models import AttributeDefinition
from performers.services.attributes import NewAttribute, attribute_define, attribute_retire


@admin.register(AttributeDefinition, site=backoffice)
class AttributeDefinitionAdmin(BackOfficeModelAdmin):
    """Attributes in use, and retired ones."""

    section = Section.CATALOGUE
    adds = True
    form = DefinitionForm
    list_display = ("label", "code", "kind", "unit", "special_category", "retired_at")
    list_filter = ("kind", "special_category", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("code__exact",)
    search_help_text = "A whole code, or an id."
    fields = (
        "label",
        "code",
        "kind",
        "unit",
        "choices",
        "special_category",
        "retired_at",
        "created_at",
        "id",
        "version",
    )
    actions = (
        ConfirmedAction(
            "retire",
            attribute_retire,
            "performers.define_attributedefinition",
            words="Retire",
            explain=lambda definition: f"Nobody can set {definition} any more; what was set stays.",
            done="{obj} is retired.",
            dangerous=True,
            available=lambda definition: definition.retired_at is None,
            id_kwarg="definition_id",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("performers.define_attributedefinition")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj:
            return self.fields
        return ("code", "label", "kind", "unit", "choice_lines", "special_category", "note")

    def save_model(self, request: HttpRequest, obj: AttributeDefinition, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        made = attribute_define(
            new=NewAttribute(
                code=obj.code,
                label=obj.label,
                kind=AttributeKind(obj.kind),
                unit=obj.unit,
                choices=form.cleaned_data["choice_lines"],
                special_category=obj.special_category,
            ),
            actor=cast(User, request.user),
            reason=form.cleaned_data["note"],
        )
        obj.pk = made.pk
