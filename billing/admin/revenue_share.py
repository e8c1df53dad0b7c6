"""Revenue shares and what was earned by them."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.admin.links import colleague, period
from accounts.models import User
from billing.admin.token_words import EMPTY, page, rows_of, when
from billing.errors import RevenueShareRefused
from billing.models import Earning, RevenueShareRule
from billing.money import money_text
from billing.services.revenue_share import revenue_share_rule_end, revenue_share_rule_set
from billing.wallet_choices import SpendKind
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.locking import NotThere
from performers.admin.links import PerformerFilter, performer_link, performer_named
from performers.models import PerformerProfile

SET = "billing.set_revenuesharerule"
SAME = "same"


class ShareForm(forms.Form):
    """How much, for whom and for what."""

    performer_points = forms.IntegerField(
        label="Basis points of the performer's side",
        min_value=0,
        max_value=10_000,
        help_text="7000 is 70 %. The platform gets the rest; a studio its part of this side.",
    )
    kind = forms.ChoiceField(
        label="For",
        choices=[(SAME, "The same as here"), ("", "Everything"), *SpendKind.choices],
        required=False,
        initial=SAME,
    )
    performer = forms.CharField(
        label="For one performer alone",
        required=False,
        max_length=60,
        help_text="An address (slug), a handle or an id. Empty: for the same as here.",
    )
    starts_at = forms.DateTimeField(label="From (UTC)", required=False, help_text="Empty: from now on.")


def share_set(
    *,
    rule_id: UUID,
    performer_points: int,
    kind: str,
    performer: str,
    starts_at: Any,
    actor: User,
    reason: str,
) -> RevenueShareRule:
    """`revenue_share_rule_set`, beginning at a rule: for the same, or for what the form names instead."""
    rule = RevenueShareRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise NotThere("There is no such share.")
    performer_id, studio_id = rule.performer_id, rule.studio_id
    if performer.strip():
        try:
            performer_id, studio_id = performer_named(performer.strip()), None
        except ValidationError as error:
            raise RevenueShareRefused(str(error.message)) from error
        if not PerformerProfile.objects.filter(pk=performer_id).exists():
            raise RevenueShareRefused("There is no such performer.")
    return revenue_share_rule_set(
        performer_points=performer_points,
        performer_id=performer_id,
        studio_id=studio_id,
        kind=rule.kind if kind == SAME else kind or None,
        starts_at=starts_at,
        actor=actor,
        reason=reason,
    )


def _is_special(rule: RevenueShareRule) -> bool:
    return rule.is_in_force(timezone.now()) and any((rule.performer_id, rule.studio_id, rule.kind))


@admin.register(RevenueShareRule, site=backoffice)
class RevenueShareRuleAdmin(ReadOnlyAdmin):
    """Shares agreed, past and future ones too; another one is set from a date on, the past stays."""

    section = Section.FINANCE
    list_display = ("whose", "what", "performers_side", "platforms", "holds", "set_by")
    list_filter = ("kind", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "studio", "set_by")
    fields = ("whose", "what", "performers_side", "platforms", "holds", "by", "created_at", "version", "id")
    readonly_fields = ("whose", "what", "performers_side", "platforms", "holds", "by")
    panels = (
        Panel(
            "History",
            columns=(
                ("When (UTC)", lambda row: when(row.history_date)),
                ("Held", lambda row: period(row.valid)),
                ("Why", lambda row: row.history_change_reason or EMPTY),
            ),
            rows=lambda rule: rule.history.order_by("-history_id"),
            permission="billing.view_revenuesharerule",
        ),
    )
    actions = (
        ConfirmedAction(
            "set",
            share_set,
            permission=SET,
            form=ShareForm,
            id_kwarg="rule_id",
            words="Set another share",
            explain="What is spent from then on is shared out like this. What was shared out before stays as it is.",
            done="Another share was set.",
        ),
        ConfirmedAction(
            "end",
            revenue_share_rule_end,
            permission=SET,
            id_kwarg="rule_id",
            words="End",
            explain="From now on the next more general share applies.",
            done="Ended: {obj}.",
            available=_is_special,
        ),
    )

    @admin.display(description="For whom")
    def whose(self, rule: RevenueShareRule) -> Any:
        if rule.performer_id:
            return performer_link(rule.performer)
        return f"Performers of {rule.studio}" if rule.studio_id else "Everybody"

    @admin.display(description="For what")
    def what(self, rule: RevenueShareRule) -> str:
        return rule.get_kind_display() if rule.kind else "Everything"

    @admin.display(description="Performer's side")
    def performers_side(self, rule: RevenueShareRule) -> str:
        return f"{rule.performer_points / 100:g} %"

    @admin.display(description="Platform")
    def platforms(self, rule: RevenueShareRule) -> str:
        return f"{rule.platform_points / 100:g} %"

    @admin.display(description="Holds (UTC)")
    def holds(self, rule: RevenueShareRule) -> str:
        return period(rule.valid)

    @admin.display(description="Set by")
    def by(self, rule: RevenueShareRule) -> str:
        return colleague(rule.set_by)


@admin.register(Earning, site=backoffice)
class EarningAdmin(ReadOnlyAdmin):
    """What performers and studios earned, and gave back; nothing is done here."""

    section = Section.FINANCE
    list_display = ("earner", "how_much", "earned_at", "available_on")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer", "studio")
    fields = ("earner", "how_much", "earned_at", "available_on", "for_what", "id")
    readonly_fields = ("earner", "how_much", "for_what")

    @admin.display(description="Who")
    def earner(self, earning: Earning) -> Any:
        return performer_link(earning.performer) if earning.performer_id else str(earning.studio)

    @admin.display(description="How much")
    def how_much(self, earning: Earning) -> str:
        return money_text(earning.amount, earning.currency_id)

    @admin.display(description="For")
    def for_what(self, earning: Earning) -> str:
        spend = earning.line.split.spend
        return str(spend) if spend else str(earning.line.split.order_line)


backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Earnings",
        columns=(
            ("How much", lambda row: money_text(row.amount, row.currency_id)),
            ("Earned (UTC)", lambda row: when(row.earned_at)),
            ("Can be paid out from", lambda row: f"{row.available_on:%Y-%m-%d}"),
        ),
        rows=lambda performer: performer.earnings.order_by("-pk"),
        permission="billing.view_earning",
        limit=5,
        url=page("earning"),
        all_url=rows_of("earning", "performer"),
        empty="Nothing yet.",
    ),
)
