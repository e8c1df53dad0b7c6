"""What happens to money, told to whoever listens."""

from core.announcements import Announcement

accounting_period_opened = Announcement("accounting_period_opened", "opened the accounting period")
accounting_period_soft_closed = Announcement(
    "accounting_period_soft_closed", "closed softly the accounting period"
)
accounting_period_reopened = Announcement("accounting_period_reopened", "opened again the accounting period")
accounting_period_closed = Announcement("accounting_period_closed", "closed the accounting period")
journal_entry_reversed = Announcement("journal_entry_reversed", "reversed the journal entry")
account_statement_exported = Announcement(
    "account_statement_exported", "exported the statement of the account"
)
trial_balance_exported = Announcement("trial_balance_exported", "exported the trial balance as of the period")
ledger_rebuilt = Announcement("ledger_rebuilt", "made anew the balances of the ledger in")
ledger_rebased = Announcement("ledger_rebased", "moved the ledger into another cluster:")
