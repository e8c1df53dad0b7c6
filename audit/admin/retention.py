"""How long rows are kept, and what the retention job did."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.admin.links import colleague
from audit.choices import ISO_PERIOD
from audit.models import RetentionPolicy, RetentionRun
from audit.selectors_retention import class_totals, spoken_period
from audit.services.retention_policies import (
    retention_change_approve,
    retention_change_propose,
    retention_change_withdraw,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

NOTHING_LONG = r"P(T?0+[DMYH])+"
NOTHING = "A period of nothing would delete everything at once. Name at least one day."
NO_PERIOD = "A period is written as P90D (days), P13M (months) or P7Y (years)."


class ChangeForm(forms.Form):
    """Another period and basis."""

    period = forms.CharField(label="New period", max_length=10, help_text=NO_PERIOD)
    basis = forms.CharField(
        label="Legal basis",
        min_length=3,
        max_length=300,
        help_text="By which law or for which purpose, as on the policy.",
    )

    def clean_period(self) -> str:
        """Raises ValidationError for what is no period, and for a period of nothing."""
        period: str = self.cleaned_data["period"].strip()
        if re.fullmatch(NOTHING_LONG, period):
            raise forms.ValidationError(NOTHING)
        if not re.fullmatch(ISO_PERIOD, period):
            raise forms.ValidationError(NO_PERIOD)
        return period


class ProposedFilter(admin.SimpleListFilter):
    """Policies that somebody proposes to change."""

    title = "proposal"
    parameter_name = "proposed"

    def lookups(self, request, model_admin):  # type: ignore[no-untyped-def]
        return [("yes", "Waits for approval")]

    def queryset(self, request, queryset):  # type: ignore[no-untyped-def]
        return queryset.filter(proposed_by__isnull=False) if self.value() == "yes" else queryset


@admin.register(RetentionPolicy, site=backoffice)
class RetentionPolicyAdmin(ReadOnlyAdmin):
    """One row per table. Compliance proposes a change, an administrator approves it."""

    section = Section.COMPLIANCE
    list_display = ("table_name", "words", "kept_for", "duty", "proposal")
    list_filter = ("action", "starts_from", "duty", ProposedFilter, exact("table_name", "table"))
    list_select_related = ("changed_by", "approved_by", "proposed_by")
    search_fields = ("table_name__exact",)
    search_help_text = "A whole name of a table, or an id."
    fields = (
        "table_name",
        "words",
        "kept_for",
        "starts_from",
        "action",
        "basis",
        "duty",
        "obeyed_by",
        "second_term",
        "shortest",
        "changed",
        "proposal",
        "proposed_basis",
        "proposed_reason",
        "id",
        "version",
    )
    readonly_fields = ("kept_for", "shortest", "changed", "proposal")
    actions = (
        ConfirmedAction(
            "propose",
            retention_change_propose,
            "audit.propose_retentionpolicy",
            ChangeForm,
            words="Propose a change",
            explain="Nothing changes until an administrator approves it.",
            done="The change is proposed.",
            available=lambda policy: policy.is_executed and policy.proposed_by_id is None,
            id_kwarg="retention_policy_id",
        ),
        ConfirmedAction(
            "approve",
            retention_change_approve,
            "audit.approve_retentionpolicy",
            words="Approve the change",
            explain=lambda policy: (
                f"From the next run on, rows of {policy.table_name} are kept "
                f"{spoken_period(policy.proposed_period)} instead of {spoken_period(policy.period)}. "
                "What is deleted does not come back."
            ),
            done="The policy is changed.",
            dangerous=True,
            available=lambda policy: policy.proposed_by_id is not None,
            id_kwarg="retention_policy_id",
        ),
        ConfirmedAction(
            "turn-down",
            retention_change_withdraw,
            "audit.change_retentionpolicy",
            words="Turn the change down",
            explain="The policy stays as it is.",
            done="The proposal is gone.",
            available=lambda policy: policy.proposed_by_id is not None,
            id_kwarg="retention_policy_id",
        ),
    )
    panels = (
        Panel(
            "Runs",
            columns=(
                ("When (UTC)", lambda run: f"{run.started_at:%Y-%m-%d %H:%M}"),
                ("How it ended", "outcome"),
                ("Over", "found"),
                ("Deleted", "deleted"),
                ("Archived", "archived"),
                ("Held", "held"),
                ("Bound", "bound"),
                ("Partitions", "partitions"),
            ),
            rows=lambda policy: policy.runs.order_by("-pk"),
            permission="audit.view_retentionrun",
            url=None,
            empty="The job has not obeyed this policy yet.",
        ),
    )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, below what the last runs and rehearsals found of each class."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        extra = {"retention_classes": class_totals(), **(extra_context or {})}
        return super().changelist_view(request, extra)

    @admin.display(description="Shortest by law")
    def shortest(self, policy: RetentionPolicy) -> str:
        if policy.minimum is None:
            return "no law is known that names one"
        return f"{spoken_period(policy.minimum)}: {policy.minimum_basis}"

    @admin.display(description="Kept for")
    def kept_for(self, policy: RetentionPolicy) -> str:
        return spoken_period(policy.period)

    @admin.display(description="Decided by")
    def changed(self, policy: RetentionPolicy) -> str:
        if policy.changed_by is None:
            return "as the code declares"
        return f"{colleague(policy.changed_by)}, approved by {colleague(policy.approved_by)}"

    @admin.display(description="Proposal")
    def proposal(self, policy: RetentionPolicy) -> str:
        if policy.proposed_by is None:
            return "–"
        return f"{spoken_period(policy.proposed_period)}, by {policy.proposed_by}"


@admin.register(RetentionRun, site=backoffice)
class RetentionRunAdmin(ReadOnlyAdmin):
    """What the retention job did to each table, rehearsals included."""

    section = Section.COMPLIANCE
    list_display = (
        "policy",
        "started_at",
        "outcome",
        "found",
        "deleted",
        "archived",
        "held",
        "partitions",
    )
    list_filter = ("outcome", "dry_run", exact("policy", "id of the policy", lookup="policy_id"), TimeFilter)
    list_select_related = ("policy",)
