"""Strikes, and what their ladder proposes; a person decides, always."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.admin.links import person_link
from audit.admin.moderation.decisions import page_link
from audit.admin.moderation.filters import PersonFilter
from audit.admin.moderation.reports import case_link
from audit.admin.moderation.words import length_words, moment
from audit.models import ActionProposal, Strike
from audit.moderation_choices import ProposalStatus
from audit.services.strikes import proposal_decline
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice


class CountsFilter(admin.SimpleListFilter):
    """Strikes that count now, or no more."""

    title = "counts"
    parameter_name = "counts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Counts now"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "yes":
            return queryset.filter(revoked_at__isnull=True, expires_at__gt=Now())
        if self.value() == "expired":
            return queryset.filter(revoked_at__isnull=True, expires_at__lte=Now())
        return queryset.filter(revoked_at__isnull=False) if self.value() == "revoked" else queryset


@admin.register(Strike, site=backoffice)
class StrikeAdmin(ReadOnlyAdmin):
    """Strikes: points that a violation brings, until they expire or are revoked."""

    section = Section.MODERATION
    list_display = ("person_linked", "points", "decision_linked", "issued_at", "expires_at", "revoked_at")
    list_display_links = ("points",)
    list_filter = (CountsFilter, PersonFilter, TimeFilter)
    list_select_related = ("person", "decision", "decision__case")
    fields = ("person_linked", "points", "decision_linked", "issued_at", "expires_at", "revoked", "id")
    readonly_fields = ("person_linked", "decision_linked", "revoked")

    @admin.display(description="Person")
    def person_linked(self, strike: Strike) -> Any:
        return person_link(strike.person)

    @admin.display(description="Decision")
    def decision_linked(self, strike: Strike) -> SafeString:
        return page_link("decision", strike.decision_id, f"On {strike.decision.case.reference}")

    @admin.display(description="Revoked")
    def revoked(self, strike: Strike) -> Any:
        if strike.revoked_by_id is None:
            return "No"
        return page_link("decision", strike.revoked_by_id, f"{moment(strike.revoked_at)} UTC, by a reversal")


@admin.register(ActionProposal, site=backoffice)
class ActionProposalAdmin(ReadOnlyAdmin):
    """What the ladder of strikes proposes: accepted by a decision on its case, or declined with a reason."""

    section = Section.MODERATION
    list_display = ("proposed", "person_linked", "points", "case_linked", "status", "created_at")
    list_filter = ("status", "action", PersonFilter, TimeFilter)
    list_select_related = ("person", "case", "settled_by")
    fields = (
        "proposed",
        "person_linked",
        "points",
        "case_linked",
        "triggered_linked",
        "status",
        "settled_by",
        "settled_at",
        "reason",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("proposed", "person_linked", "case_linked", "triggered_linked")
    actions = (
        ConfirmedAction(
            "decline",
            proposal_decline,
            "audit.decide_case",
            words="Decline",
            explain=lambda proposal: (
                f"Nothing happens to {proposal.person}. The strikes stay as they are; the next step of the ladder "
                "proposes again."
            ),
            done="Declined.",
            available=lambda proposal: proposal.status == ProposalStatus.OPEN,
            id_kwarg="action_proposal_id",
        ),
    )

    @admin.display(description="Proposed")
    def proposed(self, proposal: ActionProposal) -> str:
        lasts = f"for {length_words(proposal.lasts)}" if proposal.lasts else "without end"
        return f"{proposal.get_action_display()}, {lasts}" if proposal.action != "warn" else "Warn"

    @admin.display(description="Person")
    def person_linked(self, proposal: ActionProposal) -> Any:
        return person_link(proposal.person)

    @admin.display(description="Decide it on")
    def case_linked(self, proposal: ActionProposal) -> SafeString:
        return case_link(proposal.case_id, proposal.case.reference)

    @admin.display(description="Reached by")
    def triggered_linked(self, proposal: ActionProposal) -> SafeString:
        return page_link("decision", proposal.triggered_by_id, "The decision whose strike reached the step")
