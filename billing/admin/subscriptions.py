"""Subscriptions with their history, and the queue of charges that failed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Q

from accounts.admin.links import person_link
from accounts.models import User
from billing.admin.payment_words import money, row_link
from billing.admin.subscription_panels import SUBSCRIPTION_PANELS
from billing.admin.token_words import EMPTY, page, rows_of, when
from billing.errors import PlanRefused
from billing.models import DunningAttempt, Plan, Subscription, SubscriptionPeriod
from billing.services.dunning import subscription_charge
from billing.services.subscription_changes import subscription_change_withdraw, subscription_plan_change
from billing.services.subscription_endings import subscription_cancel, subscription_end, subscription_resume
from billing.subscription_choices import RUNNING, DunningStatus, SubscriptionStatus
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.links import PerformerFilter, performer_link

CANCEL = "billing.cancel_subscription"
CHANGE = "billing.change_plan_subscription"
FINANCE = (Role.FINANCE, Role.FINANCE_APPROVER)
WHEN = (
    ("", "At once where it is dearer, else from the next period on"),
    ("now", "At once"),
    ("end", "From the next period on"),
)


class ChangePlanForm(forms.Form):
    """To which plan, and when."""

    rank = forms.IntegerField(
        label="Rank of the plan",
        min_value=1,
        max_value=99,
        help_text="Among those that the performer offers.",
    )
    when = forms.ChoiceField(label="When", choices=WHEN, required=False)


def plan_change_typed(
    *,
    subscription_id: UUID,
    rank: int,
    when: str,
    actor: User,
    reason: str,
    expected_version: int | None = None,
) -> SubscriptionPeriod | None:
    """`subscription_plan_change` to the plan of a rank that the performer offers."""
    performer = Subscription.objects.filter(pk=subscription_id).values("performer_id")
    plan = Plan.objects.offered().filter(performer_id__in=performer, rank=rank).first()
    if plan is None:
        raise PlanRefused("The performer offers no plan of this rank.")
    return subscription_plan_change(
        subscription_id=subscription_id,
        plan_id=plan.pk,
        at_period_end={"now": False, "end": True}.get(when),
        actor=actor,
        reason=reason,
        expected_version=expected_version,
    )


def _is_running(subscription: Subscription) -> bool:
    return subscription.status in RUNNING


ACTIONS = (
    ConfirmedAction(
        "cancel",
        subscription_cancel,
        CANCEL,
        words="Cancel at the end of the period",
        explain=lambda row: f"It goes on until {when(row.renews_at)} UTC and is not renewed.",
        done="Cancelled: {obj}.",
        available=lambda row: _is_running(row) and row.cancels_at is None,
    ),
    ConfirmedAction(
        "resume",
        subscription_resume,
        CANCEL,
        words="Resume",
        explain="It is renewed again at the end of its period.",
        done="Resumed: {obj}.",
        available=lambda row: _is_running(row) and row.cancels_at is not None and row.giver_id is None,
    ),
    ConfirmedAction(
        "change-plan",
        plan_change_typed,
        CHANGE,
        ChangePlanForm,
        words="Move to another plan",
        explain=(
            "A dearer plan is charged for the rest of the period, less what is unused, and holds once that is paid. "
            "What a cheaper one leaves over stays as credit."
        ),
        done="The other plan is on its way.",
        available=lambda row: (
            row.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING)
            and row.cancels_at is None
            and row.giver_id is None
        ),
    ),
    ConfirmedAction(
        "keep-plan",
        subscription_change_withdraw,
        CHANGE,
        words="Keep the plan",
        explain="The other plan does not come with the next period.",
        done="It keeps its plan: {obj}.",
        available=lambda row: row.next_plan_id is not None,
    ),
    ConfirmedAction(
        "charge",
        subscription_charge,
        "billing.charge_subscription",
        words="Try to charge now",
        explain="By what the payer has as default now. Planned attempts stay until it is paid.",
        done="The provider is asked.",
        available=lambda row: row.status == SubscriptionStatus.PAST_DUE,
    ),
    ConfirmedAction(
        "end",
        subscription_end,
        CANCEL,
        words="End now",
        explain="The access ends at once. Nothing is refunded by this: refund the payment from its page.",
        done="Ended: {obj}.",
        dangerous=True,
        available=lambda row: row.ended_at is None,
    ),
)


@admin.register(Subscription, site=backoffice)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Subscriptions: what was paid when, and what happened; cancelled, moved and ended by named actions."""

    section = Section.FINANCE
    list_display = ("who", "to_whom", "by_plan", "status", "until", "cancels_at", "created_at")
    list_filter = (
        "status",
        "end_reason",
        exact("viewer", "Viewer (id)", lookup="viewer_id"),
        exact("giver", "Giver (id)", lookup="giver_id"),
        exact("plan", "Plan (id)", lookup="plan_id"),
        PerformerFilter,
        TimeFilter,
    )
    list_select_related = ("viewer", "performer", "plan__product", "giver", "next_plan__product")
    fields = (
        "who",
        "to_whom",
        "given_by",
        "by_plan",
        "agreed",
        "then",
        "status",
        "until",
        "cancels_at",
        "ended_at",
        "end_reason",
        "credit_left",
        "anchor",
        "country",
        "tax_part",
        "created_at",
        "version",
        "id",
    )
    readonly_fields = (
        "who",
        "to_whom",
        "given_by",
        "by_plan",
        "agreed",
        "then",
        "until",
        "credit_left",
        "anchor",
    )
    panels = SUBSCRIPTION_PANELS
    actions = ACTIONS

    @admin.display(description="Viewer")
    def who(self, row: Subscription) -> Any:
        return person_link(row.viewer)

    @admin.display(description="To")
    def to_whom(self, row: Subscription) -> Any:
        return performer_link(row.performer)

    @admin.display(description="Given by")
    def given_by(self, row: Subscription) -> Any:
        return person_link(row.giver) if row.giver_id else EMPTY

    @admin.display(description="Plan")
    def by_plan(self, row: Subscription) -> str:
        return str(row.plan)

    @admin.display(description="Price agreed to")
    def agreed(self, row: Subscription) -> Any:
        return row_link(row.price)

    @admin.display(description="From the next period on")
    def then(self, row: Subscription) -> str:
        return str(row.next_plan) if row.next_plan_id else EMPTY

    @admin.display(description="Present period until (UTC)")
    def until(self, row: Subscription) -> str:
        return when(row.renews_at)

    @admin.display(description="Credit")
    def credit_left(self, row: Subscription) -> str:
        return money(row, "credit")

    @admin.display(description="Renewed on")
    def anchor(self, row: Subscription) -> str:
        return f"day {row.anchor_day} of the month, {row.anchor_time:%H:%M:%S} UTC"


@admin.register(DunningAttempt, site=backoffice)
class DunningAttemptAdmin(ReadOnlyAdmin):
    """Further attempts to collect, and what came of them; those that wait are the queue."""

    section = Section.FINANCE
    list_display = ("due_at", "who", "to_whom", "owed", "number", "status", "outcome", "attempted_at")
    list_filter = ("status", TimeFilter)
    list_select_related = (
        "period__viewer",
        "period__subscription__performer",
        "period__order",
        "period__subscription__viewer",
    )
    fields = (
        "subscription_link",
        "who",
        "owed",
        "number",
        "due_at",
        "status",
        "outcome",
        "attempted_at",
        "created_at",
        "id",
    )
    readonly_fields = ("subscription_link", "who", "owed")

    @admin.display(description="Viewer")
    def who(self, row: DunningAttempt) -> Any:
        return person_link(row.period.viewer)

    @admin.display(description="To")
    def to_whom(self, row: DunningAttempt) -> Any:
        return performer_link(row.period.subscription.performer)

    @admin.display(description="Owed")
    def owed(self, row: DunningAttempt) -> str:
        return money(row.period.order, "total") if row.period.order else EMPTY

    @admin.display(description="Subscription")
    def subscription_link(self, row: DunningAttempt) -> Any:
        return row_link(row.period.subscription)


backoffice.add_panel(
    User,
    Panel(
        "Subscriptions",
        columns=(
            ("To", lambda row: str(row.performer)),
            ("Plan", lambda row: str(row.plan.product)),
            ("Status", "status"),
            ("Until (UTC)", lambda row: when(row.renews_at or row.ended_at)),
            ("Given", lambda row: "yes" if row.giver_id else ""),
        ),
        rows=lambda user: (
            Subscription.objects.filter(Q(viewer=user) | Q(giver=user))
            .select_related("performer", "plan__product")
            .order_by("-pk")
        ),
        permission="billing.view_subscription",
        url=page("subscription"),
        all_url=rows_of("subscription", "viewer"),
        empty="None.",
    ),
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Subscriptions past due",
        roles=FINANCE,
        count=lambda limit: CountUpTo(Subscription.objects.filter(status=SubscriptionStatus.PAST_DUE), limit),
        url=lambda: rows_of("dunningattempt", "status", lambda row: DunningStatus.PLANNED.value)(None),
        words="A charge failed; others are planned. Nothing is to do unless the payer asks.",
    )
)
