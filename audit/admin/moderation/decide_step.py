"""Sending the form of a decision: find out what it would do, or do it, once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from audit.admin.moderation.attempts import actor_of
from audit.admin.moderation.case_work import case_url
from audit.admin.moderation.decide_form import DecideForm
from audit.models import Case
from audit.moderation_choices import DecisionOutcome, NoteAudience
from audit.services.case_notes import case_note
from audit.services.decision_previews import DecisionPreview, decision_preview
from audit.services.decisions import case_decide
from core.admin import submissions
from core.admin.confirmation import all_or_nothing, sentence
from core.errors import Refused, StaleVersion


def _arguments(request: HttpRequest, case: Case, form: DecideForm) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "case_id": case.pk,
        "actor": actor_of(request),
        "outcome": DecisionOutcome(values["outcome"]),
        "reasons": values["reasons"],
        "policy_version_id": values["policy_version_id"],
        "effects": form.requests(),
        "close": values["close"],
        "automated_detection": values["automated_detection"],
        "proposal_id": values.get("proposal_id"),
        "expected_version": _version(request),
    }


def _version(request: HttpRequest) -> int | None:
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return None


def _refuse(form: forms.Form, refusal: Refused | IntegrityError | OperationalError) -> None:
    if isinstance(refusal, StaleVersion):
        form.add_error(None, f"{refusal} What you wrote is still here; look at the case below as it is now.")
    else:
        form.add_error(None, sentence(refusal))


def preview(request: HttpRequest, case: Case, form: DecideForm) -> DecisionPreview | None:
    """What the decision would do and say; None when it would be refused, which the form then says."""
    try:
        with all_or_nothing():
            return decision_preview(**_arguments(request, case, form))
    except (Refused, IntegrityError, OperationalError) as refusal:
        _refuse(form, refusal)
        return None


def decide(request: HttpRequest, case: Case, form: DecideForm) -> HttpResponse | None:
    """Decide, and lead to the case, where the next one is offered; None when it was refused."""
    try:
        with all_or_nothing():
            submissions.spend(request, f"audit.case:decide:{case.pk}", request.POST.get("submission", ""))
            case_decide(**_arguments(request, case, form))
            if form.cleaned_data["note"].strip():
                case_note(
                    case_id=case.pk,
                    actor=actor_of(request),
                    words=form.cleaned_data["note"],
                    audience=NoteAudience.INTERNAL,
                )
    except submissions.AlreadyDone as done:
        messages.info(request, str(done))
        return HttpResponseRedirect(case_url(case.pk))
    except (Refused, IntegrityError, OperationalError) as refusal:
        _refuse(form, refusal)
        return None
    messages.success(request, f"{case.reference} is decided. Take the next case when you are ready.")
    return HttpResponseRedirect(f"{case_url(case.pk)}?decided=1")
