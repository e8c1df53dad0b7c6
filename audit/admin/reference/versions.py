"""Versions of policies: written and revised as drafts, published by a colleague, read-only from then on."""

import difflib
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.forms import UntilField
from accounts.models import User
from audit.admin.reference.edited import EditedRoom
from audit.admin.reference.policies import WRITE
from audit.admin.reference.wording import WORDING, WordingForm, wording_of
from audit.models import ModerationPolicy, PolicyVersion
from audit.moderation_choices import PolicyVersionStatus
from audit.services.moderation_policies import policy_discard, policy_draft, policy_publish, policy_revise
from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.home import HomeCard, register_card
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_actor_id
from core.db.roles import Role

KEPT = ("number", "status", "effective_at", "drafted_by", "published_by", "differences", "id", "version")


class PublishForm(forms.Form):
    """From when on the version holds."""

    effective_at = UntilField(label="Holds from", help_text="UTC. Leave empty for now.")


class VersionForm(WordingForm):
    """The policy, and the wording."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PolicyVersion
        fields = ("policy", *WORDING)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and not self.instance._state.adding:
            self.fields["seen_version"].initial = self.instance.version
        if "policy" in self.fields:
            in_use = ModerationPolicy.objects.filter(retired_at__isnull=True).order_by("code")
            self.fields["policy"].queryset = in_use  # type: ignore[attr-defined]


@admin.register(PolicyVersion, site=backoffice)
class PolicyVersionAdmin(EditedRoom):
    """Every version of every policy, drafts included."""

    section = Section.MODERATION
    permission = WRITE
    form = VersionForm
    list_display = ("title", "policy", "number", "status", "effective_at", "severity", "strike_points")
    list_filter = ("status", "severity", exact("policy", "Policy (code)", lookup="policy__code"))
    list_select_related = ("policy", "drafted_by", "published_by")
    actions = (
        ConfirmedAction(
            "publish",
            policy_publish,
            WRITE,
            PublishForm,
            words="Publish",
            explain=lambda version: (
                f"{version} can never be changed again. Decisions rest on it from then on; the strikes of earlier ones "
                f"stay as they are."
            ),
            done="{obj} is published.",
            dangerous=True,
            available=lambda version: _is_draft(version) and version.drafted_by_id != current_actor_id(),
            reason=False,
            id_kwarg="policy_version_id",
        ),
        ConfirmedAction(
            "discard",
            policy_discard,
            WRITE,
            words="Discard the draft",
            explain="The draft is deleted; the version that holds is not touched.",
            done="The draft is discarded.",
            dangerous=True,
            available=lambda version: _is_draft(version),
            id_kwarg="policy_version_id",
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or _is_draft(obj)) and super().has_change_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("policy", *WORDING)
        hidden = ("seen_version",) if self.has_change_permission(request, obj) else ()
        return ("policy", *WORDING, *KEPT, *hidden)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("policy", *KEPT)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins as the one that holds."""
        try:
            policy_id = UUID(request.GET.get("policy", ""))
        except ValueError:
            return {}
        holds = PolicyVersion.objects.in_force().filter(policy=policy_id).first()
        words = {name: getattr(holds, name) for name in WORDING} if holds else {}
        return {"policy": policy_id, **words}

    @admin.display(description="Differences from the version that holds")
    def differences(self, version: PolicyVersion) -> SafeString | str:
        """Line by line against what holds now; for a published one against the version before."""
        others = PolicyVersion.objects.published().filter(policy=version.policy_id).exclude(pk=version.pk)
        if not _is_draft(version):
            others = others.filter(number__lt=version.number)
        before = others.order_by("-number").first()
        if before is None:
            return "This is the first version."
        lines = list(
            difflib.unified_diff(_lines(before), _lines(version), str(before), str(version), lineterm="")
        )
        if not lines:
            return f"None: it says what {before} says."
        return format_html("<pre>{}</pre>", format_html_join("\n", "{}", ((line,) for line in lines)))

    def save_model(self, request: HttpRequest, obj: PolicyVersion, form: Any, change: bool) -> None:
        """Through the services; the row that one wrote takes the place of the form's."""
        actor = cast(User, request.user)
        if change:
            policy_revise(
                policy_version_id=obj.pk,
                wording=wording_of(form),
                actor=actor,
                expected_version=form.cleaned_data["seen_version"],
            )
        else:
            policy = form.cleaned_data["policy"]
            obj.pk = policy_draft(policy_id=policy.pk, wording=wording_of(form), actor=actor).pk


def _is_draft(version: PolicyVersion) -> bool:
    return version.status == PolicyVersionStatus.DRAFT


def _lines(version: PolicyVersion) -> list[str]:
    """Everything that a version says, a line each."""
    facts = [f"{name.replace('_', ' ')}: {getattr(version, name)}" for name in WORDING if name != "text"]
    return [*facts, *version.text.splitlines()]


register_card(
    HomeCard(
        section=Section.MODERATION,
        title="Policies in draft",
        roles=(Role.LEAD_MODERATOR, Role.COMPLIANCE),
        count=lambda limit: CountUpTo(PolicyVersion.objects.filter(status=PolicyVersionStatus.DRAFT), limit),
        url=lambda: f"{reverse('admin:audit_policyversion_changelist')}?status__exact=draft",
        words="Somebody else than the author reads and publishes them.",
    )
)
