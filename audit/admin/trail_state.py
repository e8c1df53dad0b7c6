"""The state of the trail on one page, and the proof of an event to take away."""

import json
from typing import cast
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from audit.admin.seals import genuine
from audit.models import Event
from audit.models.trail.readers import OVERSEERS
from audit.selectors_trail import TrailState, trail_state
from audit.services.event_proofs import event_proof_make
from core.admin.actions import REASON_AT_LEAST, REASON_AT_MOST
from core.admin.home import HomeCard, register_card
from core.admin.object_links import ObjectLink
from core.admin.sections import Section
from core.admin.site import PageRoom, backoffice
from core.errors import Refused


class ProofForm(forms.Form):
    """Which event, for whom, and whether its words go along."""

    event = forms.UUIDField(
        label="Id of the event", help_text="It stands on the page of the event in the trail."
    )
    with_words = forms.BooleanField(
        label="With its words",
        required=False,
        help_text="Names, network address and reason as they were, where they were not erased: personal data.",
    )
    reason = forms.CharField(
        label="Reason",
        min_length=REASON_AT_LEAST,
        max_length=REASON_AT_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For whom the proof is. Your colleagues read this in the trail.",
    )


def trail_state_page(request: HttpRequest) -> HttpResponse:
    """What is sealed and proven; a sent form saves the proof of an event."""
    if request.acting_role not in OVERSEERS:  # type: ignore[attr-defined]
        raise PermissionDenied
    form = ProofForm(request.POST) if request.method == "POST" else ProofForm(initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            return _file(form.cleaned_data["event"], form, cast(User, request.user))
        except Refused as refusal:
            form.add_error(None, refusal.message)
    state = trail_state()
    return TemplateResponse(
        request,
        "admin/trail_state.html",
        {
            **backoffice.each_context(request),
            "title": "State of the trail",
            "form": form,
            "state": state,
            "is_genuine": genuine(state.latest) if state.latest else "",
            "waited": _minutes(state),
        },
    )


def _file(event_id: UUID, form: ProofForm, actor: User) -> HttpResponse:
    proof = event_proof_make(
        event_id=event_id,
        with_words=form.cleaned_data["with_words"],
        actor=actor,
        reason=form.cleaned_data["reason"],
    )
    response = HttpResponse(json.dumps(proof, indent=2), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="proof-{event_id}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _minutes(state: TrailState) -> str:
    if state.waited is None:
        return "none"
    return f"the oldest for {state.waited.total_seconds() / 60:,.0f} minutes"


def _stale() -> int:
    state = trail_state()
    return int(state.is_stale or state.last is None or bool(state.last.found or state.last.error))


backoffice.add_pages(path("trail/", backoffice.admin_view(trail_state_page), name="trail_state"))
backoffice.add_room(PageRoom(Section.OVERSIGHT, "State of the trail", "trail_state", OVERSEERS))
backoffice.add_object_link(
    Event,
    ObjectLink(
        "Save its proof", lambda event: f"{reverse('admin:trail_state')}?event={event.pk}#proof", OVERSEERS
    ),
)
register_card(
    HomeCard(
        section=Section.OVERSIGHT,
        title="Trail not proven",
        roles=OVERSEERS,
        count=lambda limit: _stale(),
        url=lambda: reverse("admin:trail_state"),
        words="The last verification found something wrong, could not be made, or is older than a day and a half.",
    )
)
