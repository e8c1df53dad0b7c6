"""Panels of subject requests: their timeline, what was done, and the requests on the page of a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.admin.links import colleague
from accounts.models import User
from accounts.services.erasure import erasure_vetoes
from audit.admin.takedown_words import instant
from audit.models import SubjectRequest
from audit.models.compliance.request_step import OBJECTS
from audit.request_choices import OPEN, RequestKind, RequestStatus, StepOutcome
from core.admin.panels import Panel
from core.admin.site import backoffice
from core.db.context import current_role
from core.db.roles import Role


@dataclass(frozen=True)
class Obstacle:
    """Something that stands against an erasure now."""

    words: str
    until: datetime | None


def obstacles(request: SubjectRequest) -> Iterator[Obstacle]:
    """What stands against an open erasure, as compliance may ask; nobody else learns of it here."""
    if current_role() != Role.COMPLIANCE or request.kind != RequestKind.ERASURE:
        return
    if request.status in (RequestStatus.VERIFIED, RequestStatus.RUNNING):
        for veto in erasure_vetoes(request.person):
            yield Obstacle(veto.reason, veto.until)


def page_of(request_id: Any) -> str:
    """The page of a request."""
    return reverse("admin:audit_subjectrequest_change", args=[request_id])


def _by_law(step: Any) -> str:
    return f"{step.legal_basis}; until {step.until}" if step.until else step.legal_basis or "–"


PANELS = (
    Panel(
        title="What stands against it",
        columns=(("What", "words"), ("Not before (UTC)", lambda row: instant(row.until))),
        rows=obstacles,
        permission="audit.handle_subjectrequest",
        empty="Nothing.",
        words="The person is told of none of this beyond what they know themselves.",
    ),
    Panel(
        title="Moves",
        columns=(
            ("From", lambda row: row.get_from_status_display() or "new"),
            ("To", "to_status"),
            ("When (UTC)", lambda row: instant(row.moved_at)),
            ("By", lambda row: colleague(row.actor)),
            ("Role", lambda row: row.acting_role.removeprefix("vbl_").replace("_", " ")),
            ("Why", "reason"),
        ),
        rows=lambda request: request.transitions.select_related("actor").order_by("-pk"),
        permission="audit.view_subjectrequesttransition",
    ),
    Panel(
        title="Steps",
        columns=(
            ("What", "words"),
            ("Table", "category"),
            ("Outcome", "outcome"),
            ("Rows", "rows"),
            ("Columns", lambda row: ", ".join(row.columns) or "–"),
            ("By which law, until when", _by_law),
            ("Done (UTC)", lambda row: instant(row.done_at)),
        ),
        rows=lambda request: request.steps.exclude(category=OBJECTS, outcome=StepOutcome.DESTROYED).order_by(
            "pk"
        ),
        permission="audit.view_requeststep",
        limit=300,
        empty="Nothing was done yet.",
    ),
    Panel(
        title="Objects that still lie in storage",
        columns=(("Since (UTC)", lambda row: instant(row.created_at)), ("Step", lambda row: str(row.pk))),
        rows=lambda request: request.steps.pending(),
        permission="audit.view_requeststep",
        empty="None.",
    ),
)


backoffice.add_panel(
    User,
    Panel(
        title="Subject requests",
        columns=(
            ("Reference", "reference"),
            ("What", "kind"),
            ("Status", "status"),
            ("Received (UTC)", lambda row: instant(row.received_at)),
            ("Deadline (UTC)", lambda row: instant(row.deadline) if row.status in OPEN else "–"),
        ),
        rows=lambda user: SubjectRequest.objects.filter(person=user).order_by("-pk"),
        permission="audit.view_subjectrequest",
        url=lambda row: page_of(row.pk),
        all_url=lambda user: f"{reverse('admin:audit_subjectrequest_changelist')}?queue=all&person={user.pk}",
        empty="This person asked for nothing.",
    ),
)
