"""Entitlements to watch, and offers of tickets."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from accounts.admin.filters import PersonFilter
from accounts.admin.links import colleague, period, person_link
from accounts.models import User
from billing.admin.token_words import EMPTY, page, rows_of, tokens, when
from billing.models import Entitlement, TicketOffer
from billing.services.entitlements import entitlement_revoke
from billing.services.tickets import ticket_offer_close
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from performers.admin.links import PerformerFilter, performer_link


def target(row: Entitlement) -> str:
    """What may be watched."""
    if row.stream_id:
        return f"{row.stream} and its recordings"
    return str(row.archive) if row.archive_id else "All of the performer"


@admin.register(Entitlement, site=backoffice)
class EntitlementAdmin(ReadOnlyAdmin):
    """Who may watch what, by what, and by what it ended."""

    section = Section.FINANCE
    list_display = ("who", "what", "of_whom", "source", "holds", "revocation")
    list_filter = (PersonFilter, PerformerFilter, "source", "revocation", TimeFilter)
    list_select_related = ("user", "performer", "stream", "archive")
    fields = (
        "who",
        "what",
        "of_whom",
        "source",
        "spend",
        "order_line",
        "granted",
        "holds",
        "revocation",
        "revoked",
        "created_at",
        "version",
        "id",
    )
    readonly_fields = ("who", "what", "of_whom", "holds", "granted", "revoked")
    actions = (
        ConfirmedAction(
            "revoke",
            entitlement_revoke,
            permission="billing.revoke_entitlement",
            words="Revoke",
            explain="The person may not watch it any more. What was paid is not given back by this.",
            done="Revoked: {obj}.",
            dangerous=True,
            available=lambda row: row.is_in_force(timezone.now()),
        ),
    )

    @admin.display(description="Who")
    def who(self, row: Entitlement) -> Any:
        return person_link(row.user)

    @admin.display(description="May watch")
    def what(self, row: Entitlement) -> str:
        return target(row)

    @admin.display(description="Of")
    def of_whom(self, row: Entitlement) -> Any:
        return performer_link(row.performer)

    @admin.display(description="Holds (UTC)")
    def holds(self, row: Entitlement) -> str:
        return period(row.valid)

    @admin.display(description="Granted by")
    def granted(self, row: Entitlement) -> str:
        return colleague(row.granted_by) if row.granted_by_id else EMPTY

    @admin.display(description="Revoked by")
    def revoked(self, row: Entitlement) -> str:
        return colleague(row.revoked_by) if row.revocation else EMPTY


@admin.register(TicketOffer, site=backoffice)
class TicketOfferAdmin(ReadOnlyAdmin):
    """Tickets on sale, and how many are gone."""

    section = Section.FINANCE
    list_display = ("stream", "of_whom", "price", "sold", "capacity", "closed_at")
    list_filter = (PerformerFilter, TimeFilter)
    list_select_related = ("stream", "performer", "product")
    fields = ("stream", "of_whom", "price", "sold", "capacity", "closed_at", "created_at", "version", "id")
    readonly_fields = ("of_whom", "price")
    actions = (
        ConfirmedAction(
            "close",
            ticket_offer_close,
            permission="billing.close_ticketoffer",
            id_kwarg="offer_id",
            words="Close the sale",
            explain="No more tickets are sold. Those sold stay good.",
            done="Closed: {obj}.",
            available=lambda offer: offer.closed_at is None,
        ),
    )

    @admin.display(description="Of")
    def of_whom(self, offer: TicketOffer) -> Any:
        return performer_link(offer.performer)

    @admin.display(description="Price")
    def price(self, offer: TicketOffer) -> str:
        prices = [f"{tokens(offer.tokens)} tokens"] if offer.tokens else []
        return " or ".join([*prices, *([str(offer.product)] if offer.product_id else [])])


backoffice.add_panel(
    User,
    Panel(
        "Entitled to watch",
        columns=(
            ("What", target),
            ("By", "source"),
            ("Since (UTC)", lambda row: when(row.valid.lower)),
            ("Until (UTC)", lambda row: when(row.valid.upper)),
        ),
        rows=lambda user: user.entitlements.select_related("stream", "archive").order_by("-pk"),
        permission="billing.view_entitlement",
        limit=5,
        url=page("entitlement"),
        all_url=rows_of("entitlement", "user"),
        empty="Nothing was paid for or granted.",
    ),
)
