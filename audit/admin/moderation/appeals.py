"""Appeals: the decision with everything it rested on, for somebody else than whoever made it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from accounts.models import User
from audit.admin.moderation import words
from audit.admin.moderation.case_parts import evidence_shown
from audit.admin.moderation.decisions import page_link
from audit.admin.moderation.filters import PersonFilter
from audit.admin.moderation.forms import ReasonsForm, ViolationForm, requested
from audit.admin.moderation.reports import case_link
from audit.admin.moderation.urgent_first import DueFirst
from audit.models import Appeal
from audit.models.moderation.appeal import LIVE
from audit.moderation_choices import AppealSide, AppealStatus, EffectKind
from audit.selectors_case import evidence_of_case, reports_of_case
from audit.services.appeals import (
    appeal_declare_inadmissible,
    appeal_overturn,
    appeal_return,
    appeal_take,
    appeal_uphold,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter, exact
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.sections import Section
from core.admin.site import backoffice

REVIEW = "audit.review_appeal"
WAITING, ALL = "", "all"

ReviewerFilter = exact(
    "reviewer", "who reviews", find=lambda text: Q(reviewer_id=user_named(text)), help="A handle or an id."
)


class AppealStatusFilter(DefaultChoiceFilter):
    """What waits for an answer, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    default_label = "Waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*((status.value, status.label) for status in AppealStatus), (ALL, "All")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == ALL:
            return queryset
        return queryset.filter(status=self.value()) if self.value() else queryset.filter(LIVE)


def appeal_find_violation(
    *,
    appeal_id: UUID,
    actor: User,
    reasons: str,
    policy_version_id: UUID,
    effects: list[EffectKind],
    lasts: str,
    expected_version: int | None = None,
) -> Appeal:
    """`appeal_overturn` for somebody who reported, with the effects as the form asks for them."""
    return appeal_overturn(
        appeal_id=appeal_id,
        actor=actor,
        reasons=reasons,
        policy_version_id=policy_version_id,
        effects=requested(effects, lasts),
        expected_version=expected_version,
    )


def _is_reviewed(appeal: Any) -> bool:
    return appeal.status == AppealStatus.REVIEWING


def _by(side: AppealSide) -> Any:
    return lambda appeal: _is_reviewed(appeal) and appeal.side == side


ACTIONS = (
    ConfirmedAction(
        "take",
        appeal_take,
        REVIEW,
        words="Review it",
        explain="You decide it. Whoever made the decision cannot, nor whoever it is about.",
        done="You review this appeal.",
        available=lambda appeal: appeal.status == AppealStatus.FILED,
        reason=False,
    ),
    ConfirmedAction(
        "uphold",
        appeal_uphold,
        REVIEW,
        ReasonsForm,
        words="Uphold the decision",
        explain="The decision stays as it is, and both sides are told why.",
        done="The decision is upheld.",
        available=_is_reviewed,
        reason=False,
    ),
    ConfirmedAction(
        "overturn",
        appeal_overturn,
        REVIEW,
        ReasonsForm,
        words="Overturn the decision",
        explain="Each of its effects is undone as far as it still stands, its strike is revoked, both sides are told.",
        done="The decision is overturned.",
        dangerous=True,
        available=_by(AppealSide.AUTHOR),
        reason=False,
    ),
    ConfirmedAction(
        "violation",
        appeal_find_violation,
        REVIEW,
        ViolationForm,
        words="Find a violation",
        explain="The case is opened again and decided as a violation at once; both sides are told.",
        done="The decision is overturned: a violation was found.",
        dangerous=True,
        available=_by(AppealSide.REPORTER),
        reason=False,
    ),
    ConfirmedAction(
        "inadmissible",
        appeal_declare_inadmissible,
        REVIEW,
        ReasonsForm,
        words="Inadmissible",
        explain="It is not looked at: it is abusive, or about something else. Both sides are told why.",
        done="The appeal is inadmissible.",
        available=_is_reviewed,
        reason=False,
    ),
    ConfirmedAction(
        "return",
        appeal_return,
        REVIEW,
        words="Return it",
        explain="It waits for another reviewer.",
        done="The appeal waits again.",
        available=_is_reviewed,
    ),
)


@admin.register(Appeal, site=backoffice)
class AppealAdmin(ReadOnlyAdmin):
    """Appeals: what waits, the one that is due first comes first."""

    section = Section.MODERATION
    list_display = ("reference", "person_linked", "side", "due", "status", "reviewer", "filed_at")
    list_filter = (AppealStatusFilter, "side", PersonFilter, ReviewerFilter, TimeFilter)
    list_select_related = (
        "decision",
        "decision__case",
        "decision__policy_version",
        "decision__decided_by",
        "decision__statement",
        "person",
        "appellant",
        "reviewer",
        "reversal",
    )
    fields = (
        "case_linked",
        "decision_linked",
        "person_linked",
        "side",
        "appellant_linked",
        "words",
        "status",
        "due",
        "filed_at",
        "reviewer",
        "outcome_reasons",
        "reviewed_at",
        "reversal_linked",
        "id",
        "version",
    )
    readonly_fields = (
        "case_linked",
        "decision_linked",
        "person_linked",
        "appellant_linked",
        "due",
        "reversal_linked",
    )
    actions = ACTIONS

    class Media:
        css: dict[str, Any] = {"all": ("audit/moderation.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        """A queue while it shows what waits; the newest first otherwise."""
        return KeysetChangeList if request.GET.get("status") else DueFirst

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what the decision rested on: evidence as it was, and what those who reported said."""
        appeal = kwargs.get("obj")
        if appeal is not None and request.user.has_perm("audit.view_evidence"):
            case = appeal.decision.case
            context.update(
                decision=appeal.decision,
                statement=getattr(appeal.decision, "statement", None),
                evidence=evidence_shown(request, evidence_of_case(case)),
                reports=reports_of_case(case),
                case=case,
            )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Case")
    def reference(self, appeal: Appeal) -> SafeString:
        version = appeal.decision.policy_version
        found = f"{appeal.decision.get_outcome_display()}{f': {version.title}' if version else ''}"
        return words.lines([appeal.decision.case.reference, found])

    @admin.display(description="Due")
    def due(self, appeal: Appeal) -> SafeString:
        return words.appeal_badge(appeal)

    @admin.display(description="About")
    def person_linked(self, appeal: Appeal) -> Any:
        return person_link(appeal.person)

    @admin.display(description="Who appeals")
    def appellant_linked(self, appeal: Appeal) -> Any:
        return person_link(appeal.appellant)

    @admin.display(description="Case")
    def case_linked(self, appeal: Appeal) -> SafeString:
        return case_link(appeal.decision.case_id, appeal.decision.case.reference)

    @admin.display(description="Decision")
    def decision_linked(self, appeal: Appeal) -> SafeString:
        return page_link("decision", appeal.decision_id, str(appeal.decision))

    @admin.display(description="Decided instead")
    def reversal_linked(self, appeal: Appeal) -> Any:
        return page_link("decision", appeal.reversal_id, str(appeal.reversal)) if appeal.reversal else "–"
