"""What this app tells the rest of the platform, in the transaction in which it happens."""

from core.announcements import Announcement

order_placed = Announcement("order_placed", "placed an order:")
order_cancelled = Announcement("order_cancelled", "cancelled an order:")
payment_method_added = Announcement("payment_method_added", "added a payment method of")
payment_method_detached = Announcement("payment_method_detached", "detached a payment method of")
payment_captured = Announcement("payment_captured", "captured a payment:")
payment_declined = Announcement("payment_declined", "was declined a payment:")
payment_voided = Announcement("payment_voided", "let go of a payment:")
capture_requested = Announcement("capture_requested", "asked to capture a payment:")
void_requested = Announcement("void_requested", "asked to let go of a payment:")
payment_asked_again = Announcement("payment_asked_again", "asked the provider again about a payment:")
refund_requested = Announcement("refund_requested", "asked for a refund of a payment:")
refund_succeeded = Announcement("refund_succeeded", "refunded a payment:")
refund_failed = Announcement("refund_failed", "could not refund a payment:")
approval_asked = Announcement("approval_asked", "asked for the approval of")
approval_given = Announcement("approval_given", "approved")
approval_refused = Announcement("approval_refused", "refused to approve")
staff_limit_set = Announcement("staff_limit_set", "set a limit of staff:")
exception_resolved = Announcement("exception_resolved", "resolved the exception of reconciliation")
exception_taken = Announcement("exception_taken", "took the exception of reconciliation")
provider_account_changed = Announcement("provider_account_changed", "changed the account at a provider:")
provider_account_closed = Announcement("provider_account_closed", "closed the account at a provider:")
provider_account_opened = Announcement("provider_account_opened", "opened an account at a provider:")
provider_call_asked_again = Announcement("provider_call_asked_again", "had a provider asked again about")
provider_event_replayed = Announcement("provider_event_replayed", "had processed again the message")
currency_withdrawn = Announcement("currency_withdrawn", "withdrew the currency")
provider_currency_changed = Announcement(
    "provider_currency_changed", "changed what a provider makes of the currency"
)
decline_code_mapped = Announcement("decline_code_mapped", "said what the decline code means")
product_added = Announcement("product_added", "added the product")
product_changed = Announcement("product_changed", "changed the product")
gift_repriced = Announcement("gift_repriced", "changed what the gift costs")
price_set_to = Announcement("price_set", "set a price")
price_ended = Announcement("price_ended", "ended a price")
price_withdrawn = Announcement("price_withdrawn", "deleted a price that nobody had bought at")
price_region_changed = Announcement("price_region_changed", "changed the countries of the price region")
promotion_created = Announcement("promotion_created", "made the promotion")
promotion_changed = Announcement("promotion_changed", "changed the promotion")
promotion_ended = Announcement("promotion_ended", "ended the promotion")
promotion_code_added = Announcement("promotion_code_added", "added a code to the promotion")
promotion_code_changed = Announcement("promotion_code_changed", "changed the promotion code")
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
settlement_file_taken = Announcement("settlement_file_taken", "took the settlement file")
settlement_file_reread = Announcement("settlement_file_reread", "had read again the settlement file")
settlement_file_laid_aside = Announcement("settlement_file_laid_aside", "set aside the settlement file")
settlement_file_matched_again = Announcement(
    "settlement_file_matched_again", "had matched again the lines of"
)
settlement_line_matched = Announcement(
    "settlement_line_matched", "matched by hand a line of a settlement file:"
)
sanctions_screened = Announcement("sanctions_screened", "recorded a sanctions screening:")
sanctions_match_decided = Announcement("sanctions_match_decided", "decided a possible match of sanctions:")
kyc_case_opened = Announcement("kyc_case_opened", "opened an")
kyc_case_taken = Announcement("kyc_case_taken", "took an")
kyc_case_decided = Announcement("kyc_case_decided", "decided an")
list_exported = Announcement("list_exported", "exported a list with")
