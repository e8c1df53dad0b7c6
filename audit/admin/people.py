"""The trail on the page of a person, and of a performer, whose row has the id of the person."""

from django.urls import reverse

from accounts.models import User
from audit.admin import words
from audit.models import Event
from core.admin.panels import Panel
from core.admin.site import backoffice
from performers.models import PerformerProfile

TRAIL = Panel(
    title="Trail",
    columns=(
        ("When (UTC)", lambda event: f"{event.created_at:%Y-%m-%d %H:%M}"),
        ("Who", words.who),
        ("Acting as", words.role),
        ("Did", words.did),
        ("Why", lambda event: event.label and event.label.reason),
    ),
    rows=lambda row: Event.objects.filter(subject_id=row.pk).select_related("label", "actor").order_by("-pk"),
    permission="audit.view_label",
    url=lambda event: reverse("admin:audit_event_change", args=[event.pk]),
    all_url=lambda row: words.trail_of(row, "subject"),
    empty="Nothing was done to this account.",
)

for model in (User, PerformerProfile):
    backoffice.add_panel(model, TRAIL)
