"""Goals of performers, and what counted for them."""

from typing import Any

from django.contrib import admin

from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.models.identity import uuid7_instant
from engagement.admin.interaction_words import number, page, rows_of, when
from engagement.goals import goal_total
from engagement.interaction_choices import GoalStatus
from engagement.models import Goal
from engagement.services.goals import goal_cancel
from performers.admin.links import PerformerFilter, performer_link
from performers.models import PerformerProfile


@admin.register(Goal, site=backoffice)
class GoalAdmin(ReadOnlyAdmin):
    """What performers promise, for how many tokens in tips, and how far it is."""

    section = Section.CATALOGUE
    list_display = ("title", "of_whom", "status", "target", "opened_at", "closed_at")
    list_filter = ("status", PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = (
        "title",
        "of_whom",
        "stream",
        "status",
        "target",
        "given",
        "counted_tokens",
        "opened_at",
        "ends_at",
        "closed_at",
        "version",
        "id",
    )
    readonly_fields = ("of_whom", "target", "given")
    panels = (
        Panel(
            "Tips that counted",
            columns=(
                ("Tokens", lambda row: number(row.tokens)),
                ("When (UTC)", lambda row: when(uuid7_instant(row.pk))),
                ("Added to the goal", "is_folded"),
            ),
            rows=lambda goal: goal.contributions.order_by("-pk"),
            permission="engagement.view_goalcontribution",
            limit=10,
            empty="Nothing was tipped for it yet.",
        ),
    )
    actions = (
        ConfirmedAction(
            "cancel",
            goal_cancel,
            permission="engagement.cancel_goal",
            words="Cancel the goal",
            explain="Tips no longer count for it. What was tipped stays tipped.",
            done="Cancelled: {obj}.",
            dangerous=True,
            available=lambda goal: goal.status == GoalStatus.OPEN,
        ),
    )

    @admin.display(description="Of")
    def of_whom(self, goal: Goal) -> Any:
        return performer_link(goal.performer)

    @admin.display(description="Target")
    def target(self, goal: Goal) -> str:
        return number(goal.target_tokens)

    @admin.display(description="Given so far")
    def given(self, goal: Goal) -> str:
        return number(goal_total(goal.pk))


backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Goals",
        columns=(
            ("Promise", "title"),
            ("State", lambda row: row.get_status_display()),
            ("Target", lambda row: number(row.target_tokens)),
            ("Since (UTC)", lambda row: when(row.opened_at)),
        ),
        rows=lambda performer: performer.goals.order_by("-pk"),
        permission="engagement.view_goal",
        limit=5,
        url=page("goal"),
        all_url=rows_of("goal", "performer"),
        empty="No goals yet.",
    ),
)
