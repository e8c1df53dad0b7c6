"""Of what people are told, by which channels, and in which words."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin.actions import ConfirmedAction
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.context import current_role
from engagement.models import NotificationTemplate, NotificationTrigger
from engagement.notification_choices import DELIVERED_CHANNELS
from engagement.notification_policies import TEMPLATE_WRITERS
from engagement.services.notification_templates import trigger_route


class RouteForm(forms.Form):
    """By which channels beside the app."""

    channels = forms.MultipleChoiceField(
        choices=[(channel.value, channel.label) for channel in DELIVERED_CHANNELS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Unless the person prefers otherwise. Everything is told in the app.",
    )


def _templates(trigger: NotificationTrigger) -> Any:
    return trigger.templates.order_by("channel", "locale")


@admin.register(NotificationTrigger, site=backoffice)
class NotificationTriggerAdmin(ReadOnlyAdmin):
    """They come with the platform; which channels they take is chosen here."""

    section = Section.PEOPLE
    list_display = ("code", "words", "category", "is_mandatory", "by")
    list_filter = ("category", "is_mandatory")
    search_fields = ("code__exact",)
    search_help_text = "A whole code, or an id."
    fields = (
        "code",
        "words",
        "category",
        "is_mandatory",
        "by",
        "samples",
        "group_variable",
        "lives_for",
        "people_record",
        "write",
        "id",
        "version",
    )
    readonly_fields = ("by", "samples", "write")
    panels = (
        Panel(
            "Templates",
            columns=(("Channel", lambda row: row.get_channel_display()), ("Language", "locale")),
            rows=_templates,
            permission="engagement.view_notificationtemplate",
            url=lambda row: reverse("admin:engagement_notificationtemplate_change", args=[row.pk]),
            limit=50,
            empty="Nobody is told of it: it has no wording.",
        ),
    )
    actions = (
        ConfirmedAction(
            "route",
            trigger_route,
            "engagement.keep_notificationtrigger",
            RouteForm,
            words="Choose the channels",
            explain=lambda trigger: f"Now: {', '.join(trigger.channels)}.",
            done="{obj}: the channels are chosen.",
            id_kwarg="trigger_id",
        ),
    )

    @admin.display(description="Channels")
    def by(self, trigger: NotificationTrigger) -> str:
        return ", ".join(trigger.channels)

    @admin.display(description="Variables, with samples")
    def samples(self, trigger: NotificationTrigger) -> str:
        return json.dumps(trigger.variables, ensure_ascii=False, sort_keys=True)

    @admin.display(description="New wording")
    def write(self, trigger: NotificationTrigger) -> SafeString | str:
        if current_role() not in TEMPLATE_WRITERS:
            return "–"
        address = f"{reverse('admin:engagement_templateversion_add')}?trigger={trigger.pk}"
        return format_html('<a href="{}">Write a wording</a>; a colleague publishes it.', address)


@admin.register(NotificationTemplate, site=backoffice)
class NotificationTemplateAdmin(ReadOnlyAdmin):
    """Every trigger, channel and language for which there are words."""

    section = Section.PEOPLE
    list_display = ("trigger", "channel", "locale")
    list_filter = ("channel",)
    list_select_related = ("trigger",)
    search_fields = ("trigger__code__exact",)
    search_help_text = "The whole code of a trigger, or an id."
    fields = ("trigger", "channel", "locale", "write", "id")
    readonly_fields = ("write",)
    panels = (
        Panel(
            "Versions",
            columns=(
                ("Version", "number"),
                ("Subject", "subject"),
                ("Status", lambda row: row.get_status_display()),
                (
                    "Used since (UTC)",
                    lambda row: f"{row.published_at:%Y-%m-%d %H:%M}" if row.published_at else "–",
                ),
                ("Written by", lambda row: str(row.drafted_by or "the platform")),
                ("Published by", lambda row: str(row.published_by or "–")),
            ),
            rows=lambda template: template.versions.select_related("drafted_by", "published_by").order_by(
                "-number"
            ),
            permission="engagement.view_templateversion",
            url=lambda row: reverse("admin:engagement_templateversion_change", args=[row.pk]),
        ),
    )

    @admin.display(description="New version")
    def write(self, template: NotificationTemplate) -> SafeString | str:
        if current_role() not in TEMPLATE_WRITERS:
            return "–"
        address = f"{reverse('admin:engagement_templateversion_add')}?template={template.pk}"
        return format_html('<a href="{}">Write a new version</a>; a colleague publishes it.', address)
