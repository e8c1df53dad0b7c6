"""The trail on the page of a person."""

from django.urls import reverse

from accounts.models import User
from audit.admin import words
from audit.models import Event
from core.admin.panels import Panel, register_panel

register_panel(
    User,
    Panel(
        title="Trail",
        columns=(
            ("When (UTC)", lambda event: f"{event.created_at:%Y-%m-%d %H:%M}"),
            ("Who", words.who),
            ("Acting as", words.role),
            ("Did", words.did),
            ("Why", lambda event: event.label and event.label.reason),
        ),
        rows=lambda user: Event.objects.about(user).select_related("label", "actor").order_by("-pk"),
        permission="audit.view_label",
        url=lambda event: reverse("admin:audit_event_change", args=[event.pk]),
        all_url=lambda user: words.trail_of(user, "subject"),
        empty="Nothing was done to this account.",
    ),
)
