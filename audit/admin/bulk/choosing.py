"""From a list of cases to the preview of a bulk job."""

from collections.abc import Iterable
from copy import copy
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.admin import action
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.models import User
from audit.admin.bulk.forms import BulkForm
from audit.errors import BulkRefused
from audit.models import BulkJob, Case
from audit.models.moderation.bulk import ALONE_UP_TO, MOST_ITEMS
from audit.services.bulk_jobs import bulk_job_preview
from core.admin.site import backoffice

CREATE = "audit.create_bulkjob"


def bulk_url(query: str) -> str:
    """The address that takes every case of a list over; `query` is what stands behind the ? of the list."""
    return f"{reverse('admin:audit_bulkjob_new')}?{urlencode({'list': query})}"


@action(permissions=["bulk"], description="Decide in bulk")
def decide_in_bulk(modeladmin: Any, request: HttpRequest, chosen: Any) -> HttpResponse:
    """An action of the list of cases: take the chosen ones over into a new bulk job."""
    return _page(request, BulkForm(initial=_initial(chosen.values_list("reference", flat=True))))


def new_bulk_job(request: HttpRequest) -> HttpResponse:
    """The form of a new bulk job; sent, it makes the preview, on whose page it is submitted."""
    if not request.user.has_perm(CREATE):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, BulkForm(initial=_initial(_cases_of_list(request))))
    form = BulkForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            job = bulk_job_preview(
                title=asked["title"],
                case_ids=asked["cases"],
                outcome=asked["outcome"],
                policy_version_id=asked["policy_version"].pk if asked["policy_version"] else None,
                effects=asked["effects"],
                lasts=asked["days"],
                reasons=asked["reasons"],
                actor=cast(User, request.user),
            )
        except BulkRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return HttpResponseRedirect(reverse("admin:audit_bulkjob_change", args=[job.pk]))
    return _page(request, form)


def _initial(references: Iterable[str]) -> dict[str, str]:
    return {"cases": "\n".join(references)}


def _cases_of_list(request: HttpRequest) -> list[str]:
    """The references of what a list of cases shows with these filters, on all its pages, up to one too many."""
    query = request.GET.get("list")
    if query is None:
        return []
    room = backoffice.get_model_admin(Case)
    asked = copy(request)
    asked.GET = QueryDict(query)  # type: ignore[assignment]
    rows = room.get_changelist_instance(asked).get_queryset(asked)
    return list(rows.values_list("reference", flat=True)[: MOST_ITEMS + 1])


def _page(request: HttpRequest, form: BulkForm) -> HttpResponse:
    return TemplateResponse(
        request,
        "admin/bulk_new.html",
        {
            **backoffice.each_context(request),
            "title": "Decide many cases at once",
            "opts": BulkJob._meta,
            "form": form,
            "alone_up_to": ALONE_UP_TO,
            "most": f"{MOST_ITEMS:,}",
        },
    )


backoffice.add_pages(
    path("audit/bulkjob/new/", backoffice.admin_view(new_bulk_job), name="audit_bulkjob_new"),
)
