"""The rooms of billing in the back office."""

from billing.admin import (
    approvals,
    entitlements,
    orders,
    payment_methods,
    payment_search,
    payments,
    provider_accounts,
    provider_calls,
    provider_events,
    reconciliation_exceptions,
    revenue_share,
    token_spends,
    wallets,
)

__all__ = [
    "approvals",
    "entitlements",
    "orders",
    "payment_methods",
    "payment_search",
    "payments",
    "provider_accounts",
    "provider_calls",
    "provider_events",
    "reconciliation_exceptions",
    "revenue_share",
    "token_spends",
    "wallets",
]
