"""The steps of a moderator at a case that ask for no reason: take the next, claim, release, pass over, note, be there.

Each is one POST, done at once, and refused in words on the next page.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse

from audit.admin.moderation.attempts import REFUSED, actor_of, attempt
from audit.admin.moderation.words import is_held
from audit.models import Case
from audit.models.moderation.readers import CASE_STAFF
from audit.moderation_choices import NoteAudience
from audit.selectors_case import looking_now
from audit.services.case_notes import case_note
from audit.services.claims import case_claim, case_skip, claim_next, claim_release, claim_renew
from audit.services.presences import presence_note
from core.admin import submissions

if TYPE_CHECKING:
    from audit.admin.moderation.cases import CaseAdmin

WORK = "audit.work_case"
SKIP_HOURS = 24
"""So long a case that somebody passed over is not given to them."""

View = Callable[..., HttpResponse]


def case_url(case_id: Any) -> str:
    """The page of a case."""
    return reverse("admin:audit_case_change", args=[case_id])


def list_url(queue: str = "") -> str:
    """The list of what waits; of one queue, if it is named."""
    return reverse("admin:audit_case_changelist") + (f"?queue={queue}" if queue else "")


def note_token(request: HttpRequest, case_id: UUID) -> str:
    """The token of one sending of the form for a note."""
    return submissions.issue(request, f"audit.case:note:{case_id}")


def _step(view: View) -> View:
    """A step of those who work cases: by POST; who opens its address is led to the page where its button is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(WORK):
            raise PermissionDenied
        if request.method != "POST":
            case_id = kwargs.get("object_id")
            return HttpResponseRedirect(case_url(case_id) if case_id else list_url())
        return view(request, *args, **kwargs)

    return guarded


@_step
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent case that is free, of one queue or of all, and open it."""
    queue = request.POST.get("queue", "")[:40]
    case = attempt(request, lambda: claim_next(actor=actor_of(request), queue_code=queue or None))
    if case is None:
        messages.info(
            request, "Nothing waits here that you could take. What you passed over comes back to you later."
        )
    if case is None or case is REFUSED:
        return HttpResponseRedirect(list_url(queue))
    return HttpResponseRedirect(case_url(case.pk))


@_step
def claim(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Hold the case, for as long as one works at it."""
    attempt(request, lambda: case_claim(case_id=object_id, actor=actor_of(request)), "You hold this case.")
    return HttpResponseRedirect(case_url(object_id))


@_step
def release(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Give the case back to its queue."""
    done = attempt(
        request, lambda: claim_release(case_id=object_id, actor=actor_of(request)), "The case is free again."
    )
    return HttpResponseRedirect(case_url(object_id) if done is REFUSED else list_url())


@_step
def skip(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Pass the case over: it is not given to this person for a day, and a lease on it ends."""
    done = attempt(
        request,
        lambda: case_skip(case_id=object_id, actor=actor_of(request), hours=SKIP_HOURS),
        f"Passed over: it is not given to you for {SKIP_HOURS} hours.",
    )
    return HttpResponseRedirect(case_url(object_id) if done is REFUSED else list_url())


@_step
def note(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Write a note: for colleagues, for the person, or for those who reported."""
    audience = request.POST.get("audience", "")
    words = request.POST.get("words", "").strip()

    def write() -> None:
        submissions.spend(request, f"audit.case:note:{object_id}", request.POST.get("submission", ""))
        known = audience if audience in NoteAudience.values else NoteAudience.INTERNAL
        case_note(case_id=object_id, actor=actor_of(request), words=words, audience=NoteAudience(known))

    attempt(request, write, "Noted.")
    return HttpResponseRedirect(f"{case_url(object_id)}#history")


@_step
def present(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Sent by the page every half minute while somebody works at it: renews a lease, tells who else looks."""
    if request.acting_role not in CASE_STAFF:  # type: ignore[attr-defined]
        raise PermissionDenied
    case = Case.objects.filter(pk=object_id).first()
    if case is None:
        raise Http404
    presence_note(case_id=object_id, actor=actor_of(request))
    mine = case.claimed_by_id == request.user.pk and is_held(case)
    if mine:
        claim_renew(case_id=object_id, actor=actor_of(request))
    others = looking_now(object_id).exclude(moderator=request.user.pk)
    return JsonResponse(
        {
            "looking": list(others.values_list("moderator__handle", flat=True)),
            "mine": mine,
            "version": case.version,
        }
    )


def urls(room: "CaseAdmin") -> list[URLPattern]:
    """The addresses of these steps."""
    guard = room.admin_site.admin_view
    steps = {"claim": claim, "release": release, "skip": skip, "note": note, "present": present}
    return [
        path("next/", guard(take_next), name="audit_case_next"),
        *(
            path(f"<uuid:object_id>/{name}/", guard(view), name=f"audit_case_{name}")
            for name, view in steps.items()
        ),
    ]
