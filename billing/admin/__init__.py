"""The rooms of billing in the back office."""

from billing.admin import (
    provider_accounts,
    provider_calls,
    provider_events,
    reconciliation_exceptions,
)

__all__ = [
    "provider_accounts",
    "provider_calls",
    "provider_events",
    "reconciliation_exceptions",
]
