"""The ledger, the catalogue and the money."""

from billing.models.currency import Currency
from billing.models.decline_code import DeclineCode
from billing.models.exchange_rate import ExchangeRate
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.price_tier import PriceTier
from billing.models.product import GiftItem, Product, TokenPack
from billing.models.promotion import Promotion, PromotionCode
from billing.models.promotion_redemption import PromotionRedemption
from billing.models.provider_account import ProviderAccount
from billing.models.provider_call import ProviderCall
from billing.models.provider_currency import ProviderCurrency
from billing.models.provider_event import ProviderEvent, ProviderEventKey
from billing.models.reconciliation_exception import ReconciliationException
from billing.models.simulated_charge import SimulatedCharge, SimulatedEvent
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
    "ProviderAccount",
    "ProviderCall",
    "ProviderCurrency",
    "ProviderEvent",
    "ProviderEventKey",
    "ReconciliationException",
    "SimulatedCharge",
    "SimulatedEvent",
    "TaxRate",
    "TokenPack",
]
