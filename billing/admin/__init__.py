"""The rooms of billing in the back office."""

from billing.admin import (
    entitlements,
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
    "entitlements",
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
