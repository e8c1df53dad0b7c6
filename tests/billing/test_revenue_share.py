"""Shares: which one applies, how it is changed, and what is taken back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from billing import chart
from billing.allocation import WHOLE
from billing.errors import RevenueShareRefused, ReversalRefused
from billing.ledger_choices import JournalKind
from billing.models import Earning, RevenueShareRule, RevenueSplit, SpendReversal, TokenSpend
from billing.services.journal import Entry, Line, entries_post
from billing.services.ledger_accounts import ledger_accounts_open
from billing.services.revenue_share import (
    Share,
    revenue_share_rule_end,
    revenue_share_rule_set,
    share_of,
)
from billing.services.spend_reversals import spend_reverse
from core.db.context import acting
from core.db.roles import Role
from core.models.identity import uuid7
from performers.models import StudioMembership
from tests.accounts.factories import period, staff
from tests.billing.factories_wallets import assert_proven, balance, granted, performer, tip
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance() -> User:
    return staff(Role.FINANCE)


def put(finance: User, points: int, **options: Any) -> RevenueShareRule:
    with acting(Role.FINANCE, user_id=finance.pk):
        return revenue_share_rule_set(
            performer_points=points, actor=finance, reason="agreed in the contract", **options
        )


def points(to: Any, kind: str = "tip", **options: Any) -> int:
    at = options.get("at", timezone.now() + timedelta(seconds=1))
    return share_of(performer_id=to.pk, kind=kind, at=at).rule.performer_points


def test_the_most_special_rule_counts(finance: User) -> None:
    to, studio = performer(), StudioFactory()
    StudioMembership.objects.create(performer=to, studio=studio, studio_share=Decimal(0), valid=period())
    assert points(to) == 7_000
    put(finance, 7_100, kind="tip")
    put(finance, 7_200, studio_id=studio.pk)
    assert (points(to), points(performer())) == (7_200, 7_100)
    put(finance, 7_300, studio_id=studio.pk, kind="tip")
    assert (points(to), points(to, "gift")) == (7_300, 7_200)
    put(finance, 7_400, performer_id=to.pk)
    own = put(finance, 7_500, performer_id=to.pk, kind="gift")
    assert (points(to), points(to, "gift")) == (7_400, 7_500)
    with acting(Role.FINANCE, user_id=finance.pk):
        revenue_share_rule_end(rule_id=own.pk, actor=finance, reason="the season is over")
        with pytest.raises(RevenueShareRefused, match="ended already"):
            revenue_share_rule_end(rule_id=own.pk, actor=finance, reason="the season is over")
        default = RevenueShareRule.objects.get(performer=None, studio=None, kind=None)
        with pytest.raises(RevenueShareRefused, match="nothing can be spent"):
            revenue_share_rule_end(rule_id=default.pk, actor=finance, reason="the season is over")


def test_a_share_follows_another_one_and_the_past_stays(finance: User) -> None:
    to, viewer = performer(), granted(200)
    before = tip(viewer, to, 100)
    put(finance, 6_000)
    later = timezone.now() + timedelta(days=30)
    put(finance, 5_000, starts_at=later)
    put(finance, 5_500, starts_at=later - timedelta(days=1))
    after = tip(viewer, to, 100)
    assert RevenueSplit.objects.get(spend=before).performer_points == 7_000
    assert RevenueSplit.objects.get(spend=after).performer_points == 6_000
    assert [points(to, at=later + timedelta(days=days)) for days in (-2, -1, 0)] == [6_000, 5_500, 5_000]
    assert RevenueShareRule.history.filter(history_change_reason="agreed in the contract").exists()


@pytest.mark.parametrize("wrong", [-1, 10_001, 70.0, True, None])
def test_points_that_make_no_sense(finance: User, wrong: Any) -> None:
    with pytest.raises(RevenueShareRefused, match="basis points"):
        put(finance, wrong)


def test_what_finance_may_not_set(finance: User) -> None:
    with pytest.raises(RevenueShareRefused, match="future"):
        put(finance, 5_000, starts_at=timezone.now() - timedelta(days=1))
    own = performer()
    with acting(Role.FINANCE, user_id=own.pk), pytest.raises(RevenueShareRefused, match="own share"):
        revenue_share_rule_set(performer_points=9_000, performer_id=own.pk, actor=own.user, reason="for me")
    with pytest.raises(ProgrammingError), transaction.atomic(), acting(Role.FINANCE, user_id=own.pk):
        RevenueShareRule.objects.create(
            performer=own, performer_points=9_000, platform_points=1_000, valid=period(), set_by=finance
        )
    with pytest.raises(IntegrityError, match="points_check"), transaction.atomic():
        RevenueShareRule.objects.create(
            performer_points=9_000, platform_points=999, valid=period(), kind="tip"
        )
    with pytest.raises(IntegrityError, match="valid_excl"), transaction.atomic():
        RevenueShareRule.objects.create(performer_points=9_000, platform_points=1_000, valid=period())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    base=st.integers(-(10**12), 10**12).filter(bool),
    mine=st.integers(0, WHOLE),
    studio=st.decimals(0, 1, places=10),
)
def test_parts_sum_to_the_base(base: int, mine: int, studio: Decimal) -> None:
    rule = RevenueShareRule(performer_points=mine, platform_points=WHOLE - mine)
    parts = Share(rule, uuid7(), uuid7(), studio).parts(base)
    assert sum(parts.values()) == base
    assert {party: -amount for party, amount in parts.items()} == Share(rule, uuid7(), uuid7(), studio).parts(
        -base
    )


def test_what_was_paid_out_before_is_owed(finance: User) -> None:
    to, viewer = performer(), granted(100)
    spend = tip(viewer, to, 100)
    earned, away = ledger_accounts_open(chart.earnings(to.pk), chart.exchange_clearing())
    entries_post(
        entries=[
            Entry(
                id=uuid7(),
                kind=JournalKind.EXCHANGE,
                lines=(Line(earned, -60, "TOKEN"), Line(away, 60, "TOKEN")),
            )
        ],
        actor=None,
    )
    reversal = spend_reverse(spend_id=spend.pk, actor=finance, reason="card of somebody else")
    assert reversal.shortfall == 60
    assert balance(chart.receivable(to.pk)) == -60
    assert balance(chart.earnings(to.pk)) == 0
    assert balance(chart.wallet(viewer.pk)) == 100
    assert sum(Earning.objects.values_list("amount", flat=True)) == 0
    assert_proven()


def test_who_cannot_take_back_what(finance: User) -> None:
    to, viewer = performer(), granted(100)
    spend = tip(viewer, to, 10)
    for actor in (viewer, to.user):
        with pytest.raises(ReversalRefused, match="their own"):
            spend_reverse(spend_id=spend.pk, actor=actor, reason="for me")
    with pytest.raises(ReversalRefused, match="reason"):
        spend_reverse(spend_id=spend.pk, actor=finance, reason=" ")
    spend_reverse(spend_id=spend.pk, actor=finance, reason="a mistake of ours")
    with pytest.raises(ReversalRefused, match="already"):
        spend_reverse(spend_id=spend.pk, actor=finance, reason="a mistake of ours")
    other = tip(viewer, to, 10)
    with pytest.raises(IntegrityError, match="their own"), transaction.atomic():
        SpendReversal.objects.create(
            spend=other,
            reason="for me",
            reversed_by=viewer,
            shortfall=0,
            entry_id=TokenSpend.objects.get(pk=other.pk).entry_id,
            reversed_at=timezone.now(),
        )
