"""What a promotion gives for a purchase: pure arithmetic."""

from dataclasses import dataclass
from fractions import Fraction

from billing.catalogue_choices import PromotionKind
from billing.errors import PromotionRefused
from billing.models.promotion import WHOLE, Promotion
from billing.money import Money
from billing.rounding import half_up


@dataclass(frozen=True, slots=True)
class Gives:
    """What comes off a purchase, in minor units of its currency, and which tokens come on top. One of them is 0."""

    discount: int = 0
    bonus_tokens: int = 0


def promotion_gives(promotion: Promotion, purchase: Money) -> Gives:
    """What `promotion` gives for a purchase, whatever its limits say.

    A percentage is rounded half up; an amount off is at most the purchase. Raises PromotionRefused for a purchase in
    another currency than the promotion's, and where nothing would come off.
    """
    if promotion.currency_id not in (None, purchase.currency):
        raise PromotionRefused(f"This promotion is for prices in {promotion.currency_id}.")
    # Each kind has its own value, by a CHECK of the table; the others are null.
    if promotion.kind == PromotionKind.BONUS_TOKENS:
        return Gives(bonus_tokens=promotion.bonus_tokens or 0)
    if promotion.kind == PromotionKind.AMOUNT_OFF:
        return Gives(discount=min(promotion.amount_off or 0, purchase.amount))
    discount = half_up(Fraction(purchase.amount * (promotion.basis_points or 0), WHOLE))
    if discount == 0:
        raise PromotionRefused("This purchase is so small that nothing comes off.")
    return Gives(discount=discount)
