"""Queues: where cases wait, by when they are due there, and who sees them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from audit.admin.reference.edited import EditedRoom, ReasonedForm
from audit.admin.reference.spans import SpanField
from audit.models import Case, Queue
from audit.services.queues import queue_add, queue_change, queue_make_default
from audit.templatetags.workload_words import duration_words
from core.admin.actions import ConfirmedAction
from core.admin.home import MOST, up_to
from core.admin.keyset import KeysetChangeList
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

MANAGE = "audit.manage_queue"
FIELDS = ("name", "description", "position", "due_within", "leads_only")
WIDGETS = {
    "code": forms.TextInput(),
    "name": forms.TextInput(attrs={"size": 60}),
    "description": forms.Textarea(attrs={"rows": 3, "cols": 80}),
}


class NewQueueForm(forms.ModelForm):
    """A queue and its code, which never changes."""

    due_within = SpanField(label="Due within", initial="24 h")

    class Meta:
        model = Queue
        fields = ("code", *FIELDS)
        widgets = WIDGETS


class QueueForm(ReasonedForm):
    """What can be changed."""

    due_within = SpanField(label="Due within")

    class Meta:
        model = Queue
        fields = (*FIELDS, "is_active")
        widgets = WIDGETS


class QueuesInOrder(KeysetChangeList):
    """As moderators see them."""

    order = ("position", "pk")
    order_words = "in their order"
    pager_words = ("First", "Before", "After")


RULES = Panel(
    title="Rules that fill it",
    columns=(("Place", "position"), ("Rule", "name"), ("Points", "points"), ("In use", "is_active")),
    rows=lambda queue: queue.rules.order_by("position"),
    permission="audit.view_queuerule",
    limit=50,
    url=lambda rule: reverse("admin:audit_queuerule_change", args=[rule.pk]),
    empty="No rule names this queue.",
)


@admin.register(Queue, site=backoffice)
class QueueAdmin(EditedRoom):
    """Made and changed by lead moderators; closed rather than deleted."""

    section = Section.MODERATION
    permission = MANAGE
    list_display = ("name", "code", "due", "leads_only", "is_default", "is_active")
    list_filter = ("is_active", "leads_only")
    panels = (RULES,)
    actions = (
        ConfirmedAction(
            "default",
            queue_make_default,
            MANAGE,
            words="Make it the default queue",
            explain="It takes every case that no rule claims, in place of the queue that does now.",
            done="{obj} is the default queue.",
            available=lambda queue: queue.is_active and not queue.is_default and not queue.leads_only,
        ),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return QueuesInOrder

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = QueueForm if change and self.has_change_permission(request, obj) else NewQueueForm
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("code", *FIELDS)
        if self.has_change_permission(request, obj):
            return ("code", *FIELDS, "is_active", "is_default", "waiting", "reason", "seen_version")
        return ("code", *FIELDS, "is_active", "is_default", "waiting")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("code", "is_default", "waiting")

    @admin.display(description="Due within")
    def due(self, queue: Queue) -> str:
        return duration_words(queue.due_within)

    @admin.display(description="Cases that wait in it")
    def waiting(self, queue: Queue) -> str:
        number = up_to(Case.objects.waiting().filter(queue=queue), MOST)
        return str(number) if number < MOST else f"{MOST - 1}+"

    def save_model(self, request: HttpRequest, obj: Queue, form: Any, change: bool) -> None:
        """Through the services; the row that one wrote takes the place of the form's."""
        actor = cast(User, request.user)
        if not change:
            obj.pk = queue_add(
                code=form.cleaned_data["code"],
                actor=actor,
                **{name: form.cleaned_data[name] for name in FIELDS},
            ).pk
            return
        changes = form.changes(*FIELDS, "is_active")
        if changes:
            queue_change(
                queue_id=obj.pk,
                changes=changes,
                actor=actor,
                reason=form.cleaned_data["reason"],
                expected_version=form.cleaned_data["seen_version"],
            )
