"""What billing announces. Receivers run in the transaction of the change."""

from core.announcements import Announcement

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
