"""Tax: an amount split into net and tax, and the rate that holds in a place."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.catalogue_choices import TaxBehaviour, TaxKind
from billing.errors import TaxGap, TaxRefused
from billing.models.tax_rate import HIGHEST_RATE, TaxRate
from billing.places import country_check
from billing.rounding import half_up


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """An amount in minor units, split: `net` + `tax` = `gross`, always."""

    net: int
    tax: int
    gross: int


def tax_split(amount: int, rate: Decimal, behaviour: TaxBehaviour | str) -> TaxSplit:
    """Split `amount` (minor units) by a tax of `rate` (0.23 is 23 per cent).

    Inclusive: the net is rounded half up, and the tax is what remains; so 2.99 including 4 per cent is 2.88 net
    (2.875) and 0.11 tax, and not 0.12, as it would be with the tax rounded first. Exclusive: the tax is rounded half
    up and comes on top. A negative amount is the mirror of the positive one.

    Raises TaxRefused for a rate that is no Decimal between 0 and 1.
    """
    if type(amount) is not int:
        raise TypeError(f"An amount is a whole number of minor units, not {amount!r}.")
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate <= HIGHEST_RATE:
        raise TaxRefused(f"A tax rate is a decimal number between 0 and 1, not {str(rate)[:40]}.")
    exact = Fraction(rate)
    if TaxBehaviour(behaviour) is TaxBehaviour.INCLUSIVE:
        net = half_up(Fraction(amount) / (1 + exact))
        return TaxSplit(net=net, tax=amount - net, gross=amount)
    tax = half_up(amount * exact)
    return TaxSplit(net=amount, tax=tax, gross=amount + tax)


def tax_rate_for(
    country: str, at: dt.datetime, *, part: str | None = None, kind: TaxKind | str = TaxKind.STANDARD
) -> TaxRate:
    """The rate of tax that holds in a country at an instant, with one query.

    `part` is a postal or regional code within it (`PT-20`, the Azores): where that has a rate of its own, it holds.
    Raises TaxGap where no rate is known, TaxRefused for a country that does not exist.
    """
    country_check(country, TaxRefused)
    places = [country] if part is None else [part, country]
    if part is not None and not part.startswith(f"{country}-"):
        raise TaxRefused(f"{part[:20]!r} does not lie in {country}.")
    rates = {
        rate.jurisdiction: rate for rate in TaxRate.objects.at(at).filter(jurisdiction__in=places, kind=kind)
    }
    for place in places:
        if place in rates:
            return rates[place]
    raise TaxGap(
        f"No {TaxKind(kind).label.lower()} of tax is known in {part or country} on {at:%d %B %Y}. "
        "Bring the rates in (import_dataset vat_rates) before anything is sold there."
    )
