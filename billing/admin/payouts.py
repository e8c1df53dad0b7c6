"""The rooms of payouts and of those that came back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from billing.admin.list_exports import ExportsList
from billing.admin.payment_words import (
    EMPTY,
    list_url,
    money,
    money_of,
    row_link,
    row_url,
    when,
    when_of,
)
from billing.admin.payout_words import payee, tokens_words, without_seals
from billing.admin.provider_panels import calls, exceptions, messages, postings_from
from billing.models import (
    Payout,
    PayoutReturn,
)
from billing.money import money_text
from billing.payout_choices import PayoutStatus
from core.admin.filters import TimeFilter, exact
from core.admin.home import HomeCard, register_card
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.asking import CountUpTo
from core.db.roles import Role
from performers.admin.links import PerformerFilter
from performers.models import PerformerProfile

PAYERS = (Role.FINANCE, Role.FINANCE_APPROVER)

MOVES = Panel(
    "Timeline",
    columns=(
        ("Ours (UTC)", when_of("moved_at")),
        ("Provider's time (UTC)", when_of("provider_time")),
        ("From", lambda event: event.get_from_status_display() or "new"),
        ("To", "to_status"),
        ("Code", lambda event: event.failure_code or EMPTY),
        ("In whose name", lambda event: str(event.actor) if event.actor else "the system"),
    ),
    rows=lambda payout: payout.events.select_related("actor").order_by("-pk"),
    permission="billing.view_payoutevent",
)
EARNINGS = Panel(
    "Earnings in it",
    columns=(
        ("Earned (UTC)", lambda item: when(item.earning.earned_at)),
        ("How much", lambda item: money_text(item.amount, item.currency_id)),
        ("Spoken for", lambda item: "yes" if item.is_live else "open again"),
    ),
    rows=lambda payout: payout.items.select_related("earning").order_by("-pk"),
    permission="billing.view_payoutitem",
)
RETURNS = Panel(
    "Failed and came back",
    columns=(
        ("When (UTC)", when_of("occurred_at")),
        ("Had left", lambda row: "yes" if row.was_paid else "no"),
        ("Code", lambda row: row.code or EMPTY),
        ("Amount", money_of("amount")),
        ("Owed since", money_of("shortfall")),
    ),
    rows=lambda payout: payout.returns.order_by("-pk"),
    permission="billing.view_payoutreturn",
    url=row_url,
    empty="It did not.",
)
POSTINGS = postings_from("billing_payout")
CALLS = calls(lambda payout: [payout.pk])
MESSAGES = messages(lambda payout: payout.provider_reference)
EXCEPTIONS = exceptions()


@admin.register(Payout, site=backoffice)
class PayoutAdmin(ExportsList, ReadOnlyAdmin):
    """Payouts: of what they consist, where they went, and what the provider says; nothing is done here."""

    section = Section.FINANCE
    list_display = ("created_at", "who", "amount_words", "status", "failure_code", "to", "reference")
    list_display_links = ("created_at",)
    list_filter = (
        "status",
        PerformerFilter,
        exact("batch", "Batch (id)", lookup="batch_id"),
        exact("reference", "On the statement"),
        exact("provider_reference", "Provider's name"),
        TimeFilter,
    )
    list_select_related = ("performer", "studio", "destination", "batch", "provider_account", "token_value")
    search_fields = ("reference__exact", "provider_reference__exact")
    search_help_text = "What the bank statement shows, the provider's name of a payout, or our id of one."
    fields = (
        "who",
        "batch_link",
        "status",
        "amount_words",
        "tokens_words",
        "token_value",
        "earned_words",
        "set_off_words",
        "set_off_tokens",
        "held_back_words",
        "destination_link",
        "provider_account",
        "reference",
        "provider_reference",
        "failure_code",
        "sent_at",
        "paid_at",
        "settled_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = (
        "who",
        "batch_link",
        "amount_words",
        "tokens_words",
        "earned_words",
        "set_off_words",
        "held_back_words",
        "destination_link",
    )
    panels = (MOVES, EARNINGS, RETURNS, POSTINGS, CALLS, MESSAGES, EXCEPTIONS)
    export_columns = (
        ("Payout", lambda payout: payout.pk),
        ("Prepared (UTC)", lambda payout: when(payout.created_at)),
        ("Batch", lambda payout: payout.batch_id),
        ("Performer", lambda payout: payout.performer_id or ""),
        ("Studio", lambda payout: payout.studio_id or ""),
        ("Status", lambda payout: payout.get_status_display()),
        ("On the statement", lambda payout: payout.reference),
        ("Provider's name", lambda payout: payout.provider_reference or ""),
        ("Failure", lambda payout: payout.failure_code),
    )
    export_amounts = (
        ("Amount", lambda payout: payout.amount),
        ("Set off", lambda payout: payout.set_off),
        ("Held back", lambda payout: payout.held_back),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what is sealed of the destination."""
        return super().get_queryset(request).defer(*without_seals("destination"))

    @admin.display(description="Who")
    def who(self, payout: Payout) -> Any:
        return payee(payout)

    @admin.display(description="Batch")
    def batch_link(self, payout: Payout) -> str:
        return row_link(payout.batch)

    @admin.display(description="Amount")
    def amount_words(self, payout: Payout) -> str:
        return money(payout)

    @admin.display(description="Tokens exchanged")
    def tokens_words(self, payout: Payout) -> str:
        return tokens_words(payout)

    @admin.display(description="Earned in the currency")
    def earned_words(self, payout: Payout) -> str:
        return money(payout, "earned")

    @admin.display(description="Owed and set off")
    def set_off_words(self, payout: Payout) -> str:
        return money(payout, "set_off")

    @admin.display(description="Held back")
    def held_back_words(self, payout: Payout) -> str:
        return money(payout, "held_back")

    @admin.display(description="To")
    def to(self, payout: Payout) -> str:
        return str(payout.destination)

    @admin.display(description="To")
    def destination_link(self, payout: Payout) -> str:
        return row_link(payout.destination)


@admin.register(PayoutReturn, site=backoffice)
class PayoutReturnAdmin(ReadOnlyAdmin):
    """Payouts that failed or came back, the newest first; their earnings are open again."""

    section = Section.FINANCE
    list_display = ("occurred_at", "who", "amount_words", "code", "was_paid", "shortfall_words")
    list_filter = ("was_paid", exact("code", "Code"), PerformerFilter, TimeFilter)
    list_select_related = ("payout__performer", "payout__studio")
    fields = (
        "who",
        "payout_link",
        "was_paid",
        "code",
        "amount_words",
        "shortfall_words",
        "entry_link",
        "occurred_at",
        "id",
    )
    readonly_fields = ("who", "payout_link", "amount_words", "shortfall_words", "entry_link")

    @admin.display(description="Who")
    def who(self, row: PayoutReturn) -> Any:
        return payee(row.payout)

    @admin.display(description="Payout")
    def payout_link(self, row: PayoutReturn) -> str:
        return row_link(row.payout)

    @admin.display(description="Amount")
    def amount_words(self, row: PayoutReturn) -> str:
        return money(row)

    @admin.display(description="Owed since")
    def shortfall_words(self, row: PayoutReturn) -> str:
        return money(row, "shortfall")

    @admin.display(description="Entry")
    def entry_link(self, row: PayoutReturn) -> str:
        return row_link(row.entry)


backoffice.add_panel(
    PerformerProfile,
    Panel(
        "Payouts",
        columns=(
            ("When (UTC)", when_of("created_at")),
            ("Amount", money_of("amount")),
            ("Status", "status"),
            ("Code", lambda row: row.failure_code or EMPTY),
        ),
        rows=lambda performer: performer.payouts.order_by("-pk"),
        permission="billing.view_payout",
        limit=5,
        url=row_url,
        all_url=lambda performer: list_url("payout", f"?performer={performer.pk}"),
        empty="Never paid.",
    ),
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Payouts of unknown outcome",
        roles=PAYERS,
        count=lambda limit: CountUpTo(Payout.objects.filter(status=PayoutStatus.UNKNOWN), limit),
        url=lambda: list_url("payout", "?status__exact=unknown"),
        words="The provider is asked by itself. Nothing is paid twice meanwhile.",
    )
)
register_card(
    HomeCard(
        section=Section.FINANCE,
        title="Payouts returned",
        roles=PAYERS,
        count=lambda limit: CountUpTo(Payout.objects.filter(status=PayoutStatus.RETURNED), limit),
        url=lambda: list_url("payout", "?status__exact=returned"),
        words="Their earnings are open again: ask the performer about the account.",
    )
)
