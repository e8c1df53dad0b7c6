"""Reference data and the catalogue of the demo: rates of currencies and taxes, packs of tokens, gifts, promotions."""

import datetime as dt
from pathlib import Path

from billing.catalogue_choices import ProductKind, PromotionKind, TaxBehaviour
from billing.models import Product
from billing.services.prices import price_set
from billing.services.products import gift_add, product_add, token_pack_add
from billing.services.promotions import promotion_code_add, promotion_create
from core.datasets.importing import dataset_import
from core.datasets.registry import dataset
from core.db.context import acting
from core.db.roles import Role
from core.demo import DemoStep, register_step

DATA = Path(__file__).parent / "data"
SINCE = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
"""Before the oldest purchase of the demo."""

PACKS = {
    # Code: name, paid and bonus tokens, price in minor units by place and currency.
    "tokens_100": ("100 tokens", 100, 0, {"": ("USD", 1099), "EU": ("EUR", 1199), "GB": ("GBP", 999)}),
    "tokens_500": ("500 tokens", 500, 25, {"": ("USD", 4999), "EU": ("EUR", 5499), "GB": ("GBP", 4599)}),
    "tokens_1000": ("1,000 tokens", 1000, 100, {"": ("USD", 9299), "EU": ("EUR", 9999), "GB": ("GBP", 8499)}),
    "tokens_5000": (
        "5,000 tokens",
        5000,
        750,
        {
            "": ("USD", 42999),
            "EU": ("EUR", 45999),
            "GB": ("GBP", 38999),
            "JP": ("JPY", 64800),
            "KW": ("KWD", 131500),
        },
    ),
}
GIFTS = {"rose": ("A rose", 25), "fireworks": ("Fireworks", 250), "crown": ("A crown", 2500)}
REASON = "the demo's catalogue"


def _bring_in(name: str) -> str:
    with acting(Role.WORKER):
        report = dataset_import(dataset=dataset(name), path=DATA / name, all_or_nothing=True)
    return (
        f"{report.new:,} new, {report.unchanged:,} there before, {len(report.notes)} notes on gaps and ends"
    )


def load_exchange_rates() -> str:
    """Eleven years of euro reference rates."""
    return _bring_in("exchange_rates")


def load_vat_rates() -> str:
    """Standard rates of value-added tax."""
    return _bring_in("vat_rates")


def load_catalogue() -> str:
    """Packs, a ticket, gifts with their prices, and two promotions."""
    with acting(Role.WORKER):
        if Product.objects.filter(code__in=PACKS).exists():
            return "there before"
        for code, (name, paid, bonus, prices) in PACKS.items():
            pack = token_pack_add(code=code, name=name, paid=paid, bonus=bonus, actor=None, reason=REASON)
            _prices(pack, prices)
        ticket = product_add(
            code="ticket", kind=ProductKind.PAY_PER_VIEW, name="Ticket for a show", actor=None, reason=REASON
        )
        _prices(ticket, {"": ("USD", 1500), "EU": ("EUR", 1500), "GB": ("GBP", 1300)})
        for code, (name, tokens) in GIFTS.items():
            gift_add(code=code, name=name, tokens=tokens, actor=None, reason=REASON)
        _promotions()
    return f"{len(PACKS)} packs, a ticket, {len(GIFTS)} gifts, two promotions"


def _prices(product: Product, prices: dict[str, tuple[str, int]]) -> None:
    for place, (currency, amount) in prices.items():
        price_set(
            product_id=product.pk,
            currency=currency,
            amount=amount,
            # Consumers in Europe and Japan are told prices with tax, elsewhere it comes on top.
            tax_behaviour=TaxBehaviour.INCLUSIVE if place else TaxBehaviour.EXCLUSIVE,
            country="" if place in ("", "EU") else place,
            region="EU" if place == "EU" else "",
            since=SINCE,
            actor=None,
            reason=REASON,
        )


def _promotions() -> None:
    welcome = promotion_create(
        name="Ten per cent off the first purchase",
        kind=PromotionKind.PERCENTAGE,
        value=1000,
        limit_per_user=1,
        since=SINCE,
        actor=None,
        reason=REASON,
    )
    promotion_code_add(promotion_id=welcome.pk, code="WELCOME10", actor=None, reason=REASON)
    anniversary = promotion_create(
        name="Fifty tokens on top, for the first thousand",
        kind=PromotionKind.BONUS_TOKENS,
        value=50,
        limit_total=1000,
        limit_per_user=1,
        budget=50_000,
        since=SINCE,
        actor=None,
        reason=REASON,
    )
    promotion_code_add(promotion_id=anniversary.pk, code="BONUS50", actor=None, reason=REASON)


register_step(DemoStep(38, "Euro reference rates of eleven years", load_exchange_rates))
register_step(DemoStep(39, "Rates of value-added tax", load_vat_rates))
register_step(DemoStep(40, "Packs of tokens, gifts, prices and promotions", load_catalogue))
