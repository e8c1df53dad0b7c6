"""Money, exact to the minor unit."""

from billing.models.accounting_period import AccountingPeriod
from billing.models.journal_entry import JournalEntry, Reversal
from billing.models.ledger_account import LedgerAccount
from billing.models.ledger_balance import LedgerBalance, LedgerEpoch
from billing.models.posting import Posting

__all__ = [
    "AccountingPeriod",
    "JournalEntry",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEpoch",
    "Posting",
    "Reversal",
]
