"""The rooms of billing in the back office."""

from billing.admin import (
    approvals,
    currencies,
    orders,
    payment_methods,
    payment_search,
    payments,
    price_regions,
    prices,
    products,
    promotions,
    provider_accounts,
    provider_calls,
    provider_events,
    rates,
    reconciliation_exceptions,
)

__all__ = [
    "approvals",
    "currencies",
    "orders",
    "payment_methods",
    "payment_search",
    "payments",
    "price_regions",
    "prices",
    "products",
    "promotions",
    "provider_accounts",
    "provider_calls",
    "provider_events",
    "rates",
    "reconciliation_exceptions",
]
