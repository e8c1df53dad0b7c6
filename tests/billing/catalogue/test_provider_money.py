"""Amounts as providers count them, and what their decline codes mean."""

import pytest

from billing.catalogue_choices import UnifiedDecline
from billing.errors import MoneyRefused
from billing.models import DeclineCode, ProviderCurrency
from billing.models.currency import LARGEST_AMOUNT
from billing.money import Money
from billing.provider_money import decline_unified, money_from_provider, provider_amount
from core.db.context import acting
from core.db.roles import Role
from tests.sql import refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("provider", "money", "amount"),
    [
        # docs.stripe.com/currencies: 10 USD is 1000, 500 JPY is 500, 5 ISK is 500, 5.12 KWD is 5120.
        ("stripe", Money(1000, "USD"), 1000),
        ("stripe", Money(500, "JPY"), 500),
        ("stripe", Money(5, "ISK"), 500),
        ("stripe", Money(5120, "KWD"), 5120),
        # ISO 4217 and Stripe disagree on the ariary, CLDR on the dinars of Serbia and Iraq.
        ("stripe", Money(100, "MGA"), 1),
        ("stripe", Money(100, "RSD"), 100),
        ("simulator", Money(100, "RSD"), 1),
        ("simulator", Money(1000, "IQD"), 1),
        # A provider without a row counts as ISO 4217 does.
        ("somebody", Money(1000, "IQD"), 1000),
    ],
)
def test_there_and_back(provider: str, money: Money, amount: int) -> None:
    with acting(Role.WORKER):
        assert provider_amount(provider, money) == amount
        assert money_from_provider(provider, amount, money.currency.lower()) == money


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(150, "MGA"), "cannot take exactly 1.50 MGA"),
        (Money(5124, "KWD"), "cannot take exactly 5.124 KWD"),
        (Money(49, "USD"), "less than stripe takes: at least 0.50 USD"),
        (Money(10**8, "USD"), "more than stripe takes: at most 999999.99 USD"),
        (Money(5, "TOKEN"), "Tokens are no money"),
        (Money(5, "EUX"), "no currency"),
    ],
)
def test_what_a_provider_does_not_take(money: Money, words: str) -> None:
    with pytest.raises(MoneyRefused, match=words):
        provider_amount("stripe", money)


def test_a_fact_is_taken_whatever_the_bounds_say() -> None:
    assert money_from_provider("stripe", 1, "usd") == Money(1, "USD")
    assert money_from_provider("stripe", 10**9, "USD") == Money(10**9, "USD")
    ProviderCurrency.objects.create(provider="finer", currency_id="JPY", exponent=2, maximum=LARGEST_AMOUNT)
    assert money_from_provider("finer", 500, "JPY") == Money(5, "JPY")
    with pytest.raises(MoneyRefused, match="in units finer than JPY has"):
        money_from_provider("finer", 501, "JPY")


def test_decline_codes_of_stripe() -> None:
    with acting(Role.WORKER):
        assert decline_unified("stripe", "insufficient_funds") == UnifiedDecline.INSUFFICIENT_FUNDS
        assert decline_unified("stripe", "pickup_card") == UnifiedDecline.LOST_OR_STOLEN
        assert decline_unified("stripe", "do_not_honor") == UnifiedDecline.NOT_PERMITTED
        for code in ("invented_yesterday", "", None):
            assert decline_unified("stripe", code) == UnifiedDecline.OTHER
    assert DeclineCode.objects.filter(provider="stripe").count() > 40


def test_how_a_provider_counts_is_never_changed() -> None:
    with refused("cannot be changed"):
        run("UPDATE billing_providercurrency SET exponent = 0 WHERE currency = 'USD'")
    with refused("billing_providercurrency_maximum_check"):
        run("UPDATE billing_providercurrency SET maximum = minimum - 1 WHERE currency = 'USD'")
