"""Orders and payment methods: frozen prices, taxes, codes, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from billing.catalogue_choices import ProductKind, PromotionKind, RedemptionStatus, TaxBehaviour
from billing.errors import (
    CodeUnknown,
    KeyReused,
    OrderRefused,
    PaymentMethodRefused,
    PriceGap,
    PriceRefused,
    TaxGap,
)
from billing.models import (
    BillingAddress,
    Mandate,
    Order,
    PaymentMethod,
    Price,
    Product,
    Promotion,
    PromotionCode,
    PromotionRedemption,
)
from billing.payment_choices import (
    PaymentMethodKind,
    PaymentMethodStatus,
    VerificationKind,
    VerificationOutcome,
)
from billing.services.orders import OrderItem, order_cancel, order_place
from billing.services.payment_methods import (
    billing_address_add,
    is_card_number,
    mandate_record,
    mandate_revoke,
    payment_method_detach,
    payment_method_make_default,
    payment_method_verify,
)
from billing.services.prices import price_set
from core.db.context import acting
from core.db.roles import Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.billing.paying import (
    NET,
    PRICE,
    TAX,
    at,
    fulfilments,
    method_of,
    ordered,
    paid,
    sent,
    settled,
    shop,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fulfilments() -> Iterator[None]:
    with fulfilments():
        yield


def code_for(**gives: Any) -> PromotionCode:
    said = {
        "name": "Summer",
        "kind": PromotionKind.PERCENTAGE,
        "basis_points": 1000,
        "valid": DateTimeTZRange(at(-(10**6)), None, "[)"),
    }
    promotion = Promotion.objects.create(**{**said, **gives})
    return PromotionCode.objects.create(promotion=promotion, code=f"SUMMER{promotion.pk.int % 10**6}")


class TestPlacing:
    def test_price_and_tax_are_frozen(self) -> None:
        order = ordered()
        line = order.lines.get()
        assert (order.net, order.tax, order.total) == (NET, TAX, PRICE)
        assert (line.net, line.tax, line.tax_jurisdiction, line.list_amount) == (NET, TAX, "DE", PRICE)
        price = Price.objects.get(pk=line.price_id)
        assert price.first_sold_at is not None

    def test_exclusive_prices_have_the_tax_on_top(self) -> None:
        _, product = shop()
        price_set(
            product_id=product.pk,
            currency="EUR",
            amount=1000,
            tax_behaviour=TaxBehaviour.EXCLUSIVE,
            country="DE",
            since=at(-(10**6)),
            actor=None,
            reason="tests",
        )
        order = ordered(items=[OrderItem(product.pk, 3)])
        assert (order.net, order.tax, order.total) == (3000, 570, 3570)

    def test_the_same_key_gives_the_first_order_and_no_other(self) -> None:
        user = UserFactory()
        _, product = shop()
        said: dict[str, Any] = {"user": user, "items": [OrderItem(product.pk)], "idempotency_key": "basket"}
        first = ordered(**said)
        assert ordered(**said).pk == first.pk
        with pytest.raises(KeyReused):
            ordered(**{**said, "items": [OrderItem(product.pk, 2)]})
        assert ordered(**{**said, "user": UserFactory()}).pk != first.pk

    def test_a_code_takes_its_part_and_is_applied_by_the_payment(self) -> None:
        code = code_for()
        order = ordered(promotion_code=f"  {code.code.lower()} ")
        assert (order.discount, order.total) == (300, PRICE - 300)
        use = PromotionRedemption.objects.get(order_id=order.pk)
        assert use.status == RedemptionStatus.RESERVED
        settled(sent(order))
        use.refresh_from_db()
        assert use.status == RedemptionStatus.APPLIED

    def test_a_cancelled_order_gives_its_code_back(self) -> None:
        order = ordered(promotion_code=code_for().code)
        order_cancel(order_id=order.pk, actor=None, reason="changed my mind")
        assert PromotionRedemption.objects.get(order_id=order.pk).status == RedemptionStatus.RELEASED
        with pytest.raises(IllegalTransition):
            order_cancel(order_id=order.pk, actor=None, reason="once more")

    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            ({"items": []}, OrderRefused),
            ({"items": [OrderItem(uuid7())]}, OrderRefused),
            ({"currency": "USD"}, PriceGap),
            ({"currency": "eur"}, PriceGap),
            ({"currency": "XXX"}, PriceGap),
            ({"country": "FR"}, TaxGap),
            ({"country": "XX"}, PriceRefused),
            ({"country": "de"}, PriceRefused),
            ({"promotion_code": "NOSUCH"}, CodeUnknown),
            ({"billing_address_id": uuid7()}, OrderRefused),
        ],
    )
    def test_bad_orders(self, said: dict[str, Any], refusal: type[Exception]) -> None:
        with pytest.raises(refusal):
            ordered(**said)
        assert not Order.objects.exists()

    @pytest.mark.parametrize("quantity", [0, -1, 10**18])
    def test_quantities_that_nobody_orders(self, quantity: int) -> None:
        _, product = shop()
        with pytest.raises(PriceRefused):
            ordered(items=[OrderItem(product.pk, quantity)])

    def test_nothing_left_to_pay_is_no_order_and_uses_no_code(self) -> None:
        code = code_for(basis_points=10_000)
        with pytest.raises(OrderRefused, match="Nothing is left to pay"):
            ordered(promotion_code=code.code)
        assert not PromotionRedemption.objects.exists()

    def test_an_expired_code(self) -> None:
        from billing.errors import PromotionRefused

        code = code_for(valid=DateTimeTZRange(at(-(10**7)), timezone.now(), "[)"))
        with pytest.raises(PromotionRefused):
            ordered(promotion_code=code.code)

    def test_what_is_not_for_sale(self) -> None:
        _, product = shop()
        Product.objects.filter(pk=product.pk).update(is_offered=False)
        with pytest.raises(OrderRefused, match="not for sale"):
            ordered(items=[OrderItem(product.pk)])
        other = Product.objects.create(
            code="a_subscription", kind=ProductKind.SUBSCRIPTION, name="Subscription"
        )
        with pytest.raises(OrderRefused, match="One subscribes to a plan"):
            ordered(items=[OrderItem(other.pk)])

    def test_not_while_a_payment_is_under_way(self) -> None:
        attempt = sent()
        with pytest.raises(OrderRefused, match="under way"):
            order_cancel(order_id=attempt.payment.order_id, actor=None, reason="changed my mind")

    def test_a_viewer_orders_for_themselves_and_sees_it(self) -> None:
        user, other = UserFactory(), UserFactory()
        _, product = shop()
        with acting(Role.VIEWER, user_id=user.pk):
            order_place(
                user=user,
                items=[OrderItem(product.pk)],
                country="DE",
                currency="EUR",
                idempotency_key="mine",
                actor=user,
            )
            assert Order.objects.count() == 1
        with acting(Role.VIEWER, user_id=other.pk):
            assert not Order.objects.exists()


class TestMethods:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("4242424242424242", True),
            ("4242 4242 4242 4242", True),
            ("3782-822463-10005", True),
            ("4242424242424241", False),
            ("pm_1MoBy5LkdIwHu7ixZhnattbh", False),
            ("123", False),
            ("", False),
        ],
    )
    def test_numbers_of_cards_are_known(self, text: str, found: bool) -> None:
        assert is_card_number(text) is found

    def test_the_number_of_a_card_is_no_token(self) -> None:
        account, _ = shop()
        with pytest.raises(PaymentMethodRefused, match="never kept"):
            method_of(UserFactory(), account, token="4242 4242 4242 4242")
        with pytest.raises(PaymentMethodRefused):
            method_of(UserFactory(), account, last_four="424242")
        assert not PaymentMethod.objects.exists()

    def test_the_same_card_twice(self) -> None:
        account, _ = shop()
        user = UserFactory()
        method_of(user, account, fingerprint="same")
        with pytest.raises(PaymentMethodRefused, match="already"):
            method_of(user, account, fingerprint="same")
        method_of(UserFactory(), account, fingerprint="same")

    def test_the_default_moves(self) -> None:
        account, _ = shop()
        user = UserFactory()
        first, second = method_of(user, account), method_of(user, account)
        payment_method_make_default(payment_method_id=second.pk, actor=user)
        assert PaymentMethod.objects.get(user=user, is_default=True).pk == second.pk
        payment_method_detach(payment_method_id=second.pk, actor=user)
        assert not PaymentMethod.objects.filter(user=user, is_default=True).exists()
        with pytest.raises(PaymentMethodRefused):
            payment_method_make_default(payment_method_id=second.pk, actor=user)
        assert first.status == PaymentMethodStatus.UNVERIFIED

    def test_verifications(self) -> None:
        account, _ = shop()
        method = method_of(UserFactory(), account)
        for outcome, status in (
            (VerificationOutcome.UNKNOWN, "unverified"),
            (VerificationOutcome.SUCCEEDED, "verified"),
            (VerificationOutcome.DECLINED, "refused"),
        ):
            payment_method_verify(
                payment_method_id=method.pk,
                kind=VerificationKind.ZERO_AMOUNT,
                outcome=outcome,
                reference="seti_1",
                verified_at=at(0),
            )
            assert PaymentMethod.objects.without_token().get(pk=method.pk).status == status
        assert method.verifications.count() == 3
        assert not PaymentMethod.objects.filter(is_default=True).exists()

    def test_not_while_a_payment_by_it_is_under_way(self) -> None:
        attempt = sent()
        with pytest.raises(PaymentMethodRefused, match="under way"):
            payment_method_detach(payment_method_id=attempt.intent.payment_method_id, actor=None)

    def test_mandates_end_once(self) -> None:
        account, _ = shop()
        user = UserFactory()
        method = method_of(user, account, kind=PaymentMethodKind.DIRECT_DEBIT, last_four="3201", brand="")
        mandate = mandate_record(
            payment_method_id=method.pk,
            reference="MNDT-1",
            wording="sepa_2026_1",
            agreed_at=at(0),
            actor=user,
        )
        mandate_revoke(mandate_id=mandate.pk, actor=user)
        with pytest.raises(IllegalTransition):
            mandate_revoke(mandate_id=mandate.pk, actor=user)
        assert Mandate.objects.get().revoked_at is not None

    def test_addresses_show_what_taxes_need(self) -> None:
        user = UserFactory()
        address = billing_address_add(
            user=user,
            name="Anna Example",
            street="Example Street 1",
            town="Berlin",
            postal_code="10 115",
            country="DE",
            actor=user,
        )
        found = BillingAddress.objects.get(pk=address.pk)
        assert (found.country, found.postal_prefix) == ("DE", "101")
        assert "Anna" not in str(found.name)


def test_paying_for_a_discounted_order_posts_what_was_paid() -> None:
    from tests.billing.paying import assert_settled, balance

    order = ordered(promotion_code=code_for().code)
    payment = settled(sent(order))
    assert balance("deferred_revenue:EUR") + balance("tax_payable:DE:EUR") == PRICE - 300
    assert_settled(payment)
    assert paid().amount == PRICE
