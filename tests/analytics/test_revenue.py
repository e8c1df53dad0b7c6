"""Whatever is sold, given back and shared out, figures of revenue are the ledger to the minor unit."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.models import RevenueBook, RevenueDay
from analytics.revenue_choices import RevenueKind
from billing import chart
from billing.ledger_choices import AccountType, JournalKind
from billing.models import AccountingPeriod, Payment, RevenueSplitLine
from billing.provider_choices import FactKind
from billing.services.journal import entries_post
from core.db.context import acting
from core.db.roles import Role
from core.errors import Refused
from core.models.identity import uuid7
from tests.accounts.factories import UserFactory
from tests.analytics.revenue_data import (
    Market,
    assert_books,
    compared,
    compute,
    differences,
    rows,
    sums,
    today,
)
from tests.billing.factories_wallets import bought, performer, tip
from tests.billing.ledger import entry, opened, post
from tests.billing.paying import NET, PRICE, TAX, paid, told
from tests.sql import refused, run

pytestmark = pytest.mark.django_db

STEPS = [
    "buy",
    "buy",
    "buy",
    "basket",
    "basket",
    "subscribe",
    "tip",
    "tip",
    "tip",
    "gift",
    "reward",
    "ticket",
    "show",
    "refund",
    "refund",
    "lose",
    "overpay",
    "reverse",
    "expire",
    "fee",
    "adjust",
    "pay_out",
]
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(STEPS),
        st.integers(0, 1),
        st.integers(0, 9),
        st.sampled_from([1, 7, 333, 1500, PRICE - 1, PRICE, 5000]),
    ),
    min_size=5,
    max_size=16,
)


@settings(max_examples=12, deadline=None)
@given(history=HISTORIES)
def test_figures_are_the_ledger_after_anything(history: list[tuple[str, int, int, int]]) -> None:
    with transaction.atomic():
        market = Market()
        market.step("buy", 0, 0, 1)
        market.step("buy", 1, 0, 1)
        for what, viewer, which, amount in history:
            try:
                with transaction.atomic():
                    market.step(what, viewer, which, amount)
            except Refused:
                continue
            compute()
            assert_books()
        assert ("EUR", "gross") in compared()
        made = rows()
        compute()
        assert rows() == made
        transaction.set_rollback(True)


def test_everything_there_is_has_its_column_and_its_kind() -> None:
    market = Market()
    for what in ("buy", "basket", "subscribe", "fee", "adjust"):
        market.step(what, 0, 0, 333)
    for what in ("tip", "gift", "reward", "ticket", "show"):
        market.step(what, 0, 0, 5)
    market.step("reverse", 0, 0, 0)
    market.step("refund", 0, 0, 1_500)
    market.step("lose", 0, 1, 700)
    compute()
    assert_books()
    kinds = set(RevenueDay.objects.values_list("kind", flat=True))
    assert kinds == set(RevenueKind.values) - {RevenueKind.EXPIRY, RevenueKind.PROVIDER}
    assert {measure for _, measure in compared()} >= {
        "gross",
        "refunds",
        "disputes",
        "adjustments",
        "tax",
        "deferred",
        "token_revenue",
        "performer_share",
        "studio_share",
        "platform_share",
        "provider_fees",
        "dispute_fees",
    }


def test_a_pack_by_hand() -> None:
    viewer, to = UserFactory(), performer()
    payment = paid(viewer)
    tip(viewer, to, 40)
    told(payment, FactKind.REFUND_SETTLED, 1, amount=PRICE, refund_reference="re_1")
    compute()
    # 100 tokens for 25.20 and 4.79 tax; 40 of them were spent, at 25.2 cents, the ten bonus tokens first.
    spent = NET * 30 // 100
    pack = sums(kind="token_pack", country="DE")
    assert (pack["gross"], pack["refunds"], pack["tax"], pack["losses"]) == (PRICE, PRICE, 0, spent)
    assert pack["deferred"] == spent
    tips = sums(kind="tip", performer=to)
    assert (tips["gross"], tips["deferred"], tips["token_revenue"]) == (0, -spent, spent)
    tokens = sums("TOKEN", kind="tip", performer=to)
    assert (tokens["gross"], tokens["performer_share"], tokens["platform_share"]) == (40, 28, 12)
    assert sums()["tax"] == 0 and TAX
    assert differences() == []


def test_an_order_of_several_things_is_told_apart_to_the_cent() -> None:
    market = Market()
    market.step("basket", 0, 0, 0)
    payment = Payment.objects.latest("pk")
    compute()
    for line in payment.order.lines.select_related("product"):
        split = line.splits.filter(reverses__isnull=True).first()
        of: dict[str, Any] = {"kind": line.product.kind, "country": "DE"}
        if split is not None:
            of["performer_id"] = split.performer_id
        found = sums(**of)
        assert (found["gross"], found["tax"]) == (line.total, line.tax)
        if split is not None:
            parts = dict(RevenueSplitLine.objects.filter(split=split).values_list("party", "amount"))
            assert found["performer_share"] == parts["performer"]
            assert found["platform_share"] == parts["platform"]
        else:
            assert found["deferred"] == line.net
    told(payment, FactKind.REFUND_SETTLED, 1, amount=1_001, refund_reference="re_1")
    told(payment, FactKind.REFUND_SETTLED, 2, amount=payment.amount - 1_001, refund_reference="re_2")
    compute()
    assert_books()
    for row in RevenueDay.objects.filter(currency="EUR"):
        # Cents that were rounded one way by a part are rounded back by the whole: nothing but cents is left.
        assert abs(row.gross - row.refunds) <= 2


def test_what_was_earned_is_earned_once_whatever_becomes_of_it() -> None:
    market = Market()
    market.step("subscribe", 0, 0, 0)
    compute()
    before = sums()["performer_share"]
    market.step("pay_out", 0, 0, 300)
    compute()
    assert sums()["performer_share"] == before > 0
    assert differences() == []


def test_every_account_of_the_chart_is_something_or_nothing_to_revenue() -> None:
    person, code = uuid7(), "simulator"
    makers: list[Callable[..., chart.AccountSpec]] = [
        made
        for name, made in vars(chart).items()
        if callable(made) and getattr(made, "__module__", "") == chart.__name__ and not isinstance(made, type)
    ]
    given_by_name = {"user_id": person, "performer_id": person, "studio_id": person, "jurisdiction": "DE"}
    given_by_name |= {"provider_account": code, "provider": code, "currency": "EUR"}
    specs = [
        made(**{name: given_by_name[name] for name in made.__annotations__ if name != "return"})
        for made in makers
    ]
    assert len(specs) >= 24
    other = {
        "cash", "bank", "disputed", "wallet", "hold", "tokens_sold", "promotion_cost", "suspense", "payout_reserve",
        "exchange_clearing", "debts_charged", "debts_written_off",
    }  # fmt: skip
    with acting(Role.WORKER):
        for spec in specs:
            ((found,),) = run("SELECT analytics_revenue_class(%s, %s)", [spec.code, spec.studio_id])
            assert (found is None) == (spec.code.split(":")[0] in other), spec.code


def test_an_account_of_which_nobody_said_what_it_is_is_told() -> None:
    spec = chart.AccountSpec("gift_cards:EUR", AccountType.LIABILITY, "EUR")
    cards, cash = opened(spec, chart.cash("simulator", "EUR"))
    post(entry((cards, 500, "EUR"), (cash, -500, "EUR"), kind=JournalKind.PURCHASE))
    compute()
    assert differences() == [
        (today(), "EUR", "gross", 0, 500),
        (today(), "EUR", "unclassified", 0, 500),
    ]


def test_revenue_that_a_payout_moves_is_told() -> None:
    share, cash = opened(chart.platform_share("EUR"), chart.cash("simulator", "EUR"))
    post(entry((share, 500, "EUR"), (cash, -500, "EUR"), kind=JournalKind.PAYOUT))
    compute()
    assert [row[2:] for row in differences()] == [("platform_share", 0, 500), ("unclassified", 0, 500)]


def test_what_comes_late_into_a_month_before_is_in_that_month_alone() -> None:
    payment = paid()
    compute()
    made = rows()
    first = today().replace(day=1)
    last_month = first - dt.timedelta(days=1)
    with acting(Role.WORKER):
        ((period,),) = run("SELECT ledger_period_at(%s)", [last_month])
    assert AccountingPeriod.objects.get(pk=period).days.upper == first
    share, cash = opened(chart.platform_share("EUR"), chart.cash("simulator", "EUR"))
    entries_post(entries=[entry((share, 100, "EUR"), (cash, -100, "EUR"))], actor=None, period_id=period)
    ((touched,),) = run(
        "SELECT array_agg(DISTINCT (start AT TIME ZONE 'UTC')::date ORDER BY (start AT TIME ZONE 'UTC')::date) "
        "FROM analytics_rolluptouch WHERE rollup = 'revenue_day'"
    )
    assert touched == [last_month, today()]
    compute(last_month)
    assert differences(last_month, first) == []
    late = [row for row in rows() if row not in made]
    assert [(row[0], row[2]) for row in late] == [(last_month, "other")]
    assert RevenueBook.objects.get(day=last_month).entries == 1
    assert Payment.objects.get(pk=payment.pk).fulfilled == PRICE


class TestRights:
    @pytest.mark.parametrize("role", [Role.VIEWER, Role.PERFORMER, Role.SUPPORT, Role.MODERATOR])
    @pytest.mark.parametrize("table", ["revenueday", "revenuebook", "revenuecheck"])
    def test_people_and_other_staff_see_nothing(self, role: Role, table: str) -> None:
        paid()
        compute()
        with acting(role, user_id=UserFactory().pk), refused("permission denied"):
            run(f"SELECT * FROM analytics_{table}")

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR])
    def test_who_may_see_it_changes_nothing(self, role: Role) -> None:
        paid()
        compute()
        with acting(role, user_id=UserFactory().pk):
            assert run("SELECT count(*) FROM analytics_revenueday") == [(1,)]
            with refused("permission denied"):
                run("UPDATE analytics_revenueday SET gross = 0")
            with refused("permission denied"):
                run("SELECT analytics_revenue_compute(ARRAY[current_date], NULL)")

    def test_a_row_that_does_not_add_up_is_refused(self) -> None:
        paid()
        compute()
        with refused("analytics_revenueday_balanced_check"):
            run("UPDATE analytics_revenueday SET gross = gross + 1")
        with acting(Role.WORKER), refused("permission denied"):
            run("UPDATE analytics_revenueday SET gross = gross + 1, tax = tax + 1")

    def test_one_row_for_each_day_unit_kind_performer_and_country(self) -> None:
        bought(10, cost=100)
        compute()
        with refused("analytics_revenueday_bucket_key"):
            run(
                "INSERT INTO analytics_revenueday (id, day, kind, currency) "
                "SELECT uuidv7(), day, kind, currency FROM analytics_revenueday"
            )
