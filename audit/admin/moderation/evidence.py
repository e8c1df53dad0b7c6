"""Files among the evidence: hidden until somebody asks, and each asking is on record."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.storage import InvalidStorageError, Storage, storages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from audit.admin.moderation.attempts import actor_of
from audit.admin.moderation.case_work import case_url
from audit.models import Evidence
from audit.services.evidence_views import evidence_view_record

if TYPE_CHECKING:
    from audit.admin.moderation.cases import CaseAdmin

SALT = "audit.evidence"
SHOWN_FOR = 10 * 60
"""Seconds for which a file is shown after somebody asked for it."""

LARGEST = 64 * 2**20
"""Bytes of a file that a page shows; what is larger is watched where it lies."""

PICTURES = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})
RECORDINGS = frozenset({"video/mp4", "video/webm"})
SHOWN = PICTURES | RECORDINGS
"""Types that a browser shows without running anything; others are handed over as files."""


def store() -> Storage | None:
    """Where files of evidence lie; None where this installation has no such store."""
    try:
        return storages["evidence"]
    except InvalidStorageError:
        return None


def token_for(request: HttpRequest, evidence_id: UUID) -> str:
    """The right of this person to see this file for a while."""
    return signing.dumps([str(evidence_id), str(request.user.pk)], salt=SALT)


def opens(request: HttpRequest, evidence_id: UUID, token: str) -> bool:
    """Whether the token lets this person see this file now."""
    try:
        named, person = signing.loads(token, salt=SALT, max_age=SHOWN_FOR)
    except (signing.BadSignature, ValueError):
        return False
    return bool(named == str(evidence_id) and person == str(request.user.pk))


def _file_of(request: HttpRequest, object_id: UUID, evidence_id: UUID) -> Evidence:
    if not request.user.has_perm("audit.view_evidence"):
        raise PermissionDenied
    found = Evidence.objects.filter(pk=evidence_id, case=object_id).exclude(object_key="").first()
    if found is None:
        raise Http404
    return found


def ask(request: HttpRequest, object_id: UUID, evidence_id: UUID) -> HttpResponse:
    """Record that somebody wants to see the file; the page shows it for a while."""
    found = _file_of(request, object_id, evidence_id)
    if request.method != "POST":
        return HttpResponseRedirect(case_url(object_id))
    if store() is None:
        messages.warning(request, "This installation has no store of evidence, so there is no file to show.")
        return HttpResponseRedirect(case_url(object_id))
    evidence_view_record(evidence_id=found.pk, actor=actor_of(request))
    return HttpResponseRedirect(
        f"{case_url(object_id)}?shown={token_for(request, found.pk)}#evidence-{found.pk}"
    )


def send(request: HttpRequest, object_id: UUID, evidence_id: UUID) -> HttpResponse:
    """The file itself, to whoever has asked for it. Nothing in it runs, and nothing keeps a copy."""
    found = _file_of(request, object_id, evidence_id)
    if not opens(request, evidence_id, request.GET.get("token", "")):
        raise PermissionDenied
    files = store()
    if files is None or not files.exists(found.object_key) or files.size(found.object_key) > LARGEST:
        raise Http404
    with files.open(found.object_key) as file:
        content = file.read()
    is_shown = found.media_type in SHOWN
    response = HttpResponse(
        content, content_type=found.media_type if is_shown else "application/octet-stream"
    )
    response["Content-Disposition"] = "inline" if is_shown else 'attachment; filename="evidence"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


def file_url(evidence: Evidence, token: str) -> str:
    """The address of the file, for whoever holds the token."""
    address = reverse("admin:audit_case_evidence_file", args=[evidence.case_id, evidence.pk])
    return f"{address}?token={token}"


def urls(room: "CaseAdmin") -> list[URLPattern]:
    """The addresses of these steps."""
    guard = room.admin_site.admin_view
    return [
        path(
            "<uuid:object_id>/evidence/<uuid:evidence_id>/show/", guard(ask), name="audit_case_evidence_show"
        ),
        path(
            "<uuid:object_id>/evidence/<uuid:evidence_id>/file/", guard(send), name="audit_case_evidence_file"
        ),
    ]
