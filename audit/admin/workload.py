"""Workload of moderation: what came in, what waits, what was decided, and how long it took."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from audit.admin.charts import days_svg
from audit.models.moderation.readers import CASE_STAFF, LEADS, OVERSEERS
from audit.selectors_workload import PERIODS, workload
from core.admin.sections import Section
from core.admin.site import PageRoom, backoffice
from core.db.roles import Role

READERS: tuple[Role, ...] = (*CASE_STAFF, *OVERSEERS)
SHORTEST = "7"


def workload_page(request: HttpRequest) -> HttpResponse:
    """The figures of the last 7 or 30 days; single moderators are shown to lead moderators alone."""
    role: Role = request.acting_role  # type: ignore[attr-defined]
    if role not in READERS:
        raise PermissionDenied
    chosen = request.GET.get("days", SHORTEST)
    chosen = chosen if chosen in PERIODS else SHORTEST
    figures = workload(PERIODS[chosen], of_moderators=role in LEADS)
    return TemplateResponse(
        request,
        "admin/workload.html",
        {
            **backoffice.each_context(request),
            "title": "Workload",
            "chosen": chosen,
            "periods": PERIODS,
            "figures": figures,
            "chart": days_svg(figures.days, f"Cases opened and decided by day, {chosen} days"),
            "shows_moderators": role in LEADS,
        },
    )


backoffice.add_pages(path("workload/", backoffice.admin_view(workload_page), name="workload"))
backoffice.add_room(PageRoom(Section.MODERATION, "Workload", "workload", READERS))
