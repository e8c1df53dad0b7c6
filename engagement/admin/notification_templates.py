"""The editor of wordings: drafts with a preview and their differences, published by a colleague."""

import difflib
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import exact
from core.admin.home import HomeCard, register_card
from core.admin.models import BackOfficeModelAdmin
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.context import current_actor_id
from engagement.models import NotificationTemplate, NotificationTrigger, TemplateVersion
from engagement.notification_choices import NotificationChannel, NotificationTemplateStatus
from engagement.notification_errors import TemplateRefused, VariableMissing
from engagement.notification_policies import TEMPLATE_WRITERS
from engagement.notifications.rendering import wording_check
from engagement.services.notification_templates import (
    template_discard,
    template_draft,
    template_preview,
    template_publish,
    template_revise,
)

WRITE = "engagement.write_notificationtemplate"
KEPT = (
    "trigger_code",
    "template",
    "preview",
    "differences",
    "number",
    "status",
    "published_at",
    "drafted_by",
    "published_by",
    "id",
    "version",
)
HELP = "Plain text; {{ name }} stands for a variable of the trigger."


class WordingForm(forms.ModelForm):
    """A draft: for which trigger, channel and language, and its words."""

    trigger = forms.ModelChoiceField(NotificationTrigger.objects.order_by("code"))
    channel = forms.ChoiceField(choices=NotificationChannel.choices)
    locale = forms.CharField(label="Language", max_length=35, help_text="BCP 47 tag: en, pt-BR.")
    subject = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"size": 80}), help_text=HELP)
    body = forms.CharField(
        max_length=10_000, widget=forms.Textarea(attrs={"rows": 12, "cols": 80}), help_text=HELP
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = TemplateVersion
        fields = ("subject", "body")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding:
            for name in ("trigger", "channel", "locale"):
                self.fields.pop(name, None)
            if "seen_version" in self.fields:
                self.fields["seen_version"].initial = self.instance.version

    def clean(self) -> dict[str, Any]:
        """Say at the form what a wording must not hold; the service and the database say it again."""
        answers = super().clean() or self.cleaned_data
        trigger = answers.get("trigger") if self.instance._state.adding else self.instance.template.trigger
        if trigger is not None and {"subject", "body"} <= answers.keys():
            try:
                wording_check(subject=answers["subject"], body=answers["body"], known=trigger.variables)
            except TemplateRefused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return answers


@admin.register(TemplateVersion, site=backoffice)
class TemplateVersionAdmin(BackOfficeModelAdmin):
    """Every version of every template, drafts included."""

    section = Section.PEOPLE
    adds = True
    changes = True
    form = WordingForm
    list_display = ("trigger_code", "channel", "locale", "number", "subject", "status", "published_at")
    list_filter = (
        "status",
        exact("trigger", "trigger", lookup="template__trigger__code", help="The code of a trigger."),
        exact("locale", "language", lookup="template__locale", help="pt-BR"),
    )
    list_select_related = ("template__trigger", "drafted_by", "published_by")
    search_fields = ("template__trigger__code__exact",)
    search_help_text = "The whole code of a trigger, or an id."
    actions = (
        ConfirmedAction(
            "publish",
            template_publish,
            WRITE,
            words="Publish",
            explain="From now on people read this. It can never be changed again; a new version takes its place.",
            done="{obj} is in use.",
            dangerous=True,
            available=lambda version: _is_draft(version) and version.drafted_by_id != current_actor_id(),
            reason=False,
            id_kwarg="version_id",
        ),
        ConfirmedAction(
            "discard",
            template_discard,
            WRITE,
            words="Discard the draft",
            explain="The draft is deleted; the version in use is not touched.",
            done="The draft is discarded.",
            dangerous=True,
            available=lambda version: _is_draft(version),
            id_kwarg="version_id",
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.has_perm(WRITE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            (obj is None or _is_draft(obj))
            and super().has_change_permission(request, obj)
            and request.user.has_perm(WRITE)
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("trigger", "channel", "locale", "subject", "body")
        hidden = ("seen_version",) if self.has_change_permission(request, obj) else ()
        return ("subject", "body", *KEPT, *hidden)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else KEPT

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version begins as the one in use."""
        for name in ("template", "trigger"):
            try:
                found = UUID(request.GET.get(name, ""))
            except ValueError:
                continue
            if name == "trigger":
                return {"trigger": found, "locale": "en"}
            template = NotificationTemplate.objects.filter(pk=found).first()
            if template is not None:
                used = template.versions.published().order_by("-number").first()
                words = {"subject": used.subject, "body": used.body} if used else {}
                return {
                    "trigger": template.trigger_id,
                    "channel": template.channel,
                    "locale": template.locale,
                    **words,
                }
        return {}

    @admin.display(description="Trigger")
    def trigger_code(self, version: TemplateVersion) -> str:
        return version.template.trigger.code

    @admin.display(description="Channel")
    def channel(self, version: TemplateVersion) -> str:
        return str(version.template.get_channel_display())

    @admin.display(description="Language")
    def locale(self, version: TemplateVersion) -> str:
        return str(version.template.locale)

    @admin.display(description="Preview, with samples")
    def preview(self, version: TemplateVersion) -> SafeString | str:
        """What somebody would read; everything is escaped."""
        try:
            words = template_preview(version)
        except VariableMissing as refusal:
            return str(refusal)
        return format_html("<strong>{}</strong><pre>{}</pre>", words.subject, words.body)

    @admin.display(description="Differences from the version before")
    def differences(self, version: TemplateVersion) -> SafeString | str:
        """Line by line against the one in use; for a published one against the one before it."""
        before = (
            TemplateVersion.objects.published()
            .filter(template=version.template_id, number__lt=version.number)
            .order_by("-number")
            .first()
        )
        if before is None:
            return "This is the first version."
        lines = list(
            difflib.unified_diff(
                _lines(before),
                _lines(version),
                f"version {before.number}",
                f"version {version.number}",
                lineterm="",
            )
        )
        if not lines:
            return f"None: it says what version {before.number} says."
        return format_html("<pre>{}</pre>", format_html_join("\n", "{}", ((line,) for line in lines)))

    def save_model(self, request: HttpRequest, obj: TemplateVersion, form: Any, change: bool) -> None:
        """Through the services; the row that one wrote takes the place of the form's."""
        actor, answers = cast(User, request.user), form.cleaned_data
        words = {"subject": answers["subject"], "body": answers["body"]}
        if change:
            written = template_revise(
                version_id=obj.pk, actor=actor, expected_version=answers["seen_version"], **words
            )
        else:
            written = template_draft(
                trigger_id=answers["trigger"].pk,
                channel=answers["channel"],
                locale=answers["locale"],
                actor=actor,
                **words,
            )
        obj.__dict__.update(written.__dict__)


def _is_draft(version: TemplateVersion) -> bool:
    return bool(version.status == NotificationTemplateStatus.DRAFT)


def _lines(version: TemplateVersion) -> list[str]:
    return [f"subject: {version.subject}", *version.body.splitlines()]


register_card(
    HomeCard(
        section=Section.PEOPLE,
        title="Wordings in draft",
        roles=TEMPLATE_WRITERS,
        count=lambda limit: CountUpTo(
            TemplateVersion.objects.filter(status=NotificationTemplateStatus.DRAFT), limit
        ),
        url=lambda: f"{reverse('admin:engagement_templateversion_changelist')}?status__exact=draft",
        words="Somebody else than the author reads and publishes them.",
    )
)
