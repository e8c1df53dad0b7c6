"""Promotions: what they give, what is refused, and that no limit can be passed by whoever writes rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from accounts.models import User
from billing.catalogue_choices import PromotionKind, RedemptionStatus
from billing.errors import CodeUnknown, MoneyRefused, PromotionRefused
from billing.models import Promotion, PromotionCode, PromotionRedemption
from billing.money import Money
from billing.promotion_terms import Gives, promotion_gives
from billing.services.promotion_redemptions import (
    promotion_redemption_apply,
    promotion_redemption_release,
    promotion_redemption_reserve,
    promotion_redemptions_expire,
)
from billing.services.promotions import (
    promotion_change,
    promotion_code_add,
    promotion_code_change,
    promotion_create,
    promotion_end,
)
from core.db.context import acting
from core.db.roles import ACTING_ROLES, Role
from core.errors import IllegalTransition
from core.models.identity import uuid7
from tests.accounts.conftest import Announced
from tests.accounts.factories import UserFactory
from tests.billing.catalogue.factories import (
    ProductFactory,
    PromotionCodeFactory,
    PromotionFactory,
    RedemptionFactory,
)
from tests.sql import affected, refused, run

pytestmark = pytest.mark.django_db

REASON = "the spring"
TEN_EUROS = Money(1000, "EUR")


def reserve(code: str, user: User, **options: Any) -> PromotionRedemption:
    terms = {"order_id": uuid7(), "purchase": TEN_EUROS, "product_id": uuid7(), "actor": user}
    return promotion_redemption_reserve(code=code, user_id=user.pk, **terms | options)


def counters(promotion: Promotion) -> tuple[int, int]:
    promotion.refresh_from_db()
    return promotion.used, promotion.spent


@pytest.mark.parametrize(
    ("terms", "purchase", "gives"),
    [
        ({"basis_points": 1000}, TEN_EUROS, Gives(discount=100)),
        ({"basis_points": 10_000}, TEN_EUROS, Gives(discount=1000)),
        # Half a unit is rounded up: 10 per cent of 0.05, and not of 0.04.
        ({"basis_points": 1000}, Money(5, "EUR"), Gives(discount=1)),
        ({"basis_points": 333}, Money(9999, "JPY"), Gives(discount=333)),
        (
            {"kind": PromotionKind.AMOUNT_OFF, "basis_points": None, "amount_off": 300, "currency_id": "EUR"},
            TEN_EUROS,
            Gives(discount=300),
        ),
        (
            {
                "kind": PromotionKind.AMOUNT_OFF,
                "basis_points": None,
                "amount_off": 3000,
                "currency_id": "EUR",
            },
            TEN_EUROS,
            Gives(discount=1000),
        ),
        (
            {"kind": PromotionKind.BONUS_TOKENS, "basis_points": None, "bonus_tokens": 50},
            TEN_EUROS,
            Gives(bonus_tokens=50),
        ),
    ],
)
def test_what_a_promotion_gives(terms: dict[str, Any], purchase: Money, gives: Gives) -> None:
    assert promotion_gives(PromotionFactory(**terms), purchase) == gives


def test_nothing_off_is_refused() -> None:
    with pytest.raises(PromotionRefused, match="nothing comes off"):
        promotion_gives(PromotionFactory(basis_points=1000), Money(4, "EUR"))


def test_a_use_is_reserved_applied_and_counted(user: User) -> None:
    code = PromotionCodeFactory(code="Spring-24", promotion__currency_id="EUR", promotion__budget=250)
    order = uuid7()
    use = reserve(" sPRING-24 ", user, order_id=order)
    assert (use.status, use.discount, use.currency_id) == (RedemptionStatus.RESERVED, 100, "EUR")
    assert reserve("SPRING-24", user, order_id=order) == use
    assert counters(code.promotion) == (1, 100)
    assert promotion_redemption_apply(redemption_id=use.pk, actor=user).status == RedemptionStatus.APPLIED
    assert promotion_redemption_apply(redemption_id=use.pk, actor=user).status == RedemptionStatus.APPLIED
    with pytest.raises(IllegalTransition, match="Nothing follows this state"):
        promotion_redemption_release(redemption_id=use.pk, actor=user)
    other = reserve("spring-24", user)
    assert counters(code.promotion) == (2, 200)
    promotion_redemption_release(redemption_id=other.pk, actor=None)
    assert counters(code.promotion) == (1, 100)
    code.refresh_from_db()
    assert code.used == 1
    with pytest.raises(IllegalTransition):
        promotion_redemption_apply(redemption_id=other.pk, actor=user)


def test_the_same_order_with_another_result_is_refused(user: User) -> None:
    PromotionCodeFactory(code="SPRING")
    order = uuid7()
    first = reserve("SPRING", user, order_id=order)
    with pytest.raises(PromotionRefused, match="with another result"):
        reserve("SPRING", user, order_id=order, purchase=Money(2000, "EUR"))
    promotion_redemption_release(redemption_id=first.pk, actor=user)
    assert reserve("SPRING", user, order_id=order, purchase=Money(2000, "EUR")).discount == 200


@pytest.mark.parametrize(
    ("promotion", "code", "options", "refusal", "words"),
    [
        ({}, {"code": "OTHER"}, {}, CodeUnknown, "no promotion code 'SPRING'"),
        ({}, {"is_active": False}, {}, PromotionRefused, "switched off"),
        ({"valid": (-9, -1)}, {}, {}, PromotionRefused, "has not begun, or is over"),
        ({"valid": (1, 9)}, {}, {}, PromotionRefused, "has not begun, or is over"),
        ({"currency_id": "USD"}, {}, {}, PromotionRefused, "for prices in USD"),
        ({"product": True}, {}, {}, PromotionRefused, "for another product"),
        ({"currency_id": "EUR", "budget": 99}, {}, {}, PromotionRefused, "budget .* is used up"),
        ({}, {}, {"purchase": Money(0, "EUR")}, MoneyRefused, "at least 0.01"),
        ({}, {}, {"purchase": Money(-5, "EUR")}, MoneyRefused, "at least 0.01"),
        ({}, {}, {"purchase": Money(10**18, "EUR")}, MoneyRefused, "at most"),
        ({}, {}, {"purchase": Money(500, "EUX")}, MoneyRefused, "no currency"),
    ],
)
def test_what_cannot_be_used(
    user: User,
    promotion: dict[str, Any],
    code: dict[str, Any],
    options: dict[str, Any],
    refusal: type[Exception],
    words: str,
) -> None:
    if "valid" in promotion:
        start, end = (timezone.now() + timedelta(days=days) for days in promotion["valid"])
        promotion = promotion | {"valid": DateTimeTZRange(start, end, "[)")}
    if promotion.get("product"):
        promotion = promotion | {"product": ProductFactory()}
    PromotionCodeFactory(**{"code": "SPRING", "promotion": PromotionFactory(**promotion)} | code)
    with pytest.raises(refusal, match=words):
        reserve("SPRING", user, **options)
    assert not PromotionRedemption.objects.exists()


@pytest.mark.parametrize(
    ("promotion", "code", "words"),
    [
        ({"limit_total": 2}, {}, "used as often as it may be"),
        ({"limit_per_user": 2}, {}, "as often as one person may"),
        ({}, {"limit_total": 2}, "used as often as it may be"),
        ({"currency_id": "EUR", "budget": 299}, {}, "budget .* is used up"),
    ],
)
def test_limits_hold_and_a_release_makes_room(
    user: User, promotion: dict[str, Any], code: dict[str, Any], words: str
) -> None:
    PromotionCodeFactory(code="SPRING", promotion=PromotionFactory(**promotion), **code)
    first, _ = reserve("SPRING", user), reserve("SPRING", user)
    with pytest.raises(PromotionRefused, match=words):
        reserve("SPRING", user)
    promotion_redemption_release(redemption_id=first.pk, actor=user)
    reserve("SPRING", user)


def test_one_person_has_one_limit_over_all_codes(user: User) -> None:
    promotion = PromotionFactory(limit_per_user=1)
    PromotionCodeFactory(code="ONE", promotion=promotion)
    PromotionCodeFactory(code="TWO", promotion=promotion)
    reserve("ONE", user)
    with pytest.raises(PromotionRefused, match="as often as one person may"):
        reserve("TWO", user)
    reserve("TWO", UserFactory())


def test_reservations_run_out(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    code = PromotionCodeFactory(code="SPRING", promotion__limit_total=2)
    over = reserve("SPRING", user, kept=timedelta(seconds=-1))
    kept = reserve("SPRING", user)
    with acting(Role.WORKER):
        assert promotion_redemptions_expire() == 1
        assert promotion_redemptions_expire() == 0
    assert {row.pk: row.status for row in PromotionRedemption.objects.all()} == {
        over.pk: RedemptionStatus.RELEASED,
        kept.pk: RedemptionStatus.RESERVED,
    }
    assert counters(code.promotion) == (1, 0)
    RedemptionFactory(code=code, reserved_until=timezone.now() - timedelta(minutes=1))
    call_command("promotion_redemptions_expire", "--dry-run")
    assert capsys.readouterr().out == "1 would be released\n"


def test_staff_keep_promotions(finance: User, announced: Announced) -> None:
    with acting(Role.FINANCE, user_id=finance.pk):
        promotion = promotion_create(
            name="Spring", kind="percentage", value=1500, limit_total=10, actor=finance, reason=REASON
        )
        code = promotion_code_add(promotion_id=promotion.pk, code="Spring", actor=finance, reason=REASON)
        with pytest.raises(PromotionRefused, match="letter case at most"):
            promotion_code_add(promotion_id=promotion.pk, code="SPRING", actor=finance, reason=REASON)
        promotion_change(
            promotion_id=promotion.pk,
            name="Spring 24",
            limit_total=20,
            limit_per_user=1,
            budget=None,
            actor=finance,
            reason=REASON,
        )
        promotion_code_change(
            promotion_code_id=code.pk, limit=5, is_active=False, actor=finance, reason=REASON
        )
        ended = promotion_end(promotion_id=promotion.pk, actor=finance, reason=REASON)
        with pytest.raises(PromotionRefused, match="This promotion ended on"):
            promotion_end(promotion_id=promotion.pk, actor=finance, reason=REASON)
    assert not ended.is_in_force(timezone.now())
    assert announced.actions == [
        "promotion_created",
        "promotion_code_added",
        "promotion_changed",
        "promotion_code_changed",
        "promotion_ended",
    ]
    assert [row.limit_total for row in Promotion.history.order_by("history_id")] == [10, 20, 20]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"kind": "percentage", "value": 0}, "gives one thing"),
        ({"kind": "percentage", "value": 10_001}, "gives one thing"),
        ({"kind": "percentage", "value": 1000, "budget": 100}, "budget in money needs a currency"),
        ({"kind": "amount_off", "value": 100}, "gives one thing"),
        ({"kind": "amount_off", "value": 10**18, "currency": "EUR"}, "gives one thing"),
        ({"kind": "bonus_tokens", "value": -5}, "gives one thing"),
        ({"kind": "percentage", "value": 1000, "limit_total": 0}, "A limit is at least 1"),
        ({"kind": "percentage", "value": 1000, "limit_per_user": -1}, "A limit per person"),
        ({"kind": "bonus_tokens", "value": 5, "budget": 0}, "A budget is at least 1"),
        ({"kind": "percentage", "value": 1000, "product_id": uuid7()}, "no such product"),
        ({"kind": "percentage", "value": 1000, "name": "\u202e"}, "control characters"),
    ],
)
def test_a_promotion_that_nobody_can_mean(finance: User, terms: dict[str, Any], words: str) -> None:
    with acting(Role.FINANCE, user_id=finance.pk), pytest.raises(PromotionRefused, match=words):
        promotion_create(**{"name": "Spring", "actor": finance, "reason": REASON} | terms)


def test_a_limit_is_not_put_below_what_was_used(finance: User, user: User) -> None:
    code = PromotionCodeFactory(code="SPRING")
    for _ in range(2):
        reserve("SPRING", user)
    with acting(Role.FINANCE, user_id=finance.pk):
        with pytest.raises(PromotionRefused, match="not below what was used"):
            promotion_change(
                promotion_id=code.promotion_id,
                name="Spring",
                limit_total=1,
                limit_per_user=None,
                budget=None,
                actor=finance,
                reason=REASON,
            )
        with pytest.raises(PromotionRefused, match="not below what was used"):
            promotion_code_change(
                promotion_code_id=code.pk, limit=1, is_active=True, actor=finance, reason=REASON
            )


class TestAttacks:
    """Raw SQL, in the roles that act."""

    INSERT = (
        "INSERT INTO billing_promotionredemption (code_id, user_id, order_id, status, discount, currency, "
        "bonus_tokens, reserved_until) VALUES (%s, %s, gen_random_uuid(), %s, %s, %s, %s, now() + interval '1 hour')"
    )

    def test_counters_cannot_be_written(self, finance: User) -> None:
        code = PromotionCodeFactory()
        for role in ACTING_ROLES:
            with acting(role, user_id=finance.pk):
                for table, column in (
                    ("promotion", "used"),
                    ("promotion", "spent"),
                    ("promotioncode", "used"),
                ):
                    with refused("permission denied"):
                        run(f"UPDATE billing_{table} SET {column} = 0")
        assert counters(code.promotion) == (0, 0)

    def test_no_row_passes_the_limit(self, user: User) -> None:
        code = PromotionCodeFactory(promotion__limit_total=1)
        with acting(Role.WORKER):
            run(self.INSERT, [code.pk, user.pk, "reserved", 100, "EUR", 0])
            with refused("used as often as it may be"):
                run(self.INSERT, [code.pk, user.pk, "reserved", 100, "EUR", 0])
            with refused("cannot begin as applied"):
                run(self.INSERT, [code.pk, user.pk, "applied", 100, "EUR", 0])
            with refused("permission denied"):
                run("DELETE FROM billing_promotionredemption")
            with refused("permission denied"):
                run("UPDATE billing_promotionredemption SET discount = 999")
        assert counters(code.promotion) == (1, 0)

    @pytest.mark.parametrize(
        ("discount", "currency", "tokens", "words"),
        [
            (301, "EUR", 0, "not what the promotion gives"),
            (300, "USD", 0, "not what the promotion gives"),
            (0, None, 50, "not what the promotion gives"),
            (0, "EUR", 0, "billing_promotionredemption_gives_check"),
            (-5, "EUR", 0, "billing_promotionredemption_gives_check"),
            (5, None, 0, "billing_promotionredemption_gives_check"),
            (10**16, "EUR", 0, "billing_promotionredemption_gives_check"),
        ],
    )
    def test_no_row_gives_more(
        self, user: User, discount: int, currency: str | None, tokens: int, words: str
    ) -> None:
        promotion = PromotionFactory(
            kind=PromotionKind.AMOUNT_OFF, basis_points=None, amount_off=300, currency_id="EUR"
        )
        code = PromotionCodeFactory(promotion=promotion)
        with acting(Role.WORKER), refused(words):
            run(self.INSERT, [code.pk, user.pk, "reserved", discount, currency, tokens])

    def test_a_release_is_not_taken_back(self, user: User) -> None:
        use = RedemptionFactory()
        with acting(Role.WORKER):
            assert affected("UPDATE billing_promotionredemption SET status = 'released'") == 1
            with refused("cannot move from released to reserved"):
                run("UPDATE billing_promotionredemption SET status = 'reserved'")
        assert counters(use.code.promotion) == (0, 0)

    def test_what_a_promotion_gives_is_never_changed(self) -> None:
        PromotionFactory()
        with refused("cannot be changed"):
            run("UPDATE billing_promotion SET basis_points = 5000")

    def test_everybody_sees_their_own_uses_and_nobody_the_codes(self, user: User) -> None:
        mine, _ = RedemptionFactory(user=user), RedemptionFactory()
        with acting(Role.VIEWER, user_id=user.pk):
            assert run("SELECT id FROM billing_promotionredemption") == [(mine.pk,)]
            for table in ("promotion", "promotioncode"):
                with refused("permission denied"):
                    run(f"SELECT FROM billing_{table}")
        with acting(Role.VIEWER):
            assert run("SELECT id FROM billing_promotionredemption") == []

    def test_finance_writes_as_a_person_only(self, finance: User) -> None:
        insert = (
            "INSERT INTO billing_promotion (name, kind, basis_points, valid) "
            "VALUES ('x', 'percentage', 100, tstzrange(now(), NULL))"
        )
        with acting(Role.FINANCE), refused("row-level security"):
            run(insert)
        with acting(Role.AUDITOR, user_id=finance.pk), refused("permission denied"):
            run(insert)
        assert not PromotionCode.objects.exists()
