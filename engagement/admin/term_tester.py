"""What would automatic moderation do? A text, and every blocked term that is read in it."""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from core.admin.site import backoffice
from engagement.admin.chat_rooms import READERS
from engagement.automoderation import fold, readings
from engagement.chat_drafts import Draft, body_refusal
from engagement.chat_text import LONGEST
from engagement.models import ChatRoom
from engagement.services.blocked_terms import Finding, findings_in

NOWHERE = UUID(int=0)


class TesterForm(forms.Form):
    """A text, and where it would be written."""

    text = forms.CharField(
        max_length=LONGEST * 2, label="Text", widget=forms.Textarea(attrs={"rows": 3}), strip=False
    )
    room = forms.UUIDField(
        required=False, label="Room (id)", help_text="Empty: only the terms of the platform."
    )

    def clean_room(self) -> ChatRoom | None:
        """The room with this id."""
        key = self.cleaned_data["room"]
        if key is None:
            return None
        room = ChatRoom.objects.filter(pk=key).first()
        if room is None:
            raise ValidationError("There is no room with this id.")
        return room


@dataclass(frozen=True)
class Outcome:
    """What would become of the text: in words, with each finding and how the text is read."""

    words: str
    findings: list[Finding]
    folded: str
    number_of_readings: int


def outcome_of(text: str, room: ChatRoom | None) -> Outcome:
    """What the services would do with a text. One query, none for a text that no room takes."""
    draft = Draft(room_id=room.pk if room else NOWHERE, sender_id=None, body=text)
    read = readings(draft.text)
    if words := body_refusal(draft.text):
        return Outcome(f"Refused whatever its words: {words}", [], fold(draft.text), len(read))
    (found,) = findings_in(
        bodies=[draft.text],
        performer_ids=[room.performer_id if room else NOWHERE],
        room_ids=[draft.room_id],
    )
    words = "Passes: no blocked term is read in it."
    if found:
        words = "Refused." if found[0].action == "refuse" else "Held for review."
    return Outcome(words, found, fold(draft.text), len(read))


def term_tester(request: HttpRequest) -> HttpResponse:
    """A form, and below it the answer: reading alone, so that an address can be passed to a colleague."""
    if request.acting_role not in READERS:  # type: ignore[attr-defined]
        raise PermissionDenied
    is_asked = "ask" in request.GET
    form = TesterForm(request.GET) if is_asked else TesterForm(initial=request.GET.dict())
    outcome = None
    if is_asked and form.is_valid():
        outcome = outcome_of(form.cleaned_data["text"], form.cleaned_data["room"])
    return TemplateResponse(
        request,
        "admin/engagement/term_tester.html",
        {
            **backoffice.each_context(request),
            "title": "What would automatic moderation do?",
            "form": form,
            "outcome": outcome,
        },
    )


backoffice.add_pages(path("term-tester/", backoffice.admin_view(term_tester), name="chat_term_tester"))
