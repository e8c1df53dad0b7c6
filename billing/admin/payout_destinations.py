"""Where performers and studios are paid: masked, revealed to compliance alone, paused and set going by finance."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.payment_words import EMPTY, list_url, money_of, row_url, when_of
from billing.admin.payout_words import payee
from billing.models import PayoutDestination, ProviderAccount
from billing.payout_choices import DestinationStatus
from billing.services.payout_destinations import (
    NewDestination,
    payout_destination_add,
    payout_destination_pause,
    payout_destination_resume,
    payout_destination_retire,
    payout_destination_reveal,
)
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.panels import Panel
from core.admin.reveals import RevealAction
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.links import PerformerFilter
from performers.models import PerformerProfile

PAUSE, ADD = "billing.pause_payoutdestination", "billing.add_for_payee_payoutdestination"
D = DestinationStatus


class StudioDestinationForm(forms.ModelForm):
    """The account of a studio; performers enter theirs themselves."""

    holder = forms.CharField(label="Holder", max_length=200)
    account = forms.CharField(
        label="Account", max_length=60, help_text="IBAN, or number and bank code. Sealed at once."
    )
    provider_token = forms.CharField(
        label="Provider's name of it", max_length=255, help_text="What the provider calls the account."
    )
    reason = forms.CharField(min_length=10, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = PayoutDestination
        fields = ("studio", "provider_account", "kind", "currency", "country")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["studio"].required = True
        self.fields["provider_account"].queryset = ProviderAccount.objects.filter(closed_at__isnull=True)  # type: ignore[attr-defined]


@admin.register(PayoutDestination, site=backoffice)
class PayoutDestinationAdmin(AddedByService):
    """Accounts to which is paid. Four signs are shown; the rest is sealed."""

    section = Section.FINANCE
    may_add = ADD
    add_form = StudioDestinationForm
    list_display = (
        "masked",
        "who",
        "currency_id",
        "status",
        "usable_from",
        "failure_streak",
        "provider_account",
    )
    list_filter = ("status", PerformerFilter, exact("last_four", "Last four"), TimeFilter)
    list_select_related = ("performer", "studio", "provider_account")
    search_fields = ("last_four__exact",)
    search_help_text = "The last four signs of an account, or our id of a destination."
    fields = (
        "masked",
        "who",
        "kind",
        "currency",
        "country",
        "status",
        "usable_from",
        "failure_streak",
        "provider_account",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("masked", "who", "usable_from")
    panels = (
        Panel(
            "Payouts",
            columns=(
                ("When (UTC)", when_of("created_at")),
                ("Amount", money_of("amount")),
                ("Status", "status"),
                ("Code", lambda row: row.failure_code or EMPTY),
            ),
            rows=lambda place: place.payouts.order_by("-pk"),
            permission="billing.view_payout",
            url=row_url,
            empty="Nothing was paid there.",
        ),
    )
    actions = (
        RevealAction(
            payout_destination_reveal, "billing.reveal_payoutdestination", id_kwarg="payoutdestination_id"
        ),
        ConfirmedAction(
            "pause",
            payout_destination_pause,
            PAUSE,
            words="Pause",
            explain="Nothing more is paid there, approved batches included. What is on its way goes on.",
            done="Paused: {obj}.",
            available=lambda place: place.status == D.ACTIVE,
        ),
        ConfirmedAction(
            "resume",
            payout_destination_resume,
            PAUSE,
            words="Set going again",
            explain="Is paid there again, and failures are counted from nothing.",
            done="Set going again: {obj}.",
            available=lambda place: place.status == D.PAUSED,
        ),
        ConfirmedAction(
            "retire",
            payout_destination_retire,
            PAUSE,
            words="Give up",
            explain="Nothing is paid there ever again. Another one has to be entered, and waits three days.",
            done="Given up: {obj}.",
            dangerous=True,
            available=lambda place: place.status != D.RETIRED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what is sealed and encrypted."""
        return super().get_queryset(request).defer("holder_name", "details", "token")

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        return payout_destination_add(
            provider_account_id=answers["provider_account"].pk,
            new=NewDestination(
                kind=answers["kind"],
                currency=answers["currency"].code,
                country=answers["country"],
                holder_name=answers["holder"],
                details=answers["account"],
                token=answers["provider_token"],
            ),
            studio_id=answers["studio"].pk,
            actor=cast(User, request.user),
            reason=answers["reason"],
        )

    @admin.display(description="What")
    def masked(self, place: PayoutDestination) -> str:
        return str(place)

    @admin.display(description="Who")
    def who(self, place: PayoutDestination) -> Any:
        return payee(place)


backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Where is paid",
        columns=(
            ("What", str),
            ("Currency", "currency_id"),
            ("Status", "status"),
            ("From (UTC)", when_of("usable_from")),
        ),
        rows=lambda performer: performer.payoutdestinations.masked().order_by("-pk"),
        permission="billing.view_payoutdestination",
        limit=5,
        url=row_url,
        all_url=lambda performer: list_url("payoutdestination", f"?performer={performer.pk}"),
        empty="Nothing was entered.",
    ),
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Destinations paused",
        roles=(Role.FINANCE, Role.FINANCE_APPROVER),
        count=lambda limit: CountUpTo(PayoutDestination.objects.filter(status=D.PAUSED), limit),
        url=lambda: list_url("payoutdestination", "?status__exact=paused"),
        words="Three payouts in a row failed, or a colleague paused them.",
    )
)
