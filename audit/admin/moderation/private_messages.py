"""Private messages among the evidence: opened with a reason, shown once, and on record."""

from typing import TYPE_CHECKING
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import add_never_cache_headers

from audit.admin.moderation.attempts import actor_of
from audit.admin.moderation.case_work import case_url
from audit.models import Evidence
from audit.moderation_choices import EvidenceKind, SubjectKind
from audit.services.private_messages import PrivateWords, private_messages_open
from core.admin import submissions
from core.admin.confirmation import TOKEN, sentence
from core.encryption.reveal import REASON_AT_LEAST
from core.errors import Refused

if TYPE_CHECKING:
    from audit.admin.moderation.cases import CaseAdmin

OPEN = "audit.open_privatecopy"
SHOWN_SECONDS = 10 * 60
"""How long the page stays open: a conversation is read more slowly than an address."""


class ReasonForm(forms.Form):
    """Why somebody reads what others wrote to one another."""

    reason = forms.CharField(
        label="Why do you open them?",
        min_length=REASON_AT_LEAST,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the record of the reading, which compliance and auditors read.",
        error_messages={
            "required": "Say why: the reason is kept with the reading.",
            "min_length": f"Give a reason of at least {REASON_AT_LEAST} characters.",
        },
    )


def is_private(row: Evidence) -> bool:
    """Whether the words of this evidence are kept apart and opened by a reason."""
    return row.subject_kind == SubjectKind.DIRECT_MESSAGE and row.kind == EvidenceKind.SNAPSHOT


def open_url(evidence: Evidence) -> str:
    """Where its words are opened."""
    return reverse("admin:audit_case_private", args=[evidence.case_id, evidence.pk])


def open_private(room: "CaseAdmin", request: HttpRequest, object_id: UUID, evidence_id: UUID) -> HttpResponse:
    """Ask for the reason (GET), then show the messages (POST)."""
    if not (room.has_view_permission(request) and request.user.has_perm(OPEN)):
        raise PermissionDenied
    found = Evidence.objects.select_related("case").filter(pk=evidence_id, case=object_id).first()
    if found is None or not is_private(found):
        raise Http404
    purpose = f"audit.evidence:private:{found.pk}"
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            submissions.spend(request, purpose, request.POST.get(TOKEN, ""))
            opened = private_messages_open(
                evidence_id=found.pk, actor=actor_of(request), reason=form.cleaned_data["reason"]
            )
        except submissions.AlreadyDone:
            messages.info(request, "They were shown already. Give a reason again to see them once more.")
            return HttpResponseRedirect(case_url(object_id))
        except (Refused, IntegrityError, OperationalError) as refusal:
            form.add_error(None, sentence(refusal))
        else:
            return _shown(room, request, found, opened)
    return _page(room, request, found, {"form": form, "token": submissions.issue(request, purpose)})


def _shown(
    room: "CaseAdmin", request: HttpRequest, evidence: Evidence, opened: list[PrivateWords]
) -> HttpResponse:
    response = _page(room, request, evidence, {"opened": opened})
    add_never_cache_headers(response)
    response["Refresh"] = f"{SHOWN_SECONDS}; url={case_url(evidence.case_id)}"
    return response


def _page(
    room: "CaseAdmin", request: HttpRequest, evidence: Evidence, parts: dict[str, object]
) -> HttpResponse:
    request.current_app = room.admin_site.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request,
        "admin/audit/case/private.html",
        {
            **room.admin_site.each_context(request),
            "title": f"Private messages of {evidence.case.reference}",
            "opts": room.opts,
            "case": evidence.case,
            "evidence": evidence,
            "back": case_url(evidence.case_id),
            "minutes": SHOWN_SECONDS // 60,
            **parts,
        },
    )


def urls(room: "CaseAdmin") -> list[URLPattern]:
    """The address of this step."""

    def view(request: HttpRequest, object_id: UUID, evidence_id: UUID) -> HttpResponse:
        return open_private(room, request, object_id, evidence_id)

    return [
        path(
            "<uuid:object_id>/evidence/<uuid:evidence_id>/private/",
            room.admin_site.admin_view(view),
            name="audit_case_private",
        )
    ]
