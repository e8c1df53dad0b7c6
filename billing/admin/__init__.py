"""The rooms of billing in the back office."""

from billing.admin import (
    ledger,
    ledger_pages,
)

__all__ = [
    "ledger",
    "ledger_pages",
]
