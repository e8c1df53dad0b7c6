"""The ledger, the catalogue and the money."""

from billing.models.provider_account import ProviderAccount
from billing.models.provider_call import ProviderCall
from billing.models.provider_event import ProviderEvent, ProviderEventKey
from billing.models.reconciliation_exception import ReconciliationException
from billing.models.simulated_charge import SimulatedCharge, SimulatedEvent

__all__ = [
    "ProviderAccount",
    "ProviderCall",
    "ProviderEvent",
    "ProviderEventKey",
    "ReconciliationException",
    "SimulatedCharge",
    "SimulatedEvent",
]
