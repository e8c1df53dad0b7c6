"""Tips: who may, how many tokens, from which lots, and what is booked."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from billing import chart
from billing.errors import SpendRefused, TokensRefused, TooFewTokens
from billing.models import Earning, LotConsumption, RevenueSplitLine, TokenLot, TokenSpend
from core.db.context import acting
from core.db.roles import Role
from performers.models import PerformerProfile, StudioMembership
from tests.accounts.factories import RestrictionFactory, UserFactory, period
from tests.billing.factories_wallets import (
    assert_proven,
    balance,
    bought,
    granted,
    left,
    outdated,
    performer,
    settled,
    tip,
    wallet_of,
)
from tests.performers.factories_schedule import StudioFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def to() -> PerformerProfile:
    return performer()


def test_a_tip_is_shared_out_and_booked(to: PerformerProfile) -> None:
    viewer = bought(100, cost=1_000)
    spend = tip(viewer, to, 33)
    assert left(viewer) == [("paid", 67, 670)]
    parts = dict(RevenueSplitLine.objects.filter(split__spend=spend).values_list("party", "amount"))
    assert parts == {"performer": 23, "platform": 10}
    assert balance(chart.earnings(to.pk)) == 23
    assert balance(chart.platform_share()) == 10
    assert balance(chart.wallet(viewer.pk)) == 67
    assert balance(chart.token_revenue("EUR")) == 330
    assert balance(chart.deferred_revenue("EUR")) == 670
    earning = Earning.objects.get(line__split__spend=spend)
    assert (earning.performer_id, earning.amount, earning.currency_id) == (to.pk, 23, "TOKEN")
    assert earning.available_on == (spend.spent_at + timedelta(days=7)).date()
    assert_proven()


def test_the_studio_has_its_part_of_the_performers_side(to: PerformerProfile) -> None:
    studio = StudioFactory()
    StudioMembership.objects.create(performer=to, studio=studio, studio_share=Decimal("0.2"), valid=period())
    spend = tip(bought(1_000), to, 1_000)
    parts = dict(RevenueSplitLine.objects.filter(split__spend=spend).values_list("party", "amount"))
    assert parts == {"performer": 560, "studio": 140, "platform": 300}
    assert balance(chart.studio_earnings(studio.pk)) == 140
    assert Earning.objects.get(studio=studio).amount == 140
    assert_proven()


def test_what_expires_first_is_burned_first_then_promotional_bonus_and_paid(to: PerformerProfile) -> None:
    soon = timezone.now() + timedelta(days=1)
    viewer = bought(10, bonus=10, cost=101)
    granted(10, viewer)
    bought(10, cost=50, user=viewer, expires_at=soon)
    tip(viewer, to, 15)
    assert [(kind, tokens) for kind, tokens, _ in left(viewer)] == [
        ("paid", 10),
        ("bonus", 10),
        ("promotional", 5),
        ("paid", 0),
    ]
    tip(viewer, to, 18)
    assert left(viewer) == [("paid", 7, 71), ("bonus", 0, 0), ("promotional", 0, 0), ("paid", 0, 0)]
    # The last tokens of a lot take the remainder of its cost.
    tip(viewer, to, 7)
    assert sum(LotConsumption.objects.values_list("cost", flat=True)) == 151
    assert_proven()


def test_the_same_key_is_the_same_tip(to: PerformerProfile) -> None:
    viewer = granted(100)
    first = tip(viewer, to, 10, "again")
    assert tip(viewer, to, 10, "again") == first
    assert TokenSpend.objects.count() == 1
    for tokens, whom in ((11, to), (10, performer())):
        with pytest.raises(TokensRefused, match="used before"):
            tip(viewer, whom, tokens, "again")
    # The key of somebody else is another one.
    other = granted(10)
    assert tip(other, to, 10, "again") != first


@pytest.mark.parametrize("tokens", [0, -1, 10**18, 1.5, "10", True, None])
def test_numbers_that_make_no_sense(to: PerformerProfile, tokens: Any) -> None:
    viewer = granted(100)
    with pytest.raises(TokensRefused):
        tip(viewer, to, tokens)
    assert not TokenSpend.objects.exists()


def test_who_cannot_be_tipped_and_who_cannot_tip(to: PerformerProfile) -> None:
    viewer = granted(100)
    with pytest.raises(SpendRefused, match="no such performer"):
        tip(viewer, PerformerProfile(pk=uuid4()), 10)
    with pytest.raises(SpendRefused, match="themselves"):
        tip(granted(10, to.user), to, 10)
    with pytest.raises(TooFewTokens, match="there are 100"):
        tip(viewer, to, 101)
    with pytest.raises(TooFewTokens, match="no tokens"):
        tip(UserFactory(), to, 1)
    RestrictionFactory(user=viewer, kind="tip")
    with pytest.raises(SpendRefused, match="may not spend"):
        tip(viewer, to, 10)
    assert not TokenSpend.objects.exists()
    assert_proven()


def test_expired_tokens_are_not_spent(to: PerformerProfile) -> None:
    viewer = granted(10, expires_at=timezone.now() + timedelta(hours=1))
    outdated()
    with pytest.raises(TooFewTokens, match="there are 0"):
        tip(viewer, to, 1)


def test_a_tip_takes_few_statements_and_locks_nothing_of_the_performer(to: PerformerProfile) -> None:
    viewer = bought(100, cost=100)
    tip(viewer, to, 1)
    with CaptureQueriesContext(connection) as asked:
        tip(viewer, to, 1)
    sentences = [query["sql"] for query in asked.captured_queries]
    points = [line for line in sentences if "SAVEPOINT" in line or "set_config" in line]
    assert len(sentences) - len(points) <= 14, "\n".join(sentences)
    locking = [line for line in sentences if "FOR NO KEY UPDATE" in line or "FOR UPDATE" in line]
    assert len(locking) == 1
    assert "billing_wallet" in locking[0]


ATTACKS = {
    "a lot grows out of nothing": "UPDATE billing_tokenlot SET remaining = remaining - 1, cost_remaining = 0",
    "a lot is added": "INSERT INTO billing_tokenlot (id, wallet_id, kind, quantity, remaining) "
    "SELECT uuidv7(), id, 'promotional', 5, 5 FROM billing_wallet",
    "another token is taken for an old spend": "INSERT INTO billing_lotconsumption (id, spend_id, lot_id, tokens, cost) "
    "SELECT uuidv7(), s.id, l.id, 1, 0 FROM billing_tokenspend s, billing_tokenlot l WHERE l.kind = 'bonus'",
    "a part is added to an old split": "INSERT INTO billing_revenuesplitline (id, split_id, party, amount) "
    "SELECT uuidv7(), id, 'studio', 1 FROM billing_revenuesplit",
    "an earning without a line": "INSERT INTO billing_earning "
    "(id, line_id, performer_id, amount, currency, earned_at, available_on) "
    "SELECT uuidv7(), l.id, s.performer_id, l.amount, 'TOKEN', now(), now()::date FROM billing_revenuesplitline l "
    "JOIN billing_revenuesplit s ON s.id = l.split_id WHERE l.party = 'platform'",
    "a spend is changed": "UPDATE billing_tokenspend SET tokens = 1",
    "a spend is deleted": "DELETE FROM billing_tokenspend",
    "a rule whose parts are less than everything": "UPDATE billing_revenuesharerule SET platform_points = 1",
    "lots below zero": "UPDATE billing_tokenlot SET remaining = -1",
    "a wallet is given away": "UPDATE billing_wallet SET user_id = uuidv7()",
}


@pytest.mark.parametrize("words", ATTACKS)
def test_the_database_adds_up_whoever_writes(to: PerformerProfile, words: str) -> None:
    viewer = bought(10, bonus=10, cost=10)
    tip(viewer, to, 5)
    settled()
    with pytest.raises(IntegrityError), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ATTACKS[words])
        settled()


def test_nobody_posts_to_a_wallet_past_its_lots(to: PerformerProfile) -> None:
    from billing.ledger_choices import JournalKind
    from billing.services.journal import Entry, Line, entries_post
    from billing.services.ledger_accounts import ledger_accounts_open
    from core.models.identity import uuid7

    viewer = granted(10)
    (cost,) = ledger_accounts_open(chart.promotion_cost())
    wallet = wallet_of(viewer)
    for account in (wallet.account_id, wallet.hold_account_id):
        with pytest.raises(IntegrityError, match="its account in the ledger"), transaction.atomic():
            entries_post(
                entries=[
                    Entry(
                        id=uuid7(),
                        kind=JournalKind.PROMOTION,
                        lines=(Line(account, 5, "TOKEN"), Line(cost, -5, "TOKEN")),
                    )
                ],
                actor=None,
            )
            settled()


def test_who_reads_what(to: PerformerProfile) -> None:
    viewer, stranger = granted(10), granted(10)
    tip(viewer, to, 5)

    def seen(role: Role, user: User) -> tuple[int, int, int]:
        with acting(role, user_id=user.pk):
            lots, spends = TokenLot.objects.count(), TokenSpend.objects.count()
            earnings = Earning.objects.count() if role is not Role.VIEWER else -1
            return lots, spends, earnings

    assert seen(Role.VIEWER, viewer) == (1, 1, -1)
    assert seen(Role.VIEWER, stranger) == (1, 0, -1)
    assert seen(Role.PERFORMER, to.user) == (0, 1, 1)
    assert seen(Role.FINANCE, UserFactory()) == (2, 1, 1)
