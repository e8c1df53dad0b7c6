"""Prices: where and when which one holds, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from billing.catalogue_choices import TaxBehaviour
from billing.errors import MoneyRefused, PriceGap, PriceRefused
from billing.models import Price, PriceRegion
from billing.services.prices import (
    Tier,
    graduated,
    price_end,
    price_for,
    price_set,
    price_total,
    price_withdraw,
)
from core.db.context import acting
from core.db.roles import Role
from core.errors import StaleVersion
from tests.accounts.conftest import Announced
from tests.billing.catalogue.factories import PriceFactory, ProductFactory, sell

pytestmark = pytest.mark.django_db

REASON = "prices of the spring"


def set_price(finance: User, **options: Any) -> Price:
    terms = {"currency": "EUR", "amount": 999, "tax_behaviour": TaxBehaviour.INCLUSIVE, "reason": REASON}
    with acting(Role.FINANCE, user_id=finance.pk):
        return price_set(actor=finance, **terms | options)


def test_the_nearest_place_decides(finance: User, django_assert_max_num_queries: Any) -> None:
    product = ProductFactory()
    everywhere = set_price(finance, product_id=product.pk, currency="USD")
    union = set_price(finance, product_id=product.pk, region="EU")
    portugal = set_price(finance, product_id=product.pk, country="PT", amount=899)
    at = timezone.now()
    with acting(Role.VIEWER), django_assert_max_num_queries(1):
        assert price_for(product, "PT", at) == portugal
    assert price_for(product, "ES", at) == union
    assert price_for(product, "BR", at) == everywhere


def test_a_place_with_two_currencies_asks_which(finance: User) -> None:
    product = ProductFactory(code="ticket")
    set_price(finance, product_id=product.pk)
    francs = set_price(finance, product_id=product.pk, country="CH", currency="CHF")
    euros = set_price(finance, product_id=product.pk, country="CH", currency="EUR")
    at = timezone.now()
    assert price_for(product, "CH", at, currency="CHF") == francs
    assert price_for(product, "CH", at, currency="EUR") == euros
    with pytest.raises(PriceGap, match="ticket is sold in CHF and EUR in CH .* say in which currency"):
        price_for(product, "CH", at)
    with pytest.raises(PriceGap, match="ticket is not sold in USD in CH .*, but in CHF and EUR"):
        price_for(product, "CH", at, currency="USD")


def test_a_gap_is_an_error_with_two_queries(finance: User, django_assert_max_num_queries: Any) -> None:
    product = ProductFactory(code="ticket")
    set_price(finance, product_id=product.pk, country="PT")
    with (
        django_assert_max_num_queries(2),
        pytest.raises(PriceGap, match="ticket has no price in ES on"),
    ):
        price_for(product.pk, "ES", timezone.now())
    with pytest.raises(PriceGap):
        price_for(product, "PT", timezone.now() - timedelta(days=1))
    with pytest.raises(PriceRefused, match="no country with the code 'es'"):
        price_for(product, "es", timezone.now())
    with pytest.raises(PriceRefused, match="no such product"):
        price_for(finance.pk, "ES", timezone.now())


def test_a_change_of_price_leaves_no_gap(finance: User, announced: Announced) -> None:
    product = ProductFactory()
    old = set_price(finance, product_id=product.pk)
    sell(old)
    switch = timezone.now() + timedelta(days=3)
    new = set_price(finance, product_id=product.pk, amount=1099, since=switch, replaces=True)
    assert announced.actions == ["price_set", "price_ended", "price_set"]
    assert price_for(product, "PT", switch - timedelta(microseconds=1)) == old
    assert price_for(product, "PT", switch) == new
    assert [row.history_change_reason for row in old.history.order_by("history_id")] == [REASON, REASON]


@pytest.mark.parametrize(
    ("options", "refusal", "words"),
    [
        ({"amount": 0}, MoneyRefused, "at least 0.01"),
        ({"amount": -1}, MoneyRefused, "at least 0.01"),
        ({"amount": 10**18}, MoneyRefused, "at most 10000000000000.00"),
        ({"currency": "EUX"}, MoneyRefused, "no currency with the code 'EUX'"),
        ({"currency": "TOKEN"}, PriceRefused, "currency that is money"),
        ({"currency": "HRK"}, PriceRefused, "was not withdrawn"),
        ({"country": "EU"}, PriceRefused, "no country with the code 'EU'"),
        ({"region": "MOON"}, PriceRefused, "no price region 'MOON'"),
        ({"region": "EU", "country": "PT"}, PriceRefused, "not in both"),
        ({"since": datetime(2020, 1, 1, tzinfo=UTC)}, PriceRefused, "now or later"),
        ({"until": datetime(2020, 1, 1, tzinfo=UTC)}, PriceRefused, "cannot be stored|must not be empty"),
        ({"tax_behaviour": "none"}, PriceRefused, "must be one of"),
        ({"tiers": [Tier(10, 999), Tier(10, 899), Tier(None, 799)]}, PriceRefused, "rise strictly"),
        ({"tiers": [Tier(10, 999), Tier(20, 899)]}, PriceRefused, "the last has no end"),
        ({"tiers": [Tier(None, 999), Tier(None, 899)]}, PriceRefused, "the last has no end"),
        ({"tiers": [Tier(10, 500), Tier(None, 400)]}, PriceRefused, "costs what the price says"),
        ({"tiers": [Tier(0, 999), Tier(None, 400)]}, PriceRefused, "reaches to 1 at least"),
    ],
)
def test_a_price_that_nobody_can_mean(
    finance: User, options: dict[str, Any], refusal: type[Exception], words: str
) -> None:
    product = ProductFactory()
    with pytest.raises(refusal, match=words):
        set_price(finance, product_id=product.pk, **options)
    assert not Price.objects.exists()


def test_two_prices_do_not_overlap(finance: User) -> None:
    product = ProductFactory()
    set_price(finance, product_id=product.pk, until=timezone.now() + timedelta(days=9))
    with pytest.raises(PriceRefused, match="already covers part of that period"):
        set_price(finance, product_id=product.pk, since=timezone.now() + timedelta(days=8))
    set_price(finance, product_id=product.pk, currency="USD")
    set_price(finance, product_id=product.pk, country="PT")
    set_price(finance, product_id=product.pk, region="EU")


def test_a_price_ends_and_stays(finance: User, announced: Announced) -> None:
    price = PriceFactory()
    sell(price)
    with acting(Role.FINANCE, user_id=finance.pk):
        with pytest.raises(StaleVersion):
            price_end(price_id=price.pk, actor=finance, reason=REASON, expected_version=7)
        with pytest.raises(PriceRefused, match="now or later"):
            price_end(price_id=price.pk, actor=finance, reason=REASON, at=timezone.now() - timedelta(hours=1))
        price_end(price_id=price.pk, actor=finance, reason=REASON)
        with pytest.raises(PriceRefused, match="This price ended on"):
            price_end(price_id=price.pk, actor=finance, reason=REASON)
        with pytest.raises(PriceRefused, match="was sold"):
            price_withdraw(price_id=price.pk, actor=finance, reason=REASON)
    assert announced.actions == ["price_ended"]
    assert Price.objects.filter(pk=price.pk).exists()


def test_a_price_that_nobody_paid_is_deleted_with_its_tiers(finance: User, announced: Announced) -> None:
    product = ProductFactory()
    price = set_price(finance, product_id=product.pk, tiers=[Tier(10, 999), Tier(None, 899)])
    with acting(Role.FINANCE, user_id=finance.pk):
        price_withdraw(price_id=price.pk, actor=finance, reason="a slip of the finger")
    assert announced.actions == ["price_set", "price_withdrawn"]
    assert not Price.objects.exists()
    assert Price.history.first().history_type == "-"


def test_graduated_tiers() -> None:
    """Zuplo, Pricing models: 15,000 at 0.10 up to 1,000, 0.05 up to 10,000, then 0.01 cost 600.00."""
    tiers = [Tier(1_000, 10), Tier(10_000, 5), Tier(None, 1)]
    assert graduated(tiers, 15_000) == 60_000
    assert [graduated(tiers, number) for number in (1, 1_000, 1_001, 10_000)] == [10, 10_000, 10_005, 55_000]


@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 10_000)), max_size=5, unique_by=lambda tier: tier[0]
    ),
    st.integers(1, 10_000),
    st.integers(1, 2_000),
)
def test_tiers_cost_what_each_one_costs(ends: list[tuple[int, int]], last: int, quantity: int) -> None:
    tiers = [*(Tier(up_to, amount) for up_to, amount in sorted(ends)), Tier(None, last)]
    each = [
        next(tier.amount for tier in tiers if tier.up_to is None or number <= tier.up_to)
        for number in range(1, quantity + 1)
    ]
    assert graduated(tiers, quantity) == sum(each)


def test_a_total(finance: User, django_assert_num_queries: Any) -> None:
    product = ProductFactory()
    tiered = set_price(finance, product_id=product.pk, tiers=[Tier(10, 999), Tier(None, 899)])
    with django_assert_num_queries(1):
        assert price_total(tiered, 12) == 10 * 999 + 2 * 899
    plain = PriceFactory(amount=10**15)
    assert price_total(plain) == 10**15
    with pytest.raises(MoneyRefused, match="larger than anybody pays"):
        price_total(plain, 2)
    for quantity in (0, -1, 10**7, 1.5):
        with pytest.raises(PriceRefused, match="1 to 1,000,000"):
            price_total(plain, quantity)  # type: ignore[arg-type]


DAY = datetime(2024, 1, 1, tzinfo=UTC)
PLACES = ["", "EU", "PT", "ES", "BR"]
PERIODS = st.tuples(st.sampled_from(PLACES), st.integers(0, 20), st.integers(1, 20))


class TestSelection(TestCase):
    """Whatever prices there are: the one found is the one that a person would find by reading all of them."""

    @settings(max_examples=40)
    @given(
        st.lists(PERIODS, max_size=12),
        st.sampled_from(["PT", "ES", "BR", "JP"]),
        st.integers(-1, 41),
    )
    def test_the_price_of_a_place_and_time(
        self, wanted: list[tuple[str, int, int]], country: str, day: int
    ) -> None:
        product, union = ProductFactory(), PriceRegion.objects.get(code="EU")
        prices: list[tuple[str, int, int, Price]] = []
        for place, start, length in wanted:
            if any(
                place == other and start < end and begin < start + length for other, begin, end, _ in prices
            ):
                continue
            price = PriceFactory(
                product=product,
                country="" if place == "EU" else place,
                region=union if place == "EU" else None,
                valid=DateTimeTZRange(DAY + timedelta(start), DAY + timedelta(start + length), "[)"),
            )
            prices.append((place, start, start + length, price))
        chain = [country, *(["EU"] if country in ("PT", "ES") else []), ""]
        holding = [
            (chain.index(place), price)
            for place, start, end, price in prices
            if place in chain and start <= day < end
        ]
        if not holding:
            with pytest.raises(PriceGap):
                price_for(product, country, DAY + timedelta(day))
        else:
            assert (
                price_for(product, country, DAY + timedelta(day)) == min(holding, key=lambda pair: pair[0])[1]
            )
