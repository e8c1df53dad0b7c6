"""Conversion: through the euro in one exact step, rounded once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue_choices import RateSource
from billing.datasets.exchange_rates import published_at
from billing.errors import ExchangeGap, ExchangeRefused, MoneyRefused
from billing.exchange import Quotation, converted, exchange_rate_for
from billing.models import ExchangeRate
from billing.money import Money
from billing.rounding import half_up
from billing.services.exchange_rates import LONGEST, PublishedRate, exchange_rates_record
from core.db.context import acting
from core.db.roles import Role

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[3] / "billing" / "data" / "exchange_rates"
LAST_DAY = date(2025, 12, 31)
AT = datetime(2025, 12, 31, 20, tzinfo=UTC)


def published(quote: str, rate: str, day: int = 31) -> PublishedRate:
    since = published_at(LAST_DAY.replace(day=day))
    return PublishedRate("EUR", quote, RateSource.ECB, Decimal(rate), since, since + LONGEST)


@pytest.fixture
def rates() -> None:
    """The last publication of 2025."""
    with acting(Role.WORKER):
        exchange_rates_record(
            rates=[published("USD", "1.175"), published("JPY", "184.09"), published("GBP", "0.8726")]
        )


@pytest.mark.parametrize(
    ("money", "quote", "rate", "amount"),
    [
        # evro.si, rounding rules: 500 and 1,000 tolars at 239.640 for a euro are 2.09 and 4.17 euros.
        (Money(50_000, "SIT"), "EUR", "239.640", 209),
        (Money(100_000, "SIT"), "EUR", "239.640", 417),
        # There too: what is exactly half-way goes up (24.785 becomes 24.79), what is below goes down.
        (Money(24_785, "KWD"), "EUR", "1", 2479),
        (Money(24_784, "KWD"), "EUR", "1", 2478),
        (Money(-24_785, "KWD"), "EUR", "1", -2479),
        # The Pacific franc is fixed to the euro: 1,000 francs are 8.38 euros, so one euro is 119.33.
        (Money(100, "EUR"), "XPF", "119.332", 119),
    ],
)
def test_published_examples(money: Money, quote: str, rate: str, amount: int) -> None:
    exact = Fraction(rate) if money.currency == "EUR" else 1 / Fraction(rate)
    quotation = Quotation(money.currency, quote, exact, RateSource.ECB)
    assert converted(money, quotation) == Money(amount, quote)


def test_rates_between_any_two(rates: None, django_assert_max_num_queries: Any) -> None:
    exchange_rate_for("EUR", "USD", AT)
    with acting(Role.FINANCE), django_assert_max_num_queries(1):
        assert exchange_rate_for("EUR", "USD", AT).rate == Decimal("1.175")
    assert exchange_rate_for("USD", "EUR", AT).rate == Decimal("0.8510638298")
    cross = exchange_rate_for("USD", "JPY", AT)
    assert cross.exact == Fraction("184.09") / Fraction("1.175")
    assert cross.rate == Decimal("156.6723404255")
    assert exchange_rate_for("GBP", "GBP", AT).rate == 1
    assert converted(Money(10_000, "USD"), cross) == Money(15_667, "JPY")


def test_one_rounding_and_not_two(rates: None) -> None:
    """A rounded cross rate would lose a yen of this."""
    cross = exchange_rate_for("USD", "JPY", AT)
    amount = 10**13 + 7
    exact = amount * cross.exact / 100
    assert converted(Money(amount, "USD"), cross).amount == half_up(exact)
    assert half_up(amount * Fraction(cross.rate) / 100) != half_up(exact)


@given(st.integers(-(10**12), 10**12))
def test_a_reversal_is_the_mirror(amount: int) -> None:
    quotation = Quotation("EUR", "USD", Fraction("1.175"), RateSource.ECB)
    there, back = converted(Money(amount, "EUR"), quotation), converted(Money(-amount, "EUR"), quotation)
    assert there.amount == -back.amount
    assert abs(there.amount - amount * Fraction("1.175")) <= Fraction(1, 2)


def test_a_rate_holds_from_its_publication_for_a_week_at_most(rates: None) -> None:
    since = published_at(LAST_DAY)
    assert since == datetime(2025, 12, 31, 15, tzinfo=UTC)
    for at in (since.replace(minute=0, hour=14), since + LONGEST):
        with pytest.raises(ExchangeGap, match="no rate between EUR and USD that holds on"):
            exchange_rate_for("EUR", "USD", at)


@pytest.mark.parametrize(
    ("base", "quote", "refusal", "words"),
    [
        ("EUR", "BRL", ExchangeGap, "no rate between EUR and BRL"),
        ("TOKEN", "EUR", ExchangeRefused, "Tokens have no exchange rate"),
        ("EUR", "EUX", MoneyRefused, "no currency"),
    ],
)
def test_what_cannot_be_converted(
    rates: None, base: str, quote: str, refusal: type[Exception], words: str
) -> None:
    with pytest.raises(refusal, match=words):
        exchange_rate_for(base, quote, AT)


def test_a_quotation_is_for_its_currency(rates: None) -> None:
    quotation = exchange_rate_for("EUR", "JPY", AT)
    with pytest.raises(ExchangeRefused, match="converts EUR, not USD"):
        converted(Money(1, "USD"), quotation)
    with pytest.raises(ExchangeRefused, match="the most there is"):
        converted(Money(10**15, "EUR"), quotation)


def test_a_newer_rate_ends_the_one_before() -> None:
    with acting(Role.WORKER):
        assert exchange_rates_record(rates=[published("USD", "1.1757", 30)]) == 1
        assert exchange_rates_record(rates=[published("USD", "1.175")]) == 1
        assert exchange_rates_record(rates=[published("USD", "1.175")]) == 0
        with pytest.raises(ExchangeRefused, match="A published rate is never changed"):
            exchange_rates_record(rates=[published("USD", "1.2")])
    first, second = ExchangeRate.objects.order_by("pk")
    assert first.valid.upper == second.valid.lower == published_at(LAST_DAY)
