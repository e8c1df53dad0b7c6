"""Rewards and redemptions; the tip menu."""

from typing import Any

from django.contrib import admin
from django.db.models import Q

from accounts.admin.filters import user_named
from accounts.admin.links import colleague, person_link
from accounts.models import User
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from engagement.admin.interaction_words import EMPTY, number, page, rows_of, when
from engagement.interaction_choices import RedemptionStatus
from engagement.models import Redemption, Reward, TipMenuItem
from engagement.services.redemptions import redemption_reject
from engagement.services.rewards import reward_retire
from engagement.services.tip_menu_items import tip_menu_item_retire
from performers.admin.links import PerformerFilter, performer_link

ViewerFilter = exact(
    "viewer", "viewer", find=lambda text: Q(viewer_id=user_named(text)), help="A handle or an id."
)


def _redemptions(title: str, related: str, parameter: str) -> Panel:
    return Panel(
        title,
        columns=(
            ("Reward", lambda row: row.reward.title),
            ("By", lambda row: person_link(row.viewer)),
            ("State", lambda row: row.get_status_display()),
            ("Tokens", lambda row: number(row.tokens)),
            ("When (UTC)", lambda row: when(row.redeemed_at)),
        ),
        rows=lambda row: getattr(row, related).select_related("reward", "viewer").order_by("-pk"),
        permission="engagement.view_redemption",
        limit=5,
        url=page("redemption"),
        all_url=rows_of("redemption", parameter),
        empty="Nothing was redeemed.",
    )


@admin.register(Reward, site=backoffice)
class RewardAdmin(ReadOnlyAdmin):
    """What performers do for tokens or for nothing, and how much of it is left."""

    section = Section.CATALOGUE
    list_display = ("title", "of_whom", "costs", "stock", "taken", "created_at", "retired_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = (
        "title",
        "description",
        "of_whom",
        "costs",
        "stock",
        "taken",
        "person_cooldown",
        "shared_cooldown",
        "asks_for_words",
        "created_at",
        "retired_at",
        "version",
        "id",
    )
    readonly_fields = ("of_whom", "costs")
    panels = (_redemptions("Redeemed", "redemptions", "reward"),)
    actions = (
        ConfirmedAction(
            "retire",
            reward_retire,
            permission="engagement.retire_reward",
            words="Retire the reward",
            explain="Nobody can redeem it any more. What was redeemed stays redeemed.",
            done="Retired: {obj}.",
            dangerous=True,
            available=lambda reward: reward.retired_at is None,
        ),
    )

    @admin.display(description="Of")
    def of_whom(self, reward: Reward) -> Any:
        return performer_link(reward.performer)

    @admin.display(description="Tokens")
    def costs(self, reward: Reward) -> str:
        return number(reward.tokens)


@admin.register(Redemption, site=backoffice)
class RedemptionAdmin(ReadOnlyAdmin):
    """Who redeemed what, what became of it, and giving the tokens back."""

    section = Section.CATALOGUE
    list_display = ("what", "by", "of_whom", "status", "costs", "redeemed_at", "decided_at")
    list_filter = ("status", ViewerFilter, PerformerFilter, exact("reward", "reward (id)"), TimeFilter)
    list_select_related = ("reward", "viewer", "performer")
    search_fields = ("idempotency_key__exact",)
    search_help_text = "The id or the key of a redemption."
    fields = (
        "what",
        "by",
        "of_whom",
        "status",
        "costs",
        "paid",
        "words",
        "answer",
        "redeemed_at",
        "decided_at",
        "decided",
        "idempotency_key",
        "version",
        "id",
    )
    readonly_fields = ("what", "by", "of_whom", "costs", "paid", "decided")
    actions = (
        ConfirmedAction(
            "reject",
            redemption_reject,
            permission="engagement.reject_redemption",
            words="Reject, and give the tokens back",
            explain=lambda redemption: (
                f"{redemption.tokens:,} tokens return to {redemption.viewer}, who reads the reason."
            ),
            done="Rejected: {obj}.",
            dangerous=True,
            available=lambda redemption: redemption.status == RedemptionStatus.PENDING,
        ),
    )

    @admin.display(description="Reward")
    def what(self, redemption: Redemption) -> str:
        return redemption.reward.title

    @admin.display(description="By")
    def by(self, redemption: Redemption) -> Any:
        return person_link(redemption.viewer)

    @admin.display(description="Of")
    def of_whom(self, redemption: Redemption) -> Any:
        return performer_link(redemption.performer)

    @admin.display(description="Tokens")
    def costs(self, redemption: Redemption) -> str:
        return number(redemption.tokens)

    @admin.display(description="Paid by the spend")
    def paid(self, redemption: Redemption) -> str:
        return str(redemption.spend_id or EMPTY)

    @admin.display(description="Decided by")
    def decided(self, redemption: Redemption) -> str:
        return colleague(redemption.decided_by) if redemption.decided_at else EMPTY


@admin.register(TipMenuItem, site=backoffice)
class TipMenuItemAdmin(ReadOnlyAdmin):
    """What performers do for a tip of how many tokens."""

    section = Section.CATALOGUE
    list_display = ("label", "of_whom", "costs", "position", "created_at", "retired_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("performer",)
    fields = ("label", "of_whom", "costs", "position", "created_at", "retired_at", "version", "id")
    readonly_fields = ("of_whom", "costs")
    actions = (
        ConfirmedAction(
            "retire",
            tip_menu_item_retire,
            permission="engagement.retire_tipmenuitem",
            id_kwarg="item_id",
            words="Take off the menu",
            explain="Nobody can tip for it any more.",
            done="Taken off: {obj}.",
            dangerous=True,
            available=lambda item: item.retired_at is None,
        ),
    )

    @admin.display(description="Of")
    def of_whom(self, item: TipMenuItem) -> Any:
        return performer_link(item.performer)

    @admin.display(description="Tokens")
    def costs(self, item: TipMenuItem) -> str:
        return number(item.tokens)


backoffice.add_panel(User, _redemptions("Rewards redeemed", "redemptions", "viewer"))
