"""Views of the list of cases that people keep: links above the list, one's own and those that colleagues share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse

from audit.admin.moderation.attempts import actor_of, attempt
from audit.models import SavedFilter
from audit.services.saved_filters import KNOWN_PARAMETERS, saved_filter_delete, saved_filter_save

if TYPE_CHECKING:
    from audit.admin.moderation.cases import CaseAdmin

MOST = 40
"""Filters shown above the list."""

KEEP = "audit.add_savedfilter"


@dataclass(frozen=True)
class ShownFilter:
    """A kept view as the list shows it."""

    id: UUID
    name: str
    url: str
    owner: str
    is_own: bool
    is_current: bool


def parameters_of(query: QueryDict) -> dict[str, str]:
    """What the address of the list says, as far as a kept view remembers it."""
    return {name: str(query[name]) for name in sorted(KNOWN_PARAMETERS) if query.get(name)}


def shown(request: HttpRequest) -> list[ShownFilter]:
    """Kept views by name, one's own first; one query."""
    here = parameters_of(request.GET)
    rows = SavedFilter.objects.select_related("owner").order_by("name", "pk")[:MOST]
    found = [
        ShownFilter(
            id=row.pk,
            name=row.name,
            url=f"?{urlencode(row.parameters)}",
            owner=str(row.owner),
            is_own=row.owner_id == request.user.pk,
            is_current=bool(here) and row.parameters == here,
        )
        for row in rows
    ]
    return sorted(found, key=lambda kept: not kept.is_own)


def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of the list from which the form was sent, under a name."""
    if not request.user.has_perm(KEEP):
        raise PermissionDenied
    parameters = parameters_of(QueryDict(request.POST.get("parameters", "")[:2000]))
    back = f"{reverse('admin:audit_case_changelist')}?{urlencode(parameters)}"
    if request.method == "POST":
        name = request.POST.get("name", "").strip()
        attempt(
            request,
            lambda: saved_filter_save(
                name=name,
                parameters=parameters,
                is_shared=bool(request.POST.get("is_shared")),
                actor=actor_of(request),
            ),
            f"Kept as {name}.",
        )
    return HttpResponseRedirect(back)


def delete(request: HttpRequest, object_id: UUID) -> HttpResponse:
    """Keep a view of one's own no longer."""
    if not request.user.has_perm("audit.delete_savedfilter"):
        raise PermissionDenied
    if request.method == "POST":
        attempt(
            request,
            lambda: saved_filter_delete(saved_filter_id=object_id, actor=actor_of(request)),
            "The filter is deleted.",
        )
    return HttpResponseRedirect(reverse("admin:audit_case_changelist"))


def urls(room: "CaseAdmin") -> list[URLPattern]:
    """The addresses of these steps."""
    guard = room.admin_site.admin_view
    return [
        path("filters/save/", guard(save), name="audit_savedfilter_save"),
        path("filters/<uuid:object_id>/delete/", guard(delete), name="audit_savedfilter_delete"),
    ]
