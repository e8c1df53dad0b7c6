"""What is owed, what is kept as a reserve, and what an earned token is worth."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.admin.links import colleague, period
from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.payment_words import EMPTY, list_url, money, row_link
from billing.admin.payout_words import PayeeForm, payee, payee_of
from billing.models import Debt, ReserveHold, TokenValue
from billing.money import money_parse, money_text
from billing.payout_choices import DebtCause
from billing.services.debts import debt_charge, debt_write_off
from billing.services.reserve_holds import reserve_hold_place, reserve_hold_release
from billing.services.token_values import token_value_set
from core.admin.actions import ConfirmedAction
from core.admin.filters import DefaultChoiceFilter, TimeFilter
from core.admin.home import HomeCard, register_card
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.clock import database_now
from core.db.roles import Role
from performers.admin.links import PerformerFilter


class DebtForm(PayeeForm):
    """Charge somebody, or write off what somebody owes."""

    what = forms.ChoiceField(
        choices=[(DebtCause.CHARGED.value, "Charge"), (DebtCause.WRITTEN_OFF.value, "Write off")]
    )
    how_much = forms.CharField(label="Amount", max_length=30, help_text="As 12.50.")

    class Meta:
        model = Debt
        fields = ("currency",)


@admin.register(Debt, site=backoffice)
class DebtAdmin(AddedByService):
    """How what performers and studios owe changed, the newest first. Payouts set it off by themselves."""

    section = Section.FINANCE
    may_add = "billing.keep_debt"
    add_form = DebtForm
    list_display = ("recorded_at", "who", "amount_words", "cause", "reason", "recorded_by")
    list_filter = ("cause", PerformerFilter, TimeFilter)
    list_select_related = ("performer", "studio", "recorded_by", "payout")
    fields = ("who", "amount_words", "cause", "payout_link", "reason", "by", "recorded_at", "id")
    readonly_fields = ("who", "amount_words", "payout_link", "by")

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        currency = answers["currency"].code
        record = debt_charge if answers["what"] == DebtCause.CHARGED else debt_write_off
        return record(
            **payee_of(answers),
            currency=currency,
            amount=money_parse(answers["how_much"], currency).amount,
            actor=cast(User, request.user),
            reason=answers["reason"],
        )

    @admin.display(description="Who")
    def who(self, debt: Debt) -> Any:
        return payee(debt)

    @admin.display(description="Owed more")
    def amount_words(self, debt: Debt) -> str:
        return money_text(debt.amount, debt.currency_id)

    @admin.display(description="Payout")
    def payout_link(self, debt: Debt) -> str:
        return row_link(debt.payout)

    @admin.display(description="Recorded by")
    def by(self, debt: Debt) -> str:
        return colleague(debt.recorded_by) if debt.recorded_by_id else "the system"


class ReserveForm(PayeeForm):
    """How much stays, and how long."""

    how_much = forms.CharField(label="Amount", max_length=30, help_text="As 250.00.")

    class Meta:
        model = ReserveHold
        fields = ("currency", "release_on")


class KeptFilter(DefaultChoiceFilter):
    """What is kept back, unless everything is asked for."""

    title = "reserves"
    parameter_name = "kept"
    default_label = "Kept"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "Released ones too")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.active(database_now().date())


@admin.register(ReserveHold, site=backoffice)
class ReserveHoldAdmin(AddedByService):
    """What stays on earnings accounts, whatever is paid."""

    section = Section.FINANCE
    may_add = "billing.keep_reservehold"
    add_form = ReserveForm
    list_display = ("created_at", "who", "amount_words", "release_on", "reason", "placed_by", "released_at")
    list_filter = (KeptFilter, PerformerFilter, TimeFilter)
    list_select_related = ("performer", "studio", "placed_by", "released_by")
    fields = (
        "who",
        "amount_words",
        "release_on",
        "reason",
        "placed",
        "created_at",
        "released_at",
        "released",
        "id",
        "version",
    )
    readonly_fields = ("who", "amount_words", "placed", "released")
    actions = (
        ConfirmedAction(
            "release",
            reserve_hold_release,
            "billing.keep_reservehold",
            words="Release",
            explain="The next payout pays it.",
            done="Released: {obj}.",
            available=lambda hold: hold.released_at is None,
        ),
    )

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        currency = answers["currency"].code
        return reserve_hold_place(
            **payee_of(answers),
            currency=currency,
            amount=money_parse(answers["how_much"], currency).amount,
            release_on=answers["release_on"],
            actor=cast(User, request.user),
            reason=answers["reason"],
        )

    @admin.display(description="Who")
    def who(self, hold: ReserveHold) -> Any:
        return payee(hold)

    @admin.display(description="Kept back")
    def amount_words(self, hold: ReserveHold) -> str:
        return money(hold)

    @admin.display(description="Placed by")
    def placed(self, hold: ReserveHold) -> str:
        return colleague(hold.placed_by)

    @admin.display(description="Released by")
    def released(self, hold: ReserveHold) -> str:
        return colleague(hold.released_by) if hold.released_by_id else EMPTY


class TokenValueForm(forms.ModelForm):
    """What a token is worth from now on, or from a later instant on."""

    starts_at = forms.DateTimeField(label="From (UTC)", required=False, help_text="Empty: from now on.")

    class Meta:
        model = TokenValue
        fields = ("currency", "per_token", "reason")


@admin.register(TokenValue, site=backoffice)
class TokenValueAdmin(AddedByService):
    """What an earned token is worth in each currency, past and future ones too."""

    section = Section.FINANCE
    may_add = "billing.set_tokenvalue"
    add_form = TokenValueForm
    list_display = ("currency", "per_token", "holds", "set_by")
    list_filter = (TimeFilter,)
    list_select_related = ("set_by", "currency")
    fields = ("currency", "per_token", "holds", "by", "reason", "created_at", "id", "version")
    readonly_fields = ("holds", "by")

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return token_value_set(
            currency=answers["currency"].code,
            per_token=answers["per_token"],
            starts_at=answers["starts_at"],
            actor=cast(User, request.user),
            reason=answers["reason"],
        )

    @admin.display(description="Holds (UTC)")
    def holds(self, value: TokenValue) -> str:
        return period(value.valid)

    @admin.display(description="Set by")
    def by(self, value: TokenValue) -> str:
        return colleague(value.set_by)


register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Reserves kept back",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(ReserveHold.objects.active(database_now().date()), limit),
        url=lambda: list_url("reservehold"),
        words="They stay on earnings accounts until their day, or until somebody releases them.",
    )
)
