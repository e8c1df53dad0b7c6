"""Products: added, described, priced and withdrawn."""

import datetime as dt
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from billing.admin.adding import AddedByService
from billing.admin.catalogue_forms import AddProductForm, ChangeProductForm, GiftPriceForm, SetPriceForm
from billing.admin.shown import history_of
from billing.catalogue_choices import ProductKind
from billing.models import GiftItem, Price, Product, TokenPack
from billing.money import money_parse, money_text
from billing.services.prices import price_set
from billing.services.products import gift_add, gift_price_set, product_add, product_change, token_pack_add
from core.admin.actions import ConfirmedAction
from core.admin.panels import Panel
from core.admin.sections import Section
from core.admin.site import backoffice

KEEP = "billing.keep_product"


def price_enter(
    *,
    product_id: UUID,
    country: str,
    region: str,
    currency: str,
    amount_text: str,
    tax_behaviour: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    replaces: bool,
    actor: User,
    reason: str,
) -> Price:
    """Set a price whose amount was typed. As `price_set`."""
    return price_set(
        product_id=product_id,
        country=country,
        region=region,
        currency=currency,
        amount=money_parse(amount_text, currency).amount,
        tax_behaviour=tax_behaviour,
        since=since,
        until=until,
        replaces=replaces,
        actor=actor,
        reason=reason,
    )


def gift_of_product_price_set(*, product_id: UUID, tokens: int, actor: User, reason: str) -> GiftItem:
    """Change what a gift costs, from the page of its product. As `gift_price_set`."""
    gift = GiftItem.objects.get(product_id=product_id)
    return gift_price_set(gift_item_id=gift.pk, tokens=tokens, actor=actor, reason=reason)


PRICES = Panel(
    title="Prices",
    columns=(
        ("Where", lambda price: price.country or price.region or "everywhere"),
        ("Amount", lambda price: money_text(price.amount, price.currency_id)),
        ("Tax", "tax_behaviour"),
        ("From (UTC)", lambda price: f"{price.valid.lower:%Y-%m-%d %H:%M}"),
        ("Until", lambda price: f"{price.valid.upper:%Y-%m-%d %H:%M}" if price.valid.upper else "ended"),
        ("Sold", lambda price: "yes" if price.first_sold_at else "no"),
    ),
    rows=lambda product: product.prices.select_related("region").order_by("-pk"),
    permission="billing.view_price",
    url=lambda price: reverse("admin:billing_price_change", args=[price.pk]),
    all_url=lambda product: reverse("admin:billing_price_changelist") + f"?product={product.pk}",
    empty="No price: nobody can buy it.",
)


@admin.register(Product, site=backoffice)
class ProductAdmin(AddedByService):
    """What is sold: added and withdrawn, never deleted."""

    section = Section.CATALOGUE
    may_add = KEEP
    add_form = AddProductForm
    list_display = ("code", "name", "kind", "is_offered", "created_at")
    list_filter = ("kind", "is_offered")
    search_fields = ("code__exact",)
    search_help_text = "A whole code, or an id."
    fields = (
        "code",
        "kind",
        "name",
        "description",
        "contents",
        "is_offered",
        "created_at",
        "updated_at",
        "id",
        "version",
    )
    readonly_fields = ("contents",)
    panels = (PRICES, history_of(Product, ("Name", "name"), ("Offered", "is_offered")))
    actions = (
        ConfirmedAction(
            "set-price",
            price_enter,
            "billing.keep_price",
            SetPriceForm,
            words="Set a price",
            explain="Buyers see it at once, or from the day you give. What was bought before stays as it was.",
            done="The price is set.",
            available=lambda product: product.kind != ProductKind.GIFT,
        ),
        ConfirmedAction(
            "change",
            product_change,
            KEEP,
            ChangeProductForm,
            words="Change or withdraw",
            explain=lambda product: (
                f"Now: {product.name}; {'offered' if product.is_offered else 'withdrawn'}."
            ),
            done="The product is changed.",
        ),
        ConfirmedAction(
            "reprice-gift",
            gift_of_product_price_set,
            KEEP,
            GiftPriceForm,
            words="Change what the gift costs",
            explain="From now on. What was sent keeps what it cost.",
            done="The gift has another price.",
            available=lambda product: product.kind == ProductKind.GIFT,
        ),
    )

    @admin.display(description="Contents")
    def contents(self, product: Product) -> str:
        pack = TokenPack.objects.filter(product=product).first()
        gift = GiftItem.objects.filter(product=product).first() if pack is None else None
        if pack is not None:
            return f"{pack.paid:,} paid tokens and {pack.bonus:,} on top"
        return f"costs {gift.tokens:,} tokens" if gift is not None else "–"

    def add(self, request: HttpRequest, answers: dict[str, Any]) -> Model:
        actor = cast(User, request.user)
        common = {name: answers[name] for name in ("code", "name", "description")}
        if answers["kind"] == ProductKind.TOKEN_PACK:
            return token_pack_add(**common, paid=answers["paid"], bonus=answers["bonus"] or 0, actor=actor)
        if answers["kind"] == ProductKind.GIFT:
            return gift_add(**common, tokens=answers["tokens"], actor=actor)
        return product_add(**common, kind=answers["kind"], actor=actor)
