"""Money, exact to the minor unit."""

from billing.models.accounting_period import AccountingPeriod
from billing.models.currency import Currency
from billing.models.entitlement import Entitlement
from billing.models.journal_entry import JournalEntry, Reversal
from billing.models.ledger_account import LedgerAccount
from billing.models.ledger_balance import LedgerBalance, LedgerEpoch
from billing.models.posting import Posting
from billing.models.price import Price, PriceRegion, PriceRegionCountry
from billing.models.private_show_minute import PrivateShowMinute
from billing.models.product import GiftItem, Product, TokenPack
from billing.models.revenue_share_rule import RevenueShareRule
from billing.models.revenue_split import Earning, RevenueSplit, RevenueSplitLine
from billing.models.ticket_offer import TicketOffer
from billing.models.token_hold import HoldLot, TokenHold
from billing.models.token_lot import TokenLot
from billing.models.token_spend import LotConsumption, SpendReversal, TokenSpend
from billing.models.wallet import Wallet
from billing.models.wallet_proof import WalletProof

__all__ = [
    "AccountingPeriod",
    "Currency",
    "Earning",
    "Entitlement",
    "GiftItem",
    "HoldLot",
    "JournalEntry",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerEpoch",
    "LotConsumption",
    "Posting",
    "Price",
    "PriceRegion",
    "PriceRegionCountry",
    "PrivateShowMinute",
    "Product",
    "RevenueShareRule",
    "RevenueSplit",
    "RevenueSplitLine",
    "Reversal",
    "SpendReversal",
    "TicketOffer",
    "TokenHold",
    "TokenLot",
    "TokenPack",
    "TokenSpend",
    "Wallet",
    "WalletProof",
]
