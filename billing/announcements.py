"""What happens to money, told to whoever listens."""

from core.announcements import Announcement

currency_withdrawn = Announcement("currency_withdrawn", "withdrew the currency")
decline_code_mapped = Announcement("decline_code_mapped", "said what the decline code means")
exception_resolved = Announcement("exception_resolved", "resolved the exception of reconciliation")
exception_taken = Announcement("exception_taken", "took the exception of reconciliation")
gift_repriced = Announcement("gift_repriced", "changed what the gift costs")
price_ended = Announcement("price_ended", "ended a price")
price_region_changed = Announcement("price_region_changed", "changed the countries of the price region")
price_set_to = Announcement("price_set", "set a price")
price_withdrawn = Announcement("price_withdrawn", "deleted a price that nobody had bought at")
product_added = Announcement("product_added", "added the product")
product_changed = Announcement("product_changed", "changed the product")
promotion_changed = Announcement("promotion_changed", "changed the promotion")
promotion_code_added = Announcement("promotion_code_added", "added a code to the promotion")
promotion_code_changed = Announcement("promotion_code_changed", "changed the promotion code")
promotion_created = Announcement("promotion_created", "made the promotion")
promotion_ended = Announcement("promotion_ended", "ended the promotion")
provider_account_changed = Announcement("provider_account_changed", "changed the account at a provider:")
provider_account_closed = Announcement("provider_account_closed", "closed the account at a provider:")
provider_account_opened = Announcement("provider_account_opened", "opened an account at a provider:")
provider_call_asked_again = Announcement("provider_call_asked_again", "had a provider asked again about")
provider_currency_changed = Announcement(
    "provider_currency_changed", "changed what a provider makes of the currency"
)
provider_event_replayed = Announcement("provider_event_replayed", "had processed again the message")
