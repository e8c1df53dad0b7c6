"""Twenty at once want what three may have, on connections of their own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from billing.errors import PromotionRefused
from billing.models import PriceTier, PromotionCode, PromotionRedemption
from billing.money import Money
from billing.services.promotion_redemptions import (
    promotion_redemption_release,
    promotion_redemption_reserve,
    promotion_redemptions_expire,
)
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.accounts.test_races import at_once, refusals
from tests.billing.catalogue.factories import (
    PriceFactory,
    PromotionCodeFactory,
    PromotionFactory,
    RedemptionFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 20


def use(code: PromotionCode, user: User, hold: float = 0.05) -> Callable[[], PromotionRedemption]:
    """Reserve, and keep the transaction open a moment, so that the others meet it half-way."""

    def act() -> PromotionRedemption:
        with transaction.atomic():
            made = promotion_redemption_reserve(
                code=code.code.lower(),
                user_id=user.pk,
                order_id=uuid7(),
                purchase=Money(1000, "EUR"),
                product_id=uuid7(),
                actor=user,
            )
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [hold])
            return made

    return act


@pytest.mark.parametrize(
    ("promotion", "code"),
    [
        ({"limit_total": 3}, {}),
        ({}, {"limit_total": 3}),
        ({"currency_id": "EUR", "budget": 399}, {}),
    ],
)
def test_twenty_workers_on_a_limit_of_three(promotion: dict[str, Any], code: dict[str, Any]) -> None:
    row = PromotionCodeFactory(promotion=PromotionFactory(**promotion), **code)
    outcomes = at_once(*(use(row, UserFactory()) for _ in range(WORKERS)))
    assert refusals(outcomes) == [PromotionRefused] * (WORKERS - 3)
    row.refresh_from_db()
    assert (row.used, row.promotion.used) == (3, 3)
    assert PromotionRedemption.objects.live().count() == 3


def test_one_person_twenty_times() -> None:
    promotion = PromotionFactory(limit_per_user=3)
    codes = [PromotionCodeFactory(promotion=promotion) for _ in range(2)]
    user = UserFactory()
    outcomes = at_once(*(use(codes[number % 2], user) for number in range(WORKERS)))
    assert refusals(outcomes) == [PromotionRefused] * (WORKERS - 3)
    promotion.refresh_from_db()
    assert promotion.used == 3


def test_one_order_twenty_times() -> None:
    code, user, order = PromotionCodeFactory(), UserFactory(), uuid7()

    def act() -> PromotionRedemption:
        return promotion_redemption_reserve(
            code=code.code,
            user_id=user.pk,
            order_id=order,
            purchase=Money(1000, "EUR"),
            product_id=uuid7(),
            actor=user,
        )

    outcomes = at_once(*[act] * WORKERS)
    assert set(refusals(outcomes)) <= {PromotionRefused}
    code.refresh_from_db()
    assert (code.used, PromotionRedemption.objects.count()) == (1, 1)


def test_a_use_is_released_once() -> None:
    made = RedemptionFactory(reserved_until="2020-01-01T00:00:00Z")

    def release() -> Any:
        return promotion_redemption_release(redemption_id=made.pk, actor=None)

    def expire() -> int:
        with acting(Role.WORKER):
            return promotion_redemptions_expire()

    outcomes = at_once(*[release] * 5, *[expire] * 5)
    assert refusals(outcomes) == []
    promotion = made.code.promotion
    promotion.refresh_from_db()
    assert (promotion.used, made.code.__class__.objects.get(pk=made.code_id).used) == (0, 0)


def test_many_promotions_expire_without_a_deadlock() -> None:
    codes = [PromotionCodeFactory() for _ in range(6)]
    for number in range(60):
        RedemptionFactory(code=codes[number * 7 % 6], reserved_until="2020-01-01T00:00:00Z")

    def expire() -> int:
        with acting(Role.WORKER):
            return promotion_redemptions_expire(batch=15)

    outcomes = at_once(*[expire] * 6)
    assert refusals(outcomes) == []
    while expire():
        pass
    assert not PromotionRedemption.objects.live().exists()
    assert set(PromotionCode.objects.values_list("used", flat=True)) == {0}


def test_a_price_is_sold_or_gets_tiers() -> None:
    """Tiers are added to a price while an order names it: whoever comes second sees the other."""
    price = PriceFactory()

    def add() -> Any:
        with transaction.atomic():
            made = PriceTier.objects.bulk_create([PriceTier(price=price, position=1, up_to=None, amount=999)])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            return made

    def sell() -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE billing_price SET first_sold_at = now() WHERE first_sold_at IS NULL")
            cursor.execute("SELECT pg_sleep(0.1)")
            cursor.execute("SELECT count(*) FROM billing_pricetier")
            return cursor.fetchone()[0]

    added, tiers_when_sold = at_once(add, sell)
    assert PriceTier.objects.count() == tiers_when_sold == (0 if isinstance(added, Exception) else 1)
