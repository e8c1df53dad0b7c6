"""Rules: which cases they are about, what they add to the priority, and where they let cases wait."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from audit.admin.reference.edited import EditedRoom, ReasonedForm
from audit.admin.reference.queues import MANAGE
from audit.admin.reference.spans import SpanField
from audit.models import Queue, QueueRule
from audit.moderation_choices import ReportCategory, ReportSource, SubjectKind
from audit.services.queues import (
    cases_matching,
    queue_rule_add,
    queue_rule_change,
    queue_rule_delete,
)
from core.admin.actions import ConfirmedAction
from core.admin.home import up_to
from core.admin.keyset import KeysetChangeList
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

FIELDS = (
    "name",
    "position",
    "is_active",
    "categories",
    "subject_kinds",
    "sources",
    "least_reports",
    "least_strike_points",
    "live_only",
    "points",
    "queue",
    "due_within",
)
PREVIEW = "_preview"
MOST_COUNTED = 1000


def _any_of(choices: Any, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=choices.choices,
        required=False,
        label=label,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: any.",
    )


class RuleFields(forms.ModelForm):
    """Conditions and consequences; the button of the preview says what they match now, and saves nothing."""

    categories = _any_of(ReportCategory, "Reports of")
    subject_kinds = _any_of(SubjectKind, "About")
    sources = _any_of(ReportSource, "From")
    due_within = SpanField(required=False, label="Due within")
    queue = forms.ModelChoiceField(
        queryset=Queue.objects.none(),
        required=False,
        help_text="Where such cases wait; empty: the rule says nothing.",
    )

    class Meta:
        model = QueueRule
        fields = FIELDS
        widgets = {"name": forms.TextInput(attrs={"size": 80})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        active = Queue.objects.filter(is_active=True).order_by("position", "pk")
        self.fields["queue"].queryset = active  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if PREVIEW in self.data and not self.errors:
            matched = matched_words(QueueRule(**{name: cleaned[name] for name in FIELDS}))
            self.add_error(None, f"Preview, nothing was saved. As written, it matches {matched}")
        return cleaned


class RuleForm(RuleFields, ReasonedForm):
    """The same for a rule that exists, with the reason of the change."""


def matched_words(rule: QueueRule) -> str:
    """How many cases that wait now a rule matches by what stands in the case."""
    number = up_to(cases_matching(rule), MOST_COUNTED)
    shown = f"{number:,}" if number < MOST_COUNTED else f"at least {MOST_COUNTED:,}"
    limits = [
        words
        for words, asked in (
            ("strikes", rule.least_strike_points > 0),
            ("being on air", rule.live_only),
        )
        if asked
    ]
    without = f" (before its condition about {' and '.join(limits)})" if limits else ""
    return f"{shown} of the cases that wait now{without}."


class RulesInOrder(KeysetChangeList):
    """In the order in which they are asked."""

    order = ("position",)
    order_words = "in the order in which they are asked"
    pager_words = ("First", "Before", "After")


@admin.register(QueueRule, site=backoffice)
class QueueRuleAdmin(EditedRoom):
    """Every rule that matches adds its points; the first that names a queue decides where a case waits."""

    section = Section.MODERATION
    permission = MANAGE
    change_form_template = "admin/audit/queuerule/change_form.html"
    list_display = ("position", "name", "conditions", "points", "queue", "is_active")
    list_display_links = ("position", "name")
    list_filter = ("is_active",)
    list_select_related = ("queue",)
    panels = (
        Panel(
            title="Earlier states",
            columns=(
                ("When (UTC)", lambda row: f"{row.history_date:%Y-%m-%d %H:%M}"),
                ("Place", "position"),
                ("Points", "points"),
                ("In use", "is_active"),
                ("Why", lambda row: row.history_change_reason or "–"),
            ),
            rows=lambda rule: QueueRule.history.filter(id=rule.pk).order_by("-history_id"),
            permission="audit.view_historicalqueuerule",
            empty="Unchanged since it was made.",
        ),
    )
    actions = (
        ConfirmedAction(
            "delete-rule",
            queue_rule_delete,
            MANAGE,
            words="Delete the rule",
            explain="Cases that it has moved stay where they are. To pause a rule, say that it is not in use.",
            done="The rule is deleted.",
            dangerous=True,
            id_kwarg="queue_rule_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return RulesInOrder

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = RuleForm if change and self.has_change_permission(request, obj) else RuleFields
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return FIELDS
        if self.has_change_permission(request, obj):
            return (*FIELDS, "matches", "reason", "seen_version")
        return (*FIELDS, "matches")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("matches",)

    @admin.display(description="Matches now")
    def matches(self, rule: QueueRule) -> str:
        return matched_words(rule)

    @admin.display(description="When")
    def conditions(self, rule: QueueRule) -> str:
        """Its conditions in words."""
        parts = [
            ", ".join(str(choices(value).label) for value in values)
            for choices, values in (
                (ReportCategory, rule.categories),
                (SubjectKind, rule.subject_kinds),
                (ReportSource, rule.sources),
            )
            if values
        ]
        if rule.least_reports > 1:
            parts.append(f"{rule.least_reports} reports or more")
        if rule.least_strike_points:
            parts.append(f"{rule.least_strike_points} points of strikes or more")
        if rule.live_only:
            parts.append("on air")
        return "; ".join(parts) or "always"

    def save_model(self, request: HttpRequest, obj: QueueRule, form: Any, change: bool) -> None:
        """Through the services; the row that one wrote takes the place of the form's."""
        actor = cast(User, request.user)
        if not change:
            obj.pk = queue_rule_add(fields=_by_key(form.cleaned_data, FIELDS), actor=actor).pk
            return
        changes = form.changes(*FIELDS)
        if changes:
            queue_rule_change(
                queue_rule_id=obj.pk,
                changes=_by_key(changes, changes),
                actor=actor,
                reason=form.cleaned_data["reason"],
                expected_version=form.cleaned_data["seen_version"],
            )


def _by_key(values: Any, names: Any) -> dict[str, Any]:
    """The values as the services take them: the queue by its key."""
    found = {name: values[name] for name in names}
    if "queue" in found:
        queue = found.pop("queue")
        found["queue_id"] = queue.pk if queue else None
    return found
