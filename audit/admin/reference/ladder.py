"""The ladder of strikes: steps are added, changed and retired, never deleted."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.models import User
from audit.models import ActionProposal, StrikeLadderStep
from audit.moderation_choices import StrikeAction
from audit.services.strike_ladder import ladder_step_add, ladder_step_change, ladder_step_retire
from core.admin.actions import ConfirmedAction
from core.admin.keyset import KeysetChangeList
from core.admin.models import BackOfficeModelAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

MANAGE = "audit.manage_strikeladderstep"


class DaysField(forms.IntegerField):
    """Whole days, as a duration; empty means not limited."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(min_value=1, max_value=1830, **options)

    def clean(self, value: Any) -> timedelta | None:
        days = super().clean(value)
        return timedelta(days=days) if days else None


class StepForm(forms.Form):
    """From how many points on what is proposed, and for how long."""

    points = forms.IntegerField(min_value=1, max_value=1000, help_text="From so many points in force on.")
    action = forms.ChoiceField(choices=StrikeAction.choices, label="What is proposed")
    lasts = DaysField(label="For how many days", help_text="Leave empty for no limit; a warning has none.")


class NewStepForm(forms.ModelForm):
    """The same for a new row."""

    lasts = DaysField(label="For how many days", help_text="Leave empty for no limit; a warning has none.")

    class Meta:
        model = StrikeLadderStep
        fields = ("points", "action", "lasts")


@admin.register(StrikeLadderStep, site=backoffice)
class StrikeLadderAdmin(BackOfficeModelAdmin):
    """From how many points on which action is proposed to lead moderators."""

    section = Section.MODERATION
    adds = True
    form = NewStepForm
    list_display = ("points", "action", "length", "is_active")
    list_filter = ("is_active",)
    fields = ("points", "action", "length", "is_active", "proposed", "created_at", "id", "version")
    readonly_fields = ("length", "is_active", "proposed", "created_at", "id", "version")
    panels = (
        Panel(
            title="Earlier states",
            columns=(
                ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
                ("Points", "points"),
                ("Action", "action"),
                ("Lasts", lambda row: _days(row.lasts)),
                ("In use", "is_active"),
                ("Why", lambda row: row.history_change_reason or "–"),
            ),
            rows=lambda step: StrikeLadderStep.history.filter(id=step.pk).order_by("-history_id"),
            permission="audit.view_historicalstrikeladderstep",
            empty="Unchanged since it was made.",
        ),
    )
    actions = (
        ConfirmedAction(
            "change",
            ladder_step_change,
            MANAGE,
            StepForm,
            words="Change",
            explain=lambda step: (
                f"Now: {step}, {_days(step.lasts)}. What it proposed before stays as it was."
            ),
            done="The step is changed.",
            available=lambda step: step.is_active,
            id_kwarg="step_id",
        ),
        ConfirmedAction(
            "retire",
            ladder_step_retire,
            MANAGE,
            words="Retire",
            explain="It proposes nothing any more. What it proposed before stays open until somebody decides.",
            done="The step is retired.",
            dangerous=True,
            available=lambda step: step.is_active,
            id_kwarg="step_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields if obj else ("points", "action", "lasts")

    @admin.display(description="Lasts")
    def length(self, step: StrikeLadderStep) -> str:
        return _days(step.lasts)

    @admin.display(description="Proposals of it")
    def proposed(self, step: StrikeLadderStep) -> int:
        return ActionProposal.objects.filter(step=step).count()

    def save_model(self, request: HttpRequest, obj: StrikeLadderStep, form: Any, change: bool) -> None:
        """Through the service; the row it wrote takes the place of the form's."""
        made = ladder_step_add(
            points=obj.points,
            action=obj.action,
            lasts=form.cleaned_data["lasts"],
            actor=cast(User, request.user),
        )
        obj.pk = made.pk


def _days(span: timedelta | None) -> str:
    return f"{span.days} days" if span else "no limit"
