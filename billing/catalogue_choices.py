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
