"""What the services of this app refuse."""

from core.errors import Refused


class MoneyRefused(Refused):
    """An amount that nobody can mean: no number, zero, too large, or in a unit that does not exist."""

    code = "money_refused"


class ProductRefused(Refused):
    """The product breaks a rule of the catalogue."""

    code = "product_refused"


class PriceRefused(Refused):
    """The price breaks a rule: it overlaps another one, was sold, or is no price at all."""

    code = "price_refused"


class PriceGap(PriceRefused):
    """No price, or more than one, holds for this product in this country at this instant."""

    code = "price_gap"
