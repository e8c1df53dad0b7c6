"""Money: whole minor units of a currency, read from text and written for people. No float, no rounding.

How many decimal places a currency has stands in its row (`Currency.exponent`) and never changes, so this process asks
once. Providers that count otherwise have their own exponent (`billing.models.ProviderCurrency`).
"""

import copy
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError

from billing.errors import MoneyRefused
from billing.models.currency import LARGEST_AMOUNT, TOKEN, Currency

NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,19})(?:\.(?P<part>[0-9]+))?", re.ASCII)
DEFAULT_LOCALE = "en_GB"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency: `Money(299, "EUR")` is 2.99 euros.

    Raises TypeError unless `amount` is an int: a float or a Decimal has no place in stored money.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(
                f"Money is counted in whole minor units, not in {type(self.amount).__name__} ({self.amount!r})."
            )

    def __str__(self) -> str:
        return f"{money_plain(self.amount, self.currency)} {self.currency}"


def exponent_of(currency: str) -> int:
    """Decimal places between the unit of `currency` and its minor unit. Raises MoneyRefused for an unknown code."""
    try:
        return _exponent(currency)
    except Currency.DoesNotExist:
        raise MoneyRefused(
            f"There is no currency with the code {str(currency)[:10]!r}. Give one of ISO 4217, such as EUR, or {TOKEN}."
        ) from None


@cache
def _exponent(currency: str) -> int:
    return int(Currency.objects.values_list("exponent", flat=True).get(code=currency))


def amount_check(amount: int, currency: str, *, least: int = 1) -> Money:
    """The amount as money of a currency that exists, at least `least` minor units and at most 10^15.

    Raises MoneyRefused for anything else: zero, negative, a fraction, too much, an unknown currency.
    """
    exponent_of(currency)
    if type(amount) is not int:
        raise MoneyRefused(f"An amount is a whole number of minor units, not {str(amount)[:40]!r}.")
    if not least <= amount <= LARGEST_AMOUNT:
        raise MoneyRefused(
            f"{money_plain(amount, currency)} {currency} is out of bounds: an amount is at least "
            f"{money_plain(least, currency)} and at most {money_plain(LARGEST_AMOUNT, currency)} {currency}."
        )
    return Money(amount, currency)


def money_parse(text: str, currency: str) -> Money:
    """Read an amount as people type it in forms and files: digits, a point, at most the currency's decimal places.

    A comma is refused rather than guessed at, since 1,234 is a thousand to one and a fraction to another. Raises
    MoneyRefused with a sentence; also for more than 10^15 minor units either way.
    """
    exponent = exponent_of(currency)
    found = NUMBER.fullmatch(text.strip(" "))
    if found is None:
        example = money_plain(123456, currency)
        raise MoneyRefused(f"{text[:40]!r} is no amount. Write digits and a point, such as {example}.")
    part = found["part"] or ""
    if len(part) > exponent:
        places = "no decimal places" if exponent == 0 else f"at most {exponent} decimal places"
        raise MoneyRefused(f"{text[:40]!r} is too exact: {currency} has {places}.")
    amount = int(found["whole"] + part.ljust(exponent, "0"))
    if amount > LARGEST_AMOUNT:
        raise MoneyRefused(
            f"{text[:40]} {currency} is more than anybody pays: the most is "
            f"{money_plain(LARGEST_AMOUNT, currency)} {currency}."
        )
    return Money(-amount if found["sign"] else amount, currency)


def money_plain(amount: int, currency: str) -> str:
    """The amount with a point and all decimal places of the currency, for files and forms: 299 EUR is `2.99`."""
    exponent = exponent_of(currency)
    digits = str(abs(amount)).rjust(exponent + 1, "0")
    sign = "-" if amount < 0 else ""
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def money_figure(amount: int, currency: str) -> str:
    """As `money_plain`, with the thousands set apart, as a column of figures is read: `3,376,450.00`."""
    whole, point, rest = money_plain(abs(amount), currency).partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}{point}{rest}"


def money_text(amount: int, currency: str, locale: str = DEFAULT_LOCALE) -> str:
    """The amount as people of `locale` write it: `€2.99`, `2,99 €`, `JP¥300`; tokens as `1,200 TOKEN`.

    The decimal places are those of ISO 4217, where CLDR has others for some currencies. Raises MoneyRefused for an
    unknown currency or locale.
    """
    exponent = exponent_of(currency)
    try:
        place = Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        raise MoneyRefused(f"There is no locale {locale[:20]!r}. Give one such as en_GB.") from None
    if currency == TOKEN:
        return f"{place.decimal_formats[None].apply(amount, place)} {TOKEN}"
    pattern = copy.copy(place.currency_formats["standard"])
    pattern.frac_prec = (exponent, exponent)
    value = Decimal(amount).scaleb(-exponent)
    return str(pattern.apply(value, place, currency=currency, currency_digits=False))
