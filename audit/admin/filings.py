"""Filings to authorities: the queue by deadline, and each from draft to the authority's answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.filters import user_named
from accounts.admin.links import colleague, person_link
from accounts.models import User
from audit.admin.deadlines import DeadlineFilter, changelist_of
from audit.admin.filing_actions import FILING_ACTIONS, HANDLE
from audit.admin.filing_forms import PrepareForm
from audit.admin.filing_panels import FILING_PANELS, filing_url
from audit.admin.takedown_words import distance, instant
from audit.filing_rules import FILING_RULES
from audit.models import ComplianceFiling
from audit.models.compliance.compliance_filing import WAITING
from audit.services.filings import filing_prepare
from billing.admin.adding import AddedByService
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.keyset import KeysetChangeList
from core.admin.search import HITS, Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role

ROOM = "admin:audit_compliancefiling_changelist"
READERS = (Role.COMPLIANCE, Role.AUDITOR)
SOON = timedelta(days=2)


class FilingClockFilter(DeadlineFilter):
    """Filings that the authority has not got yet."""

    waiting = WAITING

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*super().lookups(request, model_admin), ("late", "Filed late")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "late":
            return queryset.filter(is_late=True)
        return super().queryset(request, queryset)


AboutFilter = exact(
    "person",
    "about",
    find=lambda text: Q(person_id=user_named(text)),
    help="A handle, or the id of a person.",
)
ReceiptFilter = exact("authority_reference", "reference of the authority", help="As the authority writes it.")


@admin.register(ComplianceFiling, site=backoffice)
class ComplianceFilingAdmin(AddedByService):
    """What is reported to authorities: what is due first stands first."""

    section = Section.COMPLIANCE
    may_add = HANDLE
    add_form = PrepareForm
    list_display = ("reference", "kind", "authority", "status", "clock", "about", "version_words", "prepared")
    list_filter = (
        FilingClockFilter,
        "kind",
        "status",
        "outcome",
        AboutFilter,
        ReceiptFilter,
        TimeFilter,
    )
    list_select_related = (
        "person",
        "case",
        "takedown",
        "hold",
        "amends",
        "prepared_by",
        "approved_by",
        "filed_by",
    )
    search_fields = ("reference__exact",)
    search_help_text = (
        "Our reference or that of the authority, a whole handle, or an id of a filing or a person."
    )
    fields = (
        "reference",
        "kind",
        "authority",
        "legal_basis",
        "reporting_year",
        "status",
        "clock",
        "law",
        "aware_at",
        "due_at",
        "about",
        "case",
        "takedown",
        "hold_words",
        "version_words",
        "prepared",
        "authors",
        "submitted_at",
        "approved",
        "approved_at",
        "filed",
        "filed_at",
        "authority_reference",
        "is_late",
        "outcome",
        "outcome_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = (
        "clock",
        "law",
        "about",
        "hold_words",
        "version_words",
        "prepared",
        "authors",
        "approved",
        "filed",
    )
    panels = FILING_PANELS
    actions = FILING_ACTIONS

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return changelist_of(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without the encrypted column: a list does not carry what it never shows."""
        return super().get_queryset(request).defer("words", "amends__words")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Everything by an index of its own; nothing is found by a part of a word."""
        term = search_term.strip()
        return (queryset.filter(named(term)) if term else queryset), False

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return filing_prepare(
            kind=answers["filing_kind"],
            authority=answers["to"],
            legal_basis=answers["basis"],
            aware_at=answers["aware"],
            reporting_year=answers["year"],
            due_at=answers["due"],
            person_id=answers["whom"],
            case_id=answers["which_case"],
            takedown_id=answers["which_notice"],
            words=answers["text"],
            reason=answers["why"],
            actor=cast(User, request.user),
        )

    @admin.display(description="Clock")
    def clock(self, filing: ComplianceFiling) -> str:
        if filing.status in WAITING:
            return f"Due {distance(filing.due_at)}"
        return "Filed late" if filing.is_late else "–"

    @admin.display(description="By law")
    def law(self, filing: ComplianceFiling) -> str:
        return f"{FILING_RULES[filing.kind].deadline}; until {instant(filing.due_at)} UTC"  # type: ignore[index]

    @admin.display(description="About")
    def about(self, filing: ComplianceFiling) -> str:
        return person_link(filing.person) if filing.person else "nobody in particular"

    @admin.display(description="Kept by")
    def hold_words(self, filing: ComplianceFiling) -> str:
        if filing.hold is None:
            return "no hold of its own"
        return f"{filing.hold}, until {instant(filing.hold.valid.upper) if filing.hold.valid.upper else 'released'}"

    @admin.display(description="Version")
    def version_words(self, filing: ComplianceFiling) -> str:
        return f"{filing.number}, amends {filing.amends}" if filing.amends else str(filing.number)

    @admin.display(description="Prepared by")
    def prepared(self, filing: ComplianceFiling) -> str:
        return colleague(filing.prepared_by)

    @admin.display(description="Authors")
    def authors(self, filing: ComplianceFiling) -> str:
        """Everybody who wrote a word of it, and so does not approve it."""
        names = User.objects.filter(pk__in=filing.writer_ids).order_by("pk")
        return ", ".join(str(name) for name in names)

    @admin.display(description="Approved by")
    def approved(self, filing: ComplianceFiling) -> str:
        return colleague(filing.approved_by) if filing.approved_by_id else "Nobody yet"

    @admin.display(description="Filed by")
    def filed(self, filing: ComplianceFiling) -> str:
        return colleague(filing.filed_by) if filing.filed_by_id else "Nobody yet"


def named(term: str) -> Q:
    """The condition that a filing is called this: our reference, the authority's, a handle, an id."""
    try:
        key = UUID(term)
    except ValueError:
        people = User.objects.with_handle(term).values_list("pk", flat=True)[:1]
        return Q(reference=term.upper()) | Q(authority_reference=term) | Q(person_id__in=list(people))
    return Q(pk=key) | Q(person_id=key)


def find_filings(query: str) -> Iterator[Hit]:
    """Filings by our reference, the authority's, or the handle of whom they are about."""
    term = query.strip()
    for filing in ComplianceFiling.objects.filter(named(term)).defer("words").order_by("-pk")[:HITS]:
        yield Hit(
            title=f"{filing.reference}: {filing.get_kind_display()}",
            url=filing_url(filing),
            words=filing.get_status_display(),
            exact=term.upper() == filing.reference or term == filing.authority_reference,
        )


register_search(
    SearchProvider(
        "Filings to authorities", READERS, find_filings, hint="reference of a filing, ours or theirs"
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Filings overdue",
        roles=READERS,
        count=lambda limit: CountUpTo(ComplianceFiling.objects.overdue(), limit),
        url=lambda: f"{reverse(ROOM)}?clock=overdue",
        words="An authority should have these by now.",
    )
)
register_card(
    HomeCard(
        section=Section.COMPLIANCE,
        title="Filings due within two days",
        roles=(Role.COMPLIANCE,),
        count=lambda limit: CountUpTo(
            ComplianceFiling.objects.overdue(SOON).filter(due_at__gt=timezone.now()), limit
        ),
        url=lambda: f"{reverse(ROOM)}?clock=soon",
        words="Write, approve and file them.",
    )
)
