"""The rooms of billing in the back office."""

from billing.admin import (
    approvals,
    orders,
    payment_methods,
    payment_search,
    payments,
    provider_accounts,
    provider_calls,
    provider_events,
    reconciliation_exceptions,
)

__all__ = [
    "approvals",
    "orders",
    "payment_methods",
    "payment_search",
    "payments",
    "provider_accounts",
    "provider_calls",
    "provider_events",
    "reconciliation_exceptions",
]
