"""The catalogue and its reference data in the back office."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import (
    Currency,
    DeclineCode,
    ExchangeRate,
    GiftItem,
    Price,
    PriceRegion,
    PriceRegionCountry,
    Product,
    Promotion,
    PromotionCode,
    ProviderCurrency,
    TaxRate,
    TokenPack,
)
from core.db.roles import Role
from tests.accounts.factories import period
from tests.billing.catalogue.factories import (
    PriceFactory,
    ProductFactory,
    PromotionCodeFactory,
    PromotionFactory,
    RedemptionFactory,
    sell,
)
from tests.browser import Browser

pytestmark = pytest.mark.django_db

StaffClient = Callable[..., Browser]
ROOMS = (
    "currency",
    "declinecode",
    "exchangerate",
    "price",
    "priceregion",
    "product",
    "promotion",
    "promotioncode",
    "promotionredemption",
    "providercurrency",
    "taxrate",
)


def list_of(model: str) -> str:
    return reverse(f"admin:billing_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_change", args=[row.pk])


def action_on(row: Any, name: str) -> str:
    return reverse(f"admin:billing_{row._meta.model_name}_action", args=[row.pk, name])


def done(browser: Browser, row: Any, name: str, /, **answers: Any) -> None:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 302, response.context["form"].errors


def refusal(browser: Browser, row: Any, name: str, /, **answers: Any) -> str:
    response = browser.do(action_on(row, name), **answers)
    assert response.status_code == 200
    return str(response.context["form"].errors)


def add(browser: Browser, model: str, **answers: Any) -> str:
    """Send the form; what the page says afterwards, empty when the row was added."""
    url = reverse(f"admin:billing_{model}_add")
    response = browser.send(url, answers)
    if response.status_code == 200:
        return str(response.context["adminform"].form.errors)
    return "" if response["Location"] != url else browser.get(url).content.decode()


def test_finance_adds_a_pack_and_prices_it(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE)
    assert not add(browser, "product", code="pack", kind="token_pack", name="Pack", paid=100, bonus=5)
    pack = TokenPack.objects.get()
    assert (pack.paid, pack.bonus, pack.product.code) == (100, 5, "pack")
    assert "is taken" in add(browser, "product", code="pack", kind="token_pack", name="Pack", paid=1)
    assert "needs it" in add(browser, "product", code="gift", kind="gift", name="Gift")
    assert "has none" in add(browser, "product", code="ticket", kind="pay_per_view", name="T", tokens=5)
    assert not add(browser, "product", code="gift", kind="gift", name="Gift", tokens=25)
    gift = GiftItem.objects.get()
    done(browser, gift.product, "reprice-gift", tokens=30)
    assert GiftItem.objects.get().tokens == 30
    terms = {"currency": "eur", "tax_behaviour": "inclusive"}
    done(browser, pack.product, "set-price", amount_text="9.99", region="EU", **terms)
    done(browser, pack.product, "set-price", amount_text="8.99", country="pt", **terms)
    assert "is no amount" in refusal(browser, pack.product, "set-price", amount_text="9,99", **terms)
    assert "at least 0.01" in refusal(browser, pack.product, "set-price", amount_text="0", **terms)
    words = refusal(browser, pack.product, "set-price", amount_text="9", country="PT", **terms)
    assert "already covers" in words
    later = timezone.now() + timedelta(days=2)
    done(
        browser,
        pack.product,
        "set-price",
        amount_text="7.99",
        country="PT",
        since=f"{later:%Y-%m-%d %H:%M}",
        replaces="on",
        **terms,
    )
    assert sorted(Price.objects.values_list("amount", flat=True)) == [799, 899, 999]
    page = browser.get(page_of(pack.product)).content.decode()
    assert "100 paid tokens and 5 on top" in page
    assert "€9.99" in page
    done(browser, pack.product, "change", name="Big pack", description="")
    assert not Product.objects.get(code="pack").is_offered
    assert "Big pack" in browser.get(page_of(pack.product)).content.decode()


def test_a_price_is_ended_or_deleted(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE)
    sold, unsold = PriceFactory(), PriceFactory()
    sell(sold)
    done(browser, sold, "end")
    done(browser, unsold, "withdraw")
    assert [price.pk for price in Price.objects.all()] == [sold.pk]
    assert not Price.objects.get().is_in_force(timezone.now() + timedelta(seconds=1))
    assert "seen by a colleague" in browser.get(page_of(sold)).content.decode()


def test_regions_of_prices(staff_client: StaffClient) -> None:
    browser = staff_client(Role.ADMINISTRATOR)
    reason = "prices of the peninsula"
    assert not add(browser, "priceregion", code="IBERIA", name="Iberia", reason=reason)
    iberia = PriceRegion.objects.get(code="IBERIA")
    done(browser, iberia, "place", country="pt")
    assert PriceRegionCountry.objects.get(country="PT").region == iberia
    assert "belongs to Iberia already" in refusal(browser, iberia, "place", country="PT")
    assert "no country" in refusal(browser, iberia, "place", country="XX")
    done(browser, iberia, "remove", country="PT")
    assert "does not belong" in refusal(browser, iberia, "remove", country="PT")


def test_finance_makes_a_promotion(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE)
    terms = {"name": "Spring", "kind": "percentage", "value": "12.5", "reason": "for the spring of 2026"}
    assert not add(browser, "promotion", **terms, limit_total=3)
    promotion = Promotion.objects.get()
    assert (promotion.basis_points, promotion.limit_total) == (1250, 3)
    assert "at most two decimal places" in add(browser, "promotion", **terms | {"value": "1.255"})
    assert "gives one thing" in add(browser, "promotion", **terms | {"value": "101"})
    off = terms | {"kind": "amount_off", "value": "3.00"}
    assert "name it" in add(browser, "promotion", **off)
    assert not add(browser, "promotion", **off, currency_code="eur", budget_text="100.00")
    assert Promotion.objects.filter(amount_off=300, currency="EUR", budget=10_000).exists()
    assert "no product" in add(browser, "promotion", **terms, product_code="nothing")
    done(browser, promotion, "add-code", code="Spring")
    assert "letter case" in refusal(browser, promotion, "add-code", code="SPRING")
    code = PromotionCode.objects.get()
    done(browser, code, "change", limit=2)
    code.refresh_from_db()
    assert (code.limit_total, code.is_active) == (2, False)
    done(browser, promotion, "change", name="Spring 26", limit_total=5)
    done(browser, promotion, "end")
    promotion.refresh_from_db()
    assert (promotion.name, promotion.limit_total) == ("Spring 26", 5)
    for model in ("promotion", "promotioncode"):
        found = browser.get(list_of(model), {"q": "sPRING"})
        assert [row.pk for row in found.context["cl"].result_list] == [
            promotion.pk if model == "promotion" else code.pk
        ]


def test_reference_data_is_kept(staff_client: StaffClient) -> None:
    browser = staff_client(Role.FINANCE)
    kuna = Currency.objects.get(code="BGN")
    done(browser, kuna, "withdraw", withdrawn_on="")
    kuna.refresh_from_db()
    assert kuna.withdrawn_on is None
    dollar = ProviderCurrency.objects.get(provider="stripe", currency="USD")
    done(browser, dollar, "bound", step=1, minimum=100, maximum=1000)
    assert "not below the smallest" in refusal(browser, dollar, "bound", step=1, minimum=100, maximum=10)
    code = DeclineCode.objects.get(provider="stripe", code="call_issuer")
    done(browser, code, "map", unified="other", words="")
    code.refresh_from_db()
    assert code.unified == "other"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE_APPROVER, Role.AUDITOR, Role.ANALYST])
def test_others_look_and_change_nothing(staff_client: StaffClient, role: Role) -> None:
    browser = staff_client(role)
    promotion, price = PromotionFactory(), PriceFactory()
    RedemptionFactory()
    for model in ROOMS:
        hidden = model == "promotionredemption" and role == Role.ANALYST
        assert browser.get(list_of(model)).status_code == (403 if hidden else 200)
        add_page = browser.get(f"{list_of(model)}add/")
        assert add_page.status_code in (302, 403, 404), model
    for row, name in (
        (promotion, "end"),
        (promotion, "add-code"),
        (price, "end"),
        (price.product, "set-price"),
        (Currency.objects.get(code="EUR"), "withdraw"),
    ):
        assert browser.get(page_of(row)).status_code == 200
        assert browser.get(action_on(row, name)).status_code == 403


@pytest.mark.parametrize("model", ROOMS)
def test_lists_ask_the_same_number_of_queries(
    staff_client: StaffClient, model: str, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.FINANCE)
    make(1)
    browser.get(list_of(model))
    asked = []
    for rows in (1, 20):
        make(rows)
        with django_assert_max_num_queries(13) as queries:
            assert browser.get(list_of(model)).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


def make(rows: int) -> None:
    """So many of what migrations do not write."""
    for _ in range(rows):
        price = PriceFactory(region=PriceRegion.objects.get(code="EU"))
        RedemptionFactory(code=PromotionCodeFactory(promotion__product=price.product))
    number = ExchangeRate.objects.count()
    for day in range(number, number + rows):
        start = timezone.now() - timedelta(days=400 - day)
        valid = period(start, start + timedelta(days=1))
        ExchangeRate.objects.create(base_id="EUR", quote_id="USD", source="ecb", rate="1.1", valid=valid)
        TaxRate.objects.create(jurisdiction=f"PT-{day}", rate="0.2", source="a test", valid=valid)


def test_pages_ask_the_same_number_of_queries(
    staff_client: StaffClient, django_assert_max_num_queries: Any
) -> None:
    browser = staff_client(Role.FINANCE)
    product = ProductFactory()
    promotion = PromotionFactory()
    asked: dict[Any, list[int]] = {product: [], promotion: []}
    for rows in (1, 20):
        for _ in range(rows):
            start = timezone.now() - timedelta(days=900 - 2 * product.prices.count())
            PriceFactory(product=product, valid=period(start, start + timedelta(days=1)))
            PromotionCodeFactory(promotion=promotion)
        for row, counts in asked.items():
            browser.get(page_of(row))
            with django_assert_max_num_queries(17) as queries:
                assert browser.get(page_of(row)).status_code == 200
            counts.append(len(queries))
    assert all(one == twenty for one, twenty in asked.values())
