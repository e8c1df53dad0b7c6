"""The ledger, the catalogue and the money."""

from billing.models.currency import Currency
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.product import GiftItem, Product, TokenPack

__all__ = [
    "Currency",
    "GiftItem",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "Product",
    "TokenPack",
]
