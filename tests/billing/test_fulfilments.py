"""What money buys: packs of tokens and tickets, handed over when it came and taken back when it went."""

from datetime import UTC, datetime

import pytest

from billing import chart
from billing.catalogue_choices import ProductKind, PromotionKind, TaxBehaviour
from billing.errors import RefundRefused
from billing.models import (
    Earning,
    Entitlement,
    Order,
    Product,
    ReconciliationException,
    RevenueSplit,
    TicketOffer,
)
from billing.provider_choices import FactKind
from billing.services.orders import OrderItem, order_place
from billing.services.prices import price_set
from billing.services.promotions import promotion_code_add, promotion_create
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile
from tests.accounts.factories import UserFactory
from tests.billing.factories_wallets import assert_proven, balance, left, performer, tip
from tests.billing.paying import (
    NET,
    PRICE,
    TAX,
    assert_settled,
    ordered,
    paid,
    refund,
    refunder,
    sent,
    settled,
    shop,
    told,
)
from tests.billing.tickets import offered

pytestmark = pytest.mark.django_db


def test_a_pack_becomes_a_paid_lot_and_a_bonus_lot() -> None:
    user = UserFactory()
    payment = paid(user)
    assert left(user) == [("paid", 100, NET), ("bonus", 10, 0)]
    assert balance(chart.deferred_revenue("EUR")) == NET
    assert balance(chart.tax_payable("DE", "EUR")) == TAX
    assert balance(chart.tokens_sold()) == -100
    assert balance(chart.promotion_cost()) == -10
    assert_settled(payment)
    assert_proven()


def test_tokens_of_a_promotion_come_with_those_of_the_pack_and_go_with_them() -> None:
    user = UserFactory()
    promotion = promotion_create(
        name="Autumn", kind=PromotionKind.BONUS_TOKENS, value=25, actor=None, reason="tests"
    )
    promotion_code_add(promotion_id=promotion.pk, code="AUTUMN", actor=None, reason="tests")
    payment = settled(sent(ordered(user, promotion_code="autumn")))
    assert left(user) == [("paid", 100, NET), ("bonus", 35, 0)]
    assert balance(chart.promotion_cost()) == -35
    told(payment, FactKind.REFUND_SETTLED, amount=PRICE, refund_reference="re_1", total=PRICE)
    assert left(user) == [("paid", 0, 0), ("bonus", 0, 0)]
    assert balance(chart.promotion_cost()) == 0
    assert_proven()


def test_a_refund_takes_tokens_back_in_proportion_and_the_last_takes_the_rest() -> None:
    user = UserFactory()
    payment = paid(user)
    payment = told(payment, FactKind.REFUND_SETTLED, amount=1_000, refund_reference="re_1", total=1_000)
    kinds = {kind: tokens for kind, tokens, _ in left(user)}
    assert 60 <= kinds["paid"] <= 67
    assert 6 <= kinds["bonus"] <= 7
    assert_proven()
    payment = told(
        payment, FactKind.REFUND_SETTLED, 9, amount=PRICE - 1_000, refund_reference="re_2", total=PRICE
    )
    assert left(user) == [("paid", 0, 0), ("bonus", 0, 0)]
    assert balance(chart.deferred_revenue("EUR")) == 0
    assert balance(chart.tax_payable("DE", "EUR")) == 0
    assert not ReconciliationException.objects.filter(kind="tokens_spent").exists()
    assert_proven()


def test_what_was_spent_is_not_refunded_unless_as_goodwill_or_by_the_provider() -> None:
    user, actor = UserFactory(), refunder()
    payment = paid(user)
    tip(user, performer(), 60)
    with pytest.raises(RefundRefused, match="can be taken back"):
        refund(payment, PRICE, actor)
    payment = told(payment, FactKind.REFUND_SETTLED, amount=PRICE, refund_reference="re_9", total=PRICE)
    assert left(user) == [("paid", 0, 0), ("bonus", 0, 0)]
    spent = balance(chart.token_revenue("EUR"))
    assert spent > 0
    assert balance(chart.refund_loss("EUR")) == -spent
    assert balance(chart.deferred_revenue("EUR")) == 0
    assert ReconciliationException.objects.filter(kind="tokens_spent").count() == 1
    assert_settled(payment)
    assert_proven()


def ticket(capacity: int = 1, owner: PerformerProfile | None = None) -> tuple[TicketOffer, Product]:
    """A ticket for 20.00 that money buys."""
    shop()
    product = Product.objects.create(
        code=f"ticket_{Product.objects.count()}", kind=ProductKind.PAY_PER_VIEW, name="A ticket"
    )
    price_set(
        product_id=product.pk,
        currency="EUR",
        amount=2_380,
        tax_behaviour=TaxBehaviour.INCLUSIVE,
        since=datetime(2020, 1, 1, tzinfo=UTC),
        actor=None,
        reason="tests",
    )
    return offered(owner, capacity=capacity, tokens=None, product_id=product.pk), product


def order(product: Product, key: str = "a ticket") -> Order:
    return order_place(
        user=UserFactory(),
        items=[OrderItem(product.pk)],
        country="DE",
        currency="EUR",
        idempotency_key=key,
        actor=None,
    )


def test_a_ticket_for_money_is_shared_out_and_taken_back_pro_rata() -> None:
    offer, product = ticket()
    payment = settled(sent(order(product)))
    earned = balance(chart.earnings(offer.performer_id, "EUR"))
    assert (earned, balance(chart.platform_share("EUR"))) == (1_400, 600)
    row = Entitlement.objects.get()
    assert (row.source, row.stream_id, row.revocation) == ("purchase", offer.stream_id, None)
    with acting(Role.PERFORMER, user_id=offer.performer_id):
        assert Earning.objects.get().amount == 1_400
    payment = told(payment, FactKind.REFUND_SETTLED, amount=1_190, refund_reference="re_1", total=1_190)
    assert balance(chart.earnings(offer.performer_id, "EUR")) == 700
    assert Entitlement.objects.get().revocation is None
    payment = told(payment, FactKind.REFUND_SETTLED, 9, amount=1_190, refund_reference="re_2", total=2_380)
    assert balance(chart.earnings(offer.performer_id, "EUR")) == 0
    assert balance(chart.platform_share("EUR")) == 0
    assert RevenueSplit.objects.filter(reverses__isnull=False).count() == 2
    assert Entitlement.objects.get().revocation == "refund"
    assert TicketOffer.objects.get().sold == 0
    assert_proven()


def test_paid_and_no_seat_left_waits_in_suspense_for_finance() -> None:
    offer, product = ticket(capacity=1)
    first, second = settled(sent(order(product, "one"))), settled(sent(order(product, "two")))
    assert Entitlement.objects.count() == TicketOffer.objects.get(pk=offer.pk).sold == 1
    assert balance(chart.suspense("tickets", "EUR")) == 2_000
    assert ReconciliationException.objects.get(kind="contradicts").subject_id == second.pk
    told(second, FactKind.REFUND_SETTLED, amount=2_380, refund_reference="re_1", total=2_380)
    assert balance(chart.suspense("tickets", "EUR")) == 0
    assert balance(chart.earnings(offer.performer_id, "EUR")) == 1_400
    assert first.pk != second.pk
    assert_proven()
