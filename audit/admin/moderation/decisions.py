"""Decisions: what was decided on which ground, what it did, and its reversal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.links import person_link
from audit.admin.moderation.filters import DecidedByFilter, PersonFilter
from audit.admin.moderation.forms import ReasonsForm
from audit.admin.moderation.reports import CaseFilter, case_link
from audit.admin.moderation.subject_titles import WithSubjectsOfCases
from audit.admin.moderation.words import lines, moment
from audit.models import Decision
from audit.moderation_choices import DecisionOutcome, EffectResult
from audit.services.reversals import decision_reverse
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.keyset import KeysetChangeList
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role


def page_link(model: str, key: Any, words: str) -> SafeString:
    """A link to the page of a row of audit."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:audit_{model}_change", args=[key]), words)


def _became(effect: Any) -> str:
    """What became of an effect, or of its undoing."""
    undone = getattr(effect, "undone_by", None)
    if undone is None:
        return effect.get_result_display()
    return "Undone" if undone.result == EffectResult.DONE else str(undone.get_result_display())


EFFECTS = Panel(
    title="Effects",
    columns=(
        ("What", "kind"),
        ("Restriction of", "axis"),
        ("On", "target_kind"),
        ("Ends (UTC)", lambda row: moment(row.ends_at) or "not by itself"),
        ("Became", _became),
    ),
    rows=lambda decision: decision.effects.select_related("undone_by").order_by("pk"),
    permission="audit.view_decisioneffect",
    limit=20,
    empty="It imposed nothing.",
)
APPEALS = Panel(
    title="Appeals",
    columns=(
        ("Filed (UTC)", lambda row: moment(row.filed_at)),
        ("By", "side"),
        ("Status", "status"),
        ("Reviewed by", lambda row: str(row.reviewer) if row.reviewer else "–"),
    ),
    rows=lambda decision: decision.appeals.select_related("reviewer").order_by("-pk"),
    permission="audit.view_appeal",
    url=lambda row: reverse("admin:audit_appeal_change", args=[row.pk]),
    empty="Nobody appealed.",
)
TOLD = Panel(
    title="Who was told",
    columns=(
        ("Who", lambda row: str(row.recipient)),
        ("What", "kind"),
        ("When (UTC)", lambda row: moment(row.issued_at)),
    ),
    rows=lambda decision: decision.notifications.select_related("recipient").order_by("-pk"),
    permission="audit.view_decisionnotification",
    empty="Nobody.",
)


def _is_reversible(decision: Any) -> bool:
    return decision.outcome != DecisionOutcome.REVERSAL and getattr(decision, "reversed_by", None) is None


@admin.register(Decision, site=backoffice)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions, the newest first. A wrong one is reversed by another, never changed."""

    section = Section.MODERATION
    list_display = ("what", "subject", "ground", "person_linked", "who", "decided_at", "stands")
    list_filter = ("outcome", "kind", PersonFilter, DecidedByFilter, CaseFilter, TimeFilter)
    list_select_related = (
        "case",
        "person",
        "policy_version",
        "decided_by",
        "reversed_by",
        "reverses",
        "statement",
    )
    fields = (
        "what",
        "case_linked",
        "person_linked",
        "ground",
        "reasons",
        "who",
        "acted_as",
        "decided_at",
        "automated_detection",
        "automated_decision",
        "territories_in_words",
        "appeal_until",
        "statement_linked",
        "reverses_linked",
        "stands",
        "id",
    )
    readonly_fields = (
        "what",
        "case_linked",
        "person_linked",
        "ground",
        "who",
        "acted_as",
        "territories_in_words",
        "statement_linked",
        "reverses_linked",
        "stands",
    )
    panels = (EFFECTS, APPEALS, TOLD)
    actions = (
        ConfirmedAction(
            "reverse",
            decision_reverse,
            "audit.reverse_decision",
            ReasonsForm,
            words="Reverse",
            explain=(
                "Each of its effects is undone as far as it still stands, its strike is revoked, and whoever was told "
                "of it is told of this."
            ),
            done="The decision is reversed.",
            dangerous=True,
            available=_is_reversible,
            reason=False,
        ),
    )

    class Media:
        css: dict[str, Any] = {"all": ("audit/moderation.css",)}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return WithSubjectsOfCases

    @admin.display(description="What")
    def what(self, decision: Decision) -> str:
        return f"{decision.get_outcome_display()} ({decision.get_kind_display().lower()})"

    @admin.display(description="Subject")
    def subject(self, decision: Any) -> SafeString:
        case = decision.case
        return lines([decision.subject_title, f"{case.get_subject_kind_display()}, {case.reference}"])

    @admin.display(description="Ground")
    def ground(self, decision: Decision) -> str:
        version = decision.policy_version
        return f"{version.title} (version {version.number})" if version else "–"

    @admin.display(description="Person")
    def person_linked(self, decision: Decision) -> Any:
        return person_link(decision.person)

    @admin.display(description="Decided by")
    def who(self, decision: Decision) -> str:
        return str(decision.decided_by) if decision.decided_by else "a machine"

    @admin.display(description="Acting as")
    def acted_as(self, decision: Decision) -> str:
        return Role(decision.acting_role).label

    @admin.display(description="Where")
    def territories_in_words(self, decision: Decision) -> str:
        return ", ".join(decision.territories) or "Everywhere"

    @admin.display(description="Case")
    def case_linked(self, decision: Decision) -> SafeString:
        return case_link(decision.case_id, decision.case.reference)

    @admin.display(description="Statement of reasons")
    def statement_linked(self, decision: Decision) -> Any:
        statement = getattr(decision, "statement", None)
        return (
            page_link("statementofreasons", statement.pk, str(statement))
            if statement
            else "None: nobody is restricted"
        )

    @admin.display(description="Reverses")
    def reverses_linked(self, decision: Decision) -> Any:
        return (
            page_link("decision", decision.reverses_id, str(decision.reverses)) if decision.reverses else "–"
        )

    @admin.display(description="Stands")
    def stands(self, decision: Any) -> Any:
        reversal = getattr(decision, "reversed_by", None)
        return (
            page_link("decision", reversal.pk, f"Reversed {moment(reversal.decided_at)}")
            if reversal
            else "Yes"
        )
