"""The ledger, the catalogue and the money."""

from billing.models.currency import Currency
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.product import GiftItem, Product, TokenPack
from billing.models.provider_account import ProviderAccount
from billing.models.provider_call import ProviderCall
from billing.models.provider_currency import ProviderCurrency
from billing.models.provider_event import ProviderEvent, ProviderEventKey
from billing.models.reconciliation_exception import ReconciliationException
from billing.models.simulated_charge import SimulatedCharge, SimulatedEvent

__all__ = [
    "Currency",
    "GiftItem",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "Product",
    "ProviderAccount",
    "ProviderCall",
    "ProviderCurrency",
    "ProviderEvent",
    "ProviderEventKey",
    "ReconciliationException",
    "SimulatedCharge",
    "SimulatedEvent",
    "TokenPack",
]
