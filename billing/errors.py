"""What the services of this app refuse."""

from core.errors import Refused


class CallRefused(Refused):
    """A call to a provider that cannot be made as it was asked for."""

    code = "call_refused"


class EventRefused(Refused):
    """A message of a provider that cannot be taken or processed as it was asked for."""

    code = "event_refused"


class ExceptionRefused(Refused):
    """An exception of reconciliation that cannot be raised, taken or resolved so."""

    code = "exception_refused"


class MoneyRefused(Refused):
    """An amount that nobody can mean: no number, zero, too large, or in a unit that does not exist."""

    code = "money_refused"


class PaymentUnknown(Refused):
    """A provider reports something about a payment that we do not have."""

    code = "payment_unknown"


class PriceRefused(Refused):
    """The price breaks a rule: it overlaps another one, was sold, or is no price at all."""

    code = "price_refused"


class ProductRefused(Refused):
    """The product breaks a rule of the catalogue."""

    code = "product_refused"


class ProviderAccountRefused(Refused):
    """An account at a provider that cannot be kept so."""

    code = "provider_account_refused"


class PriceGap(PriceRefused):
    """No price, or more than one, holds for this product in this country at this instant."""

    code = "price_gap"


class TaxRefused(Refused):
    """A rate of tax that cannot be, or a place that does not exist."""

    code = "tax_refused"


class TaxGap(TaxRefused):
    """No rate of tax is known in that place at that instant."""

    code = "tax_gap"


class ExchangeRefused(Refused):
    """A rate that cannot be, or a conversion that makes no sense."""

    code = "exchange_refused"


class ExchangeGap(ExchangeRefused):
    """No rate is known for this pair at that instant."""

    code = "exchange_gap"


class ReferenceRefused(Refused):
    """A change of currencies, of what providers make of them, or of decline codes that breaks a rule."""

    code = "reference_refused"


class PromotionRefused(Refused):
    """The promotion breaks a rule, is over, used up, or not for this purchase."""

    code = "promotion_refused"


class CodeUnknown(PromotionRefused):
    """There is no such promotion code."""

    code = "code_unknown"
