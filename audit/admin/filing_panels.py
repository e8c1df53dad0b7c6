"""Panels of filings: on their own pages and on those of people."""

from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.admin.links import colleague
from accounts.models import User
from audit.admin.takedown_words import instant
from audit.models import ComplianceFiling
from core.admin.panels import Panel
from core.admin.site import backoffice


def filing_url(filing: Any) -> str:
    """The page of a filing."""
    return reverse("admin:audit_compliancefiling_change", args=[filing.pk])


def _versions(filing: ComplianceFiling) -> Any:
    """What it amends and what amends it."""
    found = ComplianceFiling.objects.filter(Q(pk=filing.amends_id) | Q(amends=filing))
    return found.defer("words").order_by("number", "pk")


COLUMNS: tuple[tuple[str, Any], ...] = (
    ("Filing", "reference"),
    ("What", "kind"),
    ("Authority", "authority"),
    ("Status", "status"),
    ("Due (UTC)", lambda filing: instant(filing.due_at)),
    ("Filed (UTC)", lambda filing: instant(filing.filed_at)),
    ("Their reference", lambda filing: filing.authority_reference or "–"),
)
FILING_PANELS = (
    Panel(
        title="Versions before and after",
        columns=(("Version", "number"), *COLUMNS),
        rows=_versions,
        permission="audit.view_compliancefiling",
        url=filing_url,
        empty="This is the only version.",
    ),
    Panel(
        title="Moves",
        columns=(
            ("From", lambda row: row.get_from_status_display() or "new"),
            ("To", "to_status"),
            ("When (UTC)", lambda row: instant(row.moved_at)),
            ("By", lambda row: colleague(row.actor)),
            ("Role", lambda row: row.acting_role.removeprefix("vbl_").replace("_", " ")),
        ),
        rows=lambda filing: filing.transitions.select_related("actor").order_by("-pk"),
        permission="audit.view_filingtransition",
        limit=20,
        words="Why stands in the trail.",
    ),
)

backoffice.add_panel(
    User,
    Panel(
        title="Filings to authorities",
        columns=COLUMNS,
        rows=lambda user: ComplianceFiling.objects.filter(person_id=user.pk).defer("words").order_by("-pk"),
        permission="audit.view_compliancefiling",
        url=filing_url,
        all_url=lambda user: (
            f"{reverse('admin:audit_compliancefiling_changelist')}?clock=all&person={user.pk}"
        ),
        empty="Nothing was reported to an authority.",
        words="Tell nobody outside of compliance, the person least of all.",
    ),
)
