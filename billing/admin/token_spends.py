"""Spends of tokens: found by viewer, performer or key, and taken back."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin.filters import user_named
from accounts.admin.links import person_link
from billing.admin.token_words import EMPTY, cost, tokens, when
from billing.models import RevenueSplitLine, TokenSpend
from billing.services.spend_reversals import spend_reverse
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.search import Hit, SearchProvider, register_search
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.roles import Role
from performers.admin.links import PerformerFilter, performer_link, performer_named

ViewerFilter = exact(
    "viewer", "viewer", find=lambda text: Q(viewer_id=user_named(text)), help="A handle or an id."
)


def parties_named(text: str) -> Q:
    """Spends of or on whoever is called so: a handle, or the address of a performer. Nothing where nobody is."""
    found: set[UUID] = set()
    for named in (user_named, performer_named):
        try:
            found.add(named(text))
        except ValidationError:
            continue
    return Q(viewer_id__in=found) | Q(performer_id__in=found)


@admin.register(TokenSpend, site=backoffice)
class TokenSpendAdmin(ReadOnlyAdmin):
    """What tokens were spent on: from which lots, shared out how, booked where; and taking it back."""

    section = Section.FINANCE
    list_display = ("what", "tokens", "by", "on_whom", "spent_at", "taken_back")
    list_filter = (ViewerFilter, PerformerFilter, "kind", TimeFilter)
    list_select_related = ("viewer", "performer", "reversal")
    search_fields = ("idempotency_key__exact",)
    search_help_text = "A handle, the address of a performer, or the id of a spend."
    fields = (
        "what",
        "tokens",
        "by",
        "on_whom",
        "stream",
        "gift_item",
        "quantity",
        "ticket_offer",
        "private_show",
        "spent_at",
        "booked",
        "taken_back",
        "why",
        "owed",
        "idempotency_key",
        "id",
    )
    readonly_fields = ("what", "by", "on_whom", "booked", "taken_back", "why", "owed")
    panels = (
        Panel(
            "Taken from",
            columns=(
                ("Lot", lambda row: row.lot.get_kind_display()),
                ("Tokens", lambda row: tokens(row.tokens)),
                ("Their cost", lambda row: cost(row.cost, row.lot.currency_id)),
            ),
            rows=lambda spend: spend.consumptions.select_related("lot").order_by("pk"),
            permission="billing.view_lotconsumption",
        ),
        Panel(
            "Shared out",
            columns=(
                ("Who", "party"),
                ("Tokens", lambda row: tokens(row.amount)),
                (
                    "By the rule",
                    lambda row: f"{row.split.performer_points / 100:g} % for the performer's side",
                ),
                ("When (UTC)", lambda row: when(row.split.split_at)),
            ),
            rows=lambda spend: (
                RevenueSplitLine.objects.filter(split__spend=spend).select_related("split").order_by("pk")
            ),
            permission="billing.view_revenuesplitline",
        ),
    )
    actions = (
        ConfirmedAction(
            "reverse",
            spend_reverse,
            permission="billing.reverse_tokenspend",
            id_kwarg="spend_id",
            words="Take back",
            explain=lambda spend: (
                f"{spend.tokens:,} tokens return to the lots of {spend.viewer} from which they came; {spend.performer}, "
                "her studio and the platform give back what they got. What was paid out already is owed. A ticket ends."
            ),
            done="Taken back: {obj}.",
            dangerous=True,
            available=lambda spend: not hasattr(spend, "reversal"),
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """An id, else whoever is called so."""
        try:
            UUID(search_term.strip())
        except ValueError:
            term = search_term.strip()
            return (queryset.filter(parties_named(term)) if term else queryset), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="What")
    def what(self, spend: TokenSpend) -> str:
        return spend.get_kind_display()

    @admin.display(description="By")
    def by(self, spend: TokenSpend) -> Any:
        return person_link(spend.viewer)

    @admin.display(description="On")
    def on_whom(self, spend: TokenSpend) -> Any:
        return performer_link(spend.performer)

    @admin.display(description="Taken back (UTC)")
    def taken_back(self, spend: TokenSpend) -> str:
        return when(spend.reversal.reversed_at) if hasattr(spend, "reversal") else EMPTY

    @admin.display(description="Why it was taken back")
    def why(self, spend: TokenSpend) -> str:
        return spend.reversal.reason if hasattr(spend, "reversal") else EMPTY

    @admin.display(description="Owed by performer and studio")
    def owed(self, spend: TokenSpend) -> str:
        return tokens(spend.reversal.shortfall) if hasattr(spend, "reversal") else EMPTY

    @admin.display(description="Booked as")
    def booked(self, spend: TokenSpend) -> Any:
        return format_html("{}", spend.entry_id)


def find_spends(query: str) -> list[Hit]:
    """The spend with this id, or with this key."""
    try:
        condition = Q(pk=UUID(query))
    except ValueError:
        return []
    return [
        Hit(
            title=str(spend),
            url=reverse("admin:billing_tokenspend_change", args=[spend.pk]),
            words=f"by {spend.viewer} on {spend.performer}",
            exact=True,
        )
        for spend in TokenSpend.objects.filter(condition).select_related("viewer", "performer")
    ]


register_search(
    SearchProvider(
        "Spends",
        (
            Role.FINANCE,
            Role.FINANCE_APPROVER,
            Role.COMPLIANCE,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        ),
        find_spends,
        hint="id of a spend of tokens",
    )
)
