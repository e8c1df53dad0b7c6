"""The page of a case: everything that one looks at before deciding, and the decision, in one place."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from audit.admin.moderation import case_work, words
from audit.admin.moderation.attempts import actor_of
from audit.admin.moderation.case_parts import (
    dossier_of,
    evidence_shown,
    parts_of_decisions,
    policies_shown,
    reports_shown,
)
from audit.admin.moderation.decide_form import DecideForm, wordings_about
from audit.admin.moderation.decide_step import decide, preview
from audit.admin.moderation.subjects import subject_now
from audit.models import Case
from audit.models.moderation.case import WAITING
from audit.models.moderation.readers import CASE_STAFF
from audit.moderation_choices import EscalationRoute, NoteAudience
from audit.selectors_case import (
    case_with_dossier,
    decisions_for_case,
    events_of_case,
    evidence_of_case,
    published_wordings,
    reports_of_case,
    wordings_at,
)
from audit.services.claims import OTHERS_ROUTES, claim_renew
from audit.services.presences import presence_note
from core.admin import submissions
from core.db.roles import Role

if TYPE_CHECKING:
    from audit.admin.moderation.cases import CaseAdmin

RENEWED_BELOW = timedelta(minutes=5)
"""A lease with less time than this is renewed when its holder opens the page."""


def find(request: HttpRequest, object_id: str) -> Case | None:
    """The case with everything about its person; None where there is none, or none for this role."""
    try:
        identity = UUID(object_id)
    except ValueError:
        return None
    return case_with_dossier(identity, reader_id=actor_of(request).pk)


def may_decide(request: HttpRequest, case: Case) -> bool:
    """Whether the form is offered: to whoever may take the case now, or holds it."""
    if not request.user.has_perm("audit.decide_case") or case.status not in WAITING:
        return False
    if words.is_held(case):
        return case.claimed_by_id == request.user.pk
    return is_for(request.acting_role, case)  # type: ignore[attr-defined]


def is_for(role: Role, case: Case) -> bool:
    """Whether it is for this role to decide: an escalated case is for those to whom it went, as `claim_next` has it."""
    if role not in CASE_STAFF:
        return case.escalation_route == EscalationRoute.LEGAL
    return case.escalation_route not in OTHERS_ROUTES.get(role, ())


def show(room: "CaseAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    """The page; opening it tells colleagues that one is there, and renews a lease that is about to end."""
    if not room.has_view_permission(request):
        raise PermissionDenied
    case = find(request, object_id)
    if case is None:
        return room._get_obj_does_not_exist_redirect(request, room.opts, object_id)
    if request.acting_role in CASE_STAFF and case.status in WAITING:  # type: ignore[attr-defined]
        presence_note(case_id=case.pk, actor=actor_of(request))
        if _is_mine(request, case) and case.claimed_until - timezone.now() < RENEWED_BELOW:  # type: ignore[operator]
            claim_renew(case_id=case.pk, actor=actor_of(request))
    return page(room, request, case)


def decide_view(room: "CaseAdmin", request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Preview a decision, or make it; what is refused stands beside the form."""
    if not (room.has_view_permission(request) and request.user.has_perm("audit.decide_case")):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseRedirect(case_work.case_url(object_id))
    case = find(request, str(object_id))
    if case is None:
        return room._get_obj_does_not_exist_redirect(request, room.opts, str(object_id))
    form = _form(request, case, wordings_now(), request.POST)
    previewed = None
    if form.is_valid():
        if "preview" in request.POST:
            previewed = preview(request, case, form)
        else:
            answer = decide(request, case, form)
            if answer is not None:
                return answer
        # Decided meanwhile, or claimed by somebody else: show the case as it is now.
        case = find(request, str(object_id)) or case
    return page(room, request, case, form=form, previewed=previewed)


def wordings_now() -> Any:
    """The wordings that hold now, in the order of the tree."""
    return list(wordings_at(published_wordings(), timezone.now()).values())


def _is_mine(request: HttpRequest, case: Case) -> bool:
    return case.claimed_by_id == request.user.pk and words.is_held(case)


def _form(request: HttpRequest, case: Any, wordings: Any, data: Any = None) -> DecideForm:
    return DecideForm(data, case=case, role=request.acting_role, wordings=wordings)  # type: ignore[attr-defined]


def page(
    room: "CaseAdmin",
    request: HttpRequest,
    case: Any,
    *,
    form: DecideForm | None = None,
    previewed: Any = None,
) -> HttpResponse:
    """The page with everything on it; the form as it was sent, if it was."""
    now = timezone.now()
    versions = published_wordings()
    current = wordings_at(versions, now)
    is_mine = _is_mine(request, case)
    decides = may_decide(request, case)
    if form is None and decides:
        form = _form(request, case, list(current.values()))
    subject = subject_now(case.subject_kind, case.subject_id)
    here, elsewhere = parts_of_decisions(decisions_for_case(case), case)
    works = request.acting_role in CASE_STAFF  # type: ignore[attr-defined]
    request.current_app = room.admin_site.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request,
        "admin/audit/case/page.html",
        {
            **room.admin_site.each_context(request),
            "title": f"{case.reference}: {subject.title}",
            "opts": room.opts,
            "media": room.media,
            "case": case,
            "subject": subject,
            "state": words.state_words(case, now),
            "due": words.due_badge(case, now),
            "explanation": words.explanation(case),
            "is_waiting": words.is_waiting(case),
            "is_held": words.is_held(case, now),
            "is_mine": is_mine,
            "looking": words.names(row["handle"] for row in case.looking),
            "works": works,
            "is_for_me": is_for(request.acting_role, case),  # type: ignore[attr-defined]
            "notes": request.user.has_perm("audit.work_case"),
            "object_actions": [
                (action, action.url(room, case))
                for action in room.confirmed_actions().values()
                if action.permitted(request) and action.offered(case)
            ],
            "evidence": evidence_shown(request, evidence_of_case(case)),
            "reports": reports_shown(case, reports_of_case(case)),
            "dossier": dossier_of(case, elsewhere),
            "decisions": here,
            "policies": policies_shown(case, versions, now, form),
            "events": events_of_case(case),
            "audiences": NoteAudience.choices,
            "note_token": case_work.note_token(request, case.pk),
            "form": form if decides or (form is not None and form.is_bound) else None,
            "decide_token": submissions.issue(request, f"audit.case:decide:{case.pk}"),
            "previewed": previewed,
            "wordings": wordings_about(subject.title),
        },
    )


def urls(room: "CaseAdmin") -> list[URLPattern]:
    """The address to which the decision is sent."""

    def view(request: HttpRequest, object_id: UUID) -> HttpResponse:
        return decide_view(room, request, object_id)

    return [path("<uuid:object_id>/decide/", room.admin_site.admin_view(view), name="audit_case_decide")]
