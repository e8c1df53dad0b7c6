"""Many at once, on connections of their own."""

from typing import Any
from uuid import uuid4

import pytest

from billing import chart
from billing.errors import ReversalRefused, SoldOut, TooFewTokens
from billing.models import Entitlement, TicketOffer, TokenSpend
from billing.services.spend_reversals import spend_reverse
from billing.services.tickets import ticket_buy
from core.db.context import acting
from core.db.roles import Role
from tests.accounts.test_races import at_once, refusals
from tests.billing.factories_wallets import assert_proven, balance, bought, granted, left, performer, tip
from tests.billing.tickets import offered

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 32


def test_exactly_the_tips_that_a_wallet_affords() -> None:
    to, viewer = performer(), bought(100, bonus=11, cost=1_000)
    outcomes = at_once(*(lambda: tip(viewer, to, 10) for _ in range(AT_ONCE)))
    assert refusals(outcomes) == [TooFewTokens] * (AT_ONCE - 11)
    assert TokenSpend.objects.count() == 11
    assert sum(tokens for _, tokens, _ in left(viewer)) == 1
    assert balance(chart.earnings(to.pk)) == 77
    assert_proven()


def test_one_key_at_once_is_one_tip() -> None:
    to, viewer = performer(), granted(100)
    outcomes = at_once(*(lambda: tip(viewer, to, 10, "once") for _ in range(8)))
    assert refusals(outcomes) == []
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert_proven()


def test_viewers_of_one_performer_do_not_wait_for_one_another() -> None:
    to = performer()
    viewers = [granted(50) for _ in range(8)]
    outcomes = at_once(*(lambda viewer=viewer: tip(viewer, to, 50) for viewer in viewers))
    assert refusals(outcomes) == []
    assert balance(chart.earnings(to.pk)) == 8 * 35
    assert_proven()


def test_no_more_tickets_are_sold_than_there_are() -> None:
    offer = offered(capacity=3, tokens=10)
    viewers = [granted(10) for _ in range(20)]

    def buy(viewer: Any) -> TokenSpend:
        with acting(Role.VIEWER, user_id=viewer.pk):
            return ticket_buy(
                offer_id=offer.pk, viewer_id=viewer.pk, idempotency_key=str(uuid4()), actor=viewer
            )

    outcomes = at_once(*(lambda viewer=viewer: buy(viewer) for viewer in viewers))
    assert refusals(outcomes) == [SoldOut] * 17
    assert TicketOffer.objects.get().sold == 3
    assert Entitlement.objects.count() == 3
    assert_proven()


def test_a_spend_is_taken_back_once() -> None:
    to, viewer = performer(), granted(10)
    spend = tip(viewer, to, 10)
    outcomes = at_once(
        *(lambda: spend_reverse(spend_id=spend.pk, actor=None, reason="a mistake") for _ in range(4))
    )
    assert refusals(outcomes) == [ReversalRefused] * 3
    assert left(viewer) == [("promotional", 10, 0)]
    assert_proven()
