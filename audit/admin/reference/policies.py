"""Policies: a tree of codes, each with the versions of its wording."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from audit.admin.reference.edited import EditedRoom
from audit.admin.reference.wording import WORDING, WordingForm, wording_of
from audit.models import ModerationPolicy, PolicyVersion
from audit.models.moderation.policy import WRITERS
from audit.moderation_choices import PolicyVersionStatus, ReportCategory
from audit.services.moderation_policies import policy_add, policy_assign, policy_retire
from core.admin.actions import ConfirmedAction
from core.admin.keyset import KeysetChangeList
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.context import current_role

WRITE = "audit.publish_moderationpolicy"


def version_url(version: PolicyVersion) -> str:
    """The page of a version."""
    return reverse("admin:audit_policyversion_change", args=[version.pk])


class NewPolicyForm(WordingForm):
    """A code, what is above it, and the first draft of the wording."""

    class Meta:
        model = ModerationPolicy
        fields = ("code", "parent", "categories")
        widgets = {"code": forms.TextInput(attrs={"size": 40})}

    categories = forms.MultipleChoiceField(
        choices=ReportCategory.choices,
        required=False,
        label="Proposed first for",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "parent" in self.fields:  # on the page of a policy nothing is written
            in_use = ModerationPolicy.objects.filter(retired_at__isnull=True).order_by("code")
            self.fields["parent"].queryset = in_use  # type: ignore[attr-defined]


class CategoriesForm(forms.Form):
    """For which categories of reports a policy is proposed first."""

    categories = forms.MultipleChoiceField(
        choices=ReportCategory.choices,
        required=False,
        label="Proposed first for",
        widget=forms.CheckboxSelectMultiple,
    )


class PolicyTree(KeysetChangeList):
    """By code, so that what belongs to a policy follows it; each with what holds now and what is drafted."""

    order = ("code",)
    order_words = "by code"
    pager_words = ("First", "Before", "After")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        keys = [policy.pk for policy in self.result_list]
        holding = {
            version.policy_id: version for version in PolicyVersion.objects.in_force().filter(policy__in=keys)
        }
        drafts = set(
            PolicyVersion.objects.filter(policy__in=keys, status=PolicyVersionStatus.DRAFT).values_list(
                "policy", flat=True
            )
        )
        for policy in self.result_list:
            policy.holds, policy.has_draft = holding.get(policy.pk), policy.pk in drafts


def _versions(policy: ModerationPolicy) -> Any:
    return policy.versions.select_related("drafted_by", "published_by").order_by("-number")


@admin.register(ModerationPolicy, site=backoffice)
class ModerationPolicyAdmin(EditedRoom):
    """Made with a first draft, changed by new versions, retired in the end."""

    section = Section.MODERATION
    permission = WRITE
    changes = False
    form = NewPolicyForm
    list_display = ("in_tree", "title", "severity", "points", "proposed_for", "state")
    list_filter = ()
    search_fields = ("code__exact",)
    search_help_text = "A whole code, or an id."
    readonly_fields = ("proposed_for", "draft_anew", "retired_at", "created_at", "id", "version")
    panels = (
        Panel(
            title="Versions",
            columns=(
                ("Version", lambda row: str(row)),
                ("Status", "status"),
                (
                    "Holds from (UTC)",
                    lambda row: f"{row.effective_at:%Y-%m-%d %H:%M}" if row.effective_at else "–",
                ),
                ("Severity", "severity"),
                ("Points", "strike_points"),
                ("Written by", lambda row: str(row.drafted_by or "the platform")),
                ("Published by", lambda row: str(row.published_by or "–")),
            ),
            rows=_versions,
            permission="audit.view_policyversion",
            url=version_url,
        ),
        Panel(
            title="Below it",
            columns=(("Policy", "code"), ("Retired", "retired_at")),
            rows=lambda policy: policy.children.order_by("code"),
            permission="audit.view_moderationpolicy",
            limit=50,
            url=lambda row: reverse("admin:audit_moderationpolicy_change", args=[row.pk]),
        ),
    )
    actions = (
        ConfirmedAction(
            "assign",
            policy_assign,
            WRITE,
            CategoriesForm,
            words="Propose it first for",
            explain=lambda policy: f"Now: {_labels(policy.categories) or 'none'}.",
            done="{obj}: the categories are changed.",
            available=lambda policy: policy.retired_at is None,
            reason=False,
            id_kwarg="policy_id",
        ),
        ConfirmedAction(
            "retire",
            policy_retire,
            WRITE,
            words="Retire",
            explain="No further decision can rest on it. It stays for those that do, and is never taken up again.",
            done="{obj} is retired.",
            dangerous=True,
            available=lambda policy: policy.retired_at is None,
            id_kwarg="policy_id",
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return PolicyTree

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("code", "parent", "categories", *WORDING)
        return ("code", "parent", *self.readonly_fields)

    @admin.display(description="Policy")
    def in_tree(self, policy: ModerationPolicy) -> SafeString:
        depth = policy.code.count(".")
        return format_html('<span style="padding-left:{}rem">{}</span>', depth * 1.5, policy.code)

    @admin.display(description="Title")
    def title(self, policy: Any) -> str:
        return policy.holds.title if policy.holds else "–"

    @admin.display(description="Severity")
    def severity(self, policy: Any) -> str:
        return policy.holds.get_severity_display() if policy.holds else "–"

    @admin.display(description="Points of a strike")
    def points(self, policy: Any) -> str:
        return str(policy.holds.strike_points) if policy.holds else "–"

    @admin.display(description="Proposed first for")
    def proposed_for(self, policy: ModerationPolicy) -> str:
        return _labels(policy.categories) or "–"

    @admin.display(description="Where it stands")
    def state(self, policy: Any) -> str:
        if policy.retired_at:
            return "Retired"
        words = ["In force" if policy.holds else "Not in force yet"]
        if policy.has_draft:
            words.append("a draft waits")
        return ", ".join(words)

    @admin.display(description="New version")
    def draft_anew(self, policy: ModerationPolicy) -> SafeString | str:
        if policy.retired_at is not None:
            return "A retired policy gets none."
        if current_role() not in WRITERS:
            return "–"
        address = f"{reverse('admin:audit_policyversion_add')}?policy={policy.pk}"
        return format_html('<a href="{}">Write a new version</a>; a colleague publishes it.', address)

    def save_model(self, request: HttpRequest, obj: ModerationPolicy, form: Any, change: bool) -> None:
        """Through the service; the row that it wrote takes the place of the form's."""
        parent = form.cleaned_data["parent"]
        draft = policy_add(
            code=form.cleaned_data["code"],
            parent_id=parent.pk if parent else None,
            categories=form.cleaned_data["categories"],
            wording=wording_of(form),
            actor=cast(User, request.user),
        )
        obj.pk = draft.policy_id


def _labels(categories: list[str]) -> str:
    return ", ".join(ReportCategory(category).label for category in categories)
