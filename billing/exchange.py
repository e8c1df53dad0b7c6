"""Conversion between currencies, by the rates that a source published.

The European Central Bank prices one euro in other currencies. Between two of those, the amount goes through the euro in
one exact step and is rounded once, at the end: a rounded cross rate would be rounded twice.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from billing.catalogue_choices import RateSource
from billing.errors import ExchangeGap, ExchangeRefused
from billing.models.currency import LARGEST_AMOUNT, TOKEN
from billing.models.exchange_rate import ExchangeRate
from billing.money import Money, exponent_of, money_plain
from billing.rounding import half_up

EURO = "EUR"
PLACES = Decimal(1).scaleb(-10)
"""Rates are kept with ten decimal places."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """What one unit of `base` is worth in `quote`: exactly, and as `rate`, rounded half up to ten places."""

    base: str
    quote: str
    exact: Fraction
    source: RateSource

    @property
    def rate(self) -> Decimal:
        """The rate as a header of a journal entry shows it."""
        with localcontext() as context:
            context.prec = 60
            value = Decimal(self.exact.numerator) / Decimal(self.exact.denominator)
            return value.quantize(PLACES, ROUND_HALF_UP)


def exchange_rate_for(
    base: str, quote: str, at: dt.datetime, *, source: RateSource = RateSource.ECB
) -> Quotation:
    """What one unit of `base` was worth in `quote` at `at`, with one query.

    Raises ExchangeGap where the source has no rate that holds then, ExchangeRefused for tokens (those have no market
    rate), MoneyRefused for an unknown currency.
    """
    for code in (base, quote):
        exponent_of(code)
    if TOKEN in (base, quote):
        raise ExchangeRefused("Tokens have no exchange rate: what they are worth stands on their lots.")
    if base == quote:
        return Quotation(base, quote, Fraction(1), source)
    wanted = [code for code in (base, quote) if code != EURO]
    found = {
        row.quote_id: Fraction(row.rate)
        for row in ExchangeRate.objects.between(EURO, wanted, at, source.value)
    }
    missing = [code for code in wanted if code not in found]
    if missing:
        raise ExchangeGap(
            f"{source.label} has no rate between {EURO} and {' or '.join(missing)} that holds on "
            f"{at:%d %B %Y, %H:%M} UTC. Bring newer rates in (import_dataset exchange_rates), or convert by hand."
        )
    return Quotation(base, quote, found.get(quote, Fraction(1)) / found.get(base, Fraction(1)), source)


def converted(money: Money, quotation: Quotation) -> Money:
    """The amount in the other currency, rounded half up to its minor unit, once.

    Raises ExchangeRefused when the quotation is for another currency, or the result is beyond 10^15 minor units.
    """
    if money.currency != quotation.base:
        raise ExchangeRefused(f"This rate converts {quotation.base}, not {money.currency}.")
    shift = Fraction(10) ** (exponent_of(quotation.quote) - exponent_of(money.currency))
    amount = half_up(money.amount * quotation.exact * shift)
    if abs(amount) > LARGEST_AMOUNT:
        raise ExchangeRefused(
            f"{money} is more than {money_plain(LARGEST_AMOUNT, quotation.quote)} {quotation.quote}, the most there is."
        )
    return Money(amount, quotation.quote)
