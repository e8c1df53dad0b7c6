"""The ledger, the catalogue and the money."""

from billing.models.currency import Currency
from billing.models.decline_code import DeclineCode
from billing.models.exchange_rate import ExchangeRate
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.price_tier import PriceTier
from billing.models.product import GiftItem, Product, TokenPack
from billing.models.promotion import Promotion, PromotionCode
from billing.models.promotion_redemption import PromotionRedemption
from billing.models.provider_currency import ProviderCurrency
from billing.models.tax_rate import TaxRate

__all__ = [
    "Currency",
    "DeclineCode",
    "ExchangeRate",
    "GiftItem",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "PriceTier",
    "Product",
    "Promotion",
    "PromotionCode",
    "PromotionRedemption",
    "ProviderCurrency",
    "TaxRate",
    "TokenPack",
]
