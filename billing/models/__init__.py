"""The ledger, the catalogue and the money."""

from billing.models.accounting_period import AccountingPeriod
from billing.models.currency import Currency
from billing.models.journal_entry import JournalEntry, Reversal
from billing.models.ledger_account import LedgerAccount
from billing.models.ledger_balance import LedgerBalance, LedgerEpoch
from billing.models.ledger_views import (
    AccountStatementLine,
    JournalLine,
    LedgerProof,
    TrialBalanceLine,
)
from billing.models.posting import Posting
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.product import GiftItem, Product, TokenPack

__all__ = [
    "AccountStatementLine",
    "AccountingPeriod",
    "Currency",
    "GiftItem",
    "JournalEntry",
    "JournalLine",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEpoch",
    "LedgerProof",
    "Posting",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "Product",
    "Reversal",
    "TokenPack",
    "TrialBalanceLine",
]
