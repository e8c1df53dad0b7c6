"""Values of choices in currencies, rates, products, prices and promotions."""

from django.db.models import TextChoices


class ProductKind(TextChoices):
    """What is sold."""

    TOKEN_PACK = "token_pack", "Pack of tokens"
    SUBSCRIPTION = "subscription", "Subscription"
    PAY_PER_VIEW = "pay_per_view", "Pay-per-view ticket"
    GIFT = "gift", "Gift, paid with tokens"


class TaxBehaviour(TextChoices):
    """How an amount stands to the tax on it."""

    INCLUSIVE = "inclusive", "Tax is within the amount"
    EXCLUSIVE = "exclusive", "Tax comes on top of the amount"


class RateSource(TextChoices):
    """Who says what a currency is worth."""

    ECB = "ecb", "European Central Bank, reference rate"
    MANUAL = "manual", "Entered by finance"


class TaxKind(TextChoices):
    """Which rate of value-added tax."""

    STANDARD = "standard", "Standard rate"
    REDUCED = "reduced", "Reduced rate"
    SUPER_REDUCED = "super_reduced", "Super-reduced rate"
    ZERO = "zero", "Zero rate"


class UnifiedDecline(TextChoices):
    """Why a payment was declined, in one language for all providers; what the buyer can do differs."""

    INSUFFICIENT_FUNDS = "insufficient_funds", "Not enough money on the account"
    LIMIT_EXCEEDED = "limit_exceeded", "Beyond a limit of the card"
    CARD_EXPIRED = "card_expired", "The card has expired"
    DETAILS_WRONG = "details_wrong", "Number, expiry or check digits are wrong"
    AUTHENTICATION_NEEDED = "authentication_needed", "The buyer has to confirm with the bank"
    LOST_OR_STOLEN = "lost_or_stolen", "The card was reported lost or stolen"
    FRAUD_SUSPECTED = "fraud_suspected", "The bank or the provider suspects fraud"
    NOT_SUPPORTED = "not_supported", "The card does not take this kind of payment or currency"
    NOT_PERMITTED = "not_permitted", "The bank says no and does not say why"
    AUTHORISATION_REVOKED = "authorisation_revoked", "The buyer told the bank to stop these payments"
    DUPLICATE = "duplicate", "The same payment was made a moment before"
    TRY_AGAIN = "try_again", "Something failed on the way; the same may succeed later"
    OTHER = "other", "A reason that is not known here"


class PromotionKind(TextChoices):
    """What a promotion gives."""

    PERCENTAGE = "percentage", "A part of the price, in basis points"
    AMOUNT_OFF = "amount_off", "An amount off the price"
    BONUS_TOKENS = "bonus_tokens", "Tokens on top"


class RedemptionStatus(TextChoices):
    """Where the use of a code stands."""

    RESERVED = "reserved", "Reserved for an order"
    APPLIED = "applied", "Applied to an order that was paid"
    RELEASED = "released", "Released; it does not count"
