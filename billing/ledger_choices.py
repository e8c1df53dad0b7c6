"""Values of choices in the ledger."""

from django.db.models import TextChoices


class AccountType(TextChoices):
    """The five kinds of accounts of double entry."""

    ASSET = "asset", "Asset"
    LIABILITY = "liability", "Liability"
    EQUITY = "equity", "Equity"
    REVENUE = "revenue", "Revenue"
    EXPENSE = "expense", "Expense"


class Guard(TextChoices):
    """What keeps an account from falling below zero."""

    NONE = "none", "Nothing: postings are only added"
    RUNNING = "running", "Every posting: the balance is kept with it"
    ON_DEBIT = "on_debit", "Debits only: credits never wait"


class JournalKind(TextChoices):
    """What happened, for which an entry stands."""

    PURCHASE = "purchase", "Purchase"
    TIP = "tip", "Tip"
    GIFT = "gift", "Gift"
    TICKET = "ticket", "Ticket"
    PRIVATE_SHOW = "private_show", "Private show"
    REWARD = "reward", "Reward"
    HOLD = "hold", "Hold"
    HOLD_CAPTURE = "hold_capture", "Capture of a hold"
    HOLD_RETURN = "hold_return", "Return of a hold"
    REFUND = "refund", "Refund"
    SPEND_REFUND = "spend_refund", "Refund of a spend"
    EXCHANGE = "exchange", "Exchange"
    PROMOTION = "promotion", "Promotional tokens"
    EXPIRY = "expiry", "Expiry of tokens"
    FEE = "fee", "Fee"
    DISPUTE = "dispute", "Dispute"
    PAYOUT = "payout", "Payout"
    PAYOUT_RETURN = "payout_return", "Returned payout"
    SUSPENSE = "suspense", "Fact that fits nothing"
    ADJUSTMENT = "adjustment", "Adjustment"
    REVERSAL = "reversal", "Reversal"
    DEBT = "debt", "Debt of a performer or studio"
    DEBT_SET_OFF = "debt_set_off", "Debt set off"
    TRANSFER = "transfer", "Transfer between our accounts"


class PeriodStatus(TextChoices):
    """Whether entries may be posted into an accounting period."""

    OPEN = "open", "Open"
    SOFT_CLOSED = "soft_closed", "Softly closed"
    CLOSED = "closed", "Closed"
