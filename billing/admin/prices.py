"""Prices, past, present and to come; they are set on the page of their product."""

from django.contrib import admin

from accounts.admin.filters import InForceFilter
from accounts.admin.links import period
from billing.admin.catalogue_forms import EndForm
from billing.admin.shown import history_of, money_or_dash
from billing.models import Price
from billing.services.prices import price_end, price_withdraw
from core.admin.actions import ConfirmedAction
from core.admin.filters import TimeFilter, exact
from core.admin.models import ReadOnlyAdmin
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice
from core.db.clock import database_now

KEEP = "billing.keep_price"

TIERS = Panel(
    title="Tiers",
    columns=(
        ("Up to", lambda tier: f"{tier.up_to:,}" if tier.up_to else "beyond"),
        ("Each costs", lambda tier: money_or_dash(tier.amount, tier.price.currency_id)),
    ),
    rows=lambda price: price.tiers.select_related("price").order_by("position"),
    permission="billing.view_pricetier",
    limit=20,
    empty="None: each costs the same.",
)


@admin.register(Price, site=backoffice)
class PriceAdmin(ReadOnlyAdmin):
    """What products cost, where and when."""

    section = Section.CATALOGUE
    list_display = ("product", "where", "money", "tax_behaviour", "period", "was_sold")
    list_filter = (
        InForceFilter,
        "tax_behaviour",
        exact("product", "Product (id)", lookup="product_id"),
        exact("country", "Country"),
        exact("currency", "Currency", lookup="currency_id"),
        TimeFilter,
    )
    list_select_related = ("product", "region")
    search_fields = ("product__code__exact",)
    search_help_text = "The whole code of a product, or an id."
    fields = (
        "product",
        "where",
        "money",
        "tax_behaviour",
        "period",
        "first_sold_at",
        "created_at",
        "id",
        "version",
    )
    readonly_fields = ("where", "money", "period")
    panels = (TIERS, history_of(Price, ("Period (UTC)", lambda row: period(row.valid))))
    actions = (
        ConfirmedAction(
            "end",
            price_end,
            KEEP,
            EndForm,
            words="End",
            explain="Nobody buys at this price afterwards. Set the next one first, or there is a gap.",
            done="The price ends.",
            available=lambda price: price.valid.upper is None or price.valid.upper > database_now(),
        ),
        ConfirmedAction(
            "withdraw",
            price_withdraw,
            KEEP,
            words="Delete",
            explain="Nobody bought at this price, so it can go. Its history stays.",
            done="The price is deleted.",
            dangerous=True,
            available=lambda price: price.first_sold_at is None,
        ),
    )

    @admin.display(description="Where")
    def where(self, price: Price) -> str:
        return str(price.country or price.region or "everywhere")

    @admin.display(description="Amount")
    def money(self, price: Price) -> str:
        return money_or_dash(price.amount, price.currency_id)

    @admin.display(description="Period (UTC)")
    def period(self, price: Price) -> str:
        return period(price.valid)

    @admin.display(description="Sold", boolean=True)
    def was_sold(self, price: Price) -> bool:
        return price.first_sold_at is not None
